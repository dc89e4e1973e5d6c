package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of the namespaces of processes, memory and names.

var privatePID = &Control{
	ID: "ZL-601", Name: "private-pid", Severity: High,
	Title:  "Private PID namespace",
	Why:    "the host's processes of the same user are seen, signalled and read; SELinux goes off as a side effect",
	Fix:    "leave --pid away, or --pid=private",
	Breaks: "debuggers that attach to other processes",
	Refs: []string{"IBM L90", "IBM L104", "CIS 5.16", "PSS baseline", "KSV-0010", "CKV_K8S_17", "kubesec HostPID", "NSA host namespaces",
		"NIST 3.4.3", "CWE-653"},
	Reads: []container.Row{container.Pid},
	Judge: ownNamespace(container.Pid),
	Mend:  set(container.Pid, "private"),
}

// ownNamespace demands a namespace of the container's own.
func ownNamespace(row container.Field[string]) func(*Case) {
	return func(k *Case) {
		if v, ok := read(k, row); ok && v != "private" && v != "" {
			k.Fail(at(row), "%s must be private, not %s", row.Key(), v)
		}
	}
}

var privateIPC = &Control{
	ID: "ZL-602", Name: "private-ipc", Severity: Medium,
	Title:  "Private IPC namespace",
	Why:    "host shared memory can be read and written; shareable lets other containers join",
	Fix:    "--ipc=private, and --shm-size for what needs more shared memory",
	Breaks: "clients of Triton's system shared memory in another container: put both into one pod",
	Refs:   []string{"CIS 5.17", "PSS baseline", "KSV-0008", "CKV_K8S_18", "kubesec HostIPC", "NSA host namespaces", "CWE-653"},
	Reads:  []container.Row{container.Ipc},
	Judge:  judgePrivateIPC,
	Mend:   set(container.Ipc, "private"),
}

// judgePrivateIPC grades the host's own higher: whatever processes of the same user share
// in memory can be read and changed, as with pid. Shareable lets others in, and
// gives nothing of the host away.
func judgePrivateIPC(k *Case) {
	switch v, ok := read(k, container.Ipc); {
	case !ok || v == "private" || v == "none":
	case v == "shareable" || v == "":
		k.FailAs(Low, at(container.Ipc), "ipc must be private: shareable lets other containers join")
	case v == "host":
		k.FailAs(High, at(container.Ipc), "ipc must be private, not host: what the host's processes share in memory can be read and changed")
	default:
		k.Fail(at(container.Ipc), "ipc must be private, not %s", v)
	}
}

var privateUTS = &Control{
	ID: "ZL-603", Name: "private-uts", Severity: Low,
	Title:  "Private UTS namespace",
	Why:    "the host's name is the host's; a capability would change it",
	Fix:    "leave --uts away, or --uts=private",
	Breaks: "programs that ask for the host's name: --hostname",
	Refs:   []string{"CIS 5.21", "NSA host namespaces", "CWE-653"},
	Reads:  []container.Row{container.Uts},
	Judge:  ownNamespace(container.Uts),
	Mend:   set(container.Uts, "private"),
}
