package seccomp

import (
	"fmt"
	"slices"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// floor lists calls that every default profile from Podman 4.3 to 5.8 denies a
// process without capabilities. It judges a filter where the default profile of
// the host cannot be read.
var floor = []string{
	"acct", "bdflush", "bpf", "chroot", "clock_settime", "delete_module", "finit_module",
	"init_module", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "lookup_dcookie",
	"migrate_pages", "move_pages", "nfsservctl", "open_by_handle_at", "perf_event_open",
	"process_madvise", "query_module", "quotactl", "setdomainname", "sethostname",
	"settimeofday", "stime", "swapoff", "swapon", "sysfs", "uselib", "userfaultfd", "ustat",
	"vhangup", "vm86", "vm86old", "vmsplice",
}

// opens lists the calls of the floor that the default profiles give to whoever holds a
// capability.
var opens = map[string][]string{
	"CAP_BPF":             {"bpf"},
	"CAP_DAC_READ_SEARCH": {"open_by_handle_at"},
	"CAP_PERFMON":         {"perf_event_open"},
	"CAP_SYS_ADMIN":       {"bpf", "lookup_dcookie", "perf_event_open", "quotactl", "setdomainname", "sethostname"},
	"CAP_SYS_CHROOT":      {"chroot"},
	"CAP_SYS_MODULE":      {"delete_module", "finit_module", "init_module", "query_module"},
	"CAP_SYS_PACCT":       {"acct"},
	"CAP_SYS_PTRACE":      {"kcmp", "process_madvise"},
	"CAP_SYS_RAWIO":       {"ioperm", "iopl"},
	"CAP_SYS_TIME":        {"clock_settime", "settimeofday", "stime"},
	"CAP_SYS_TTY_CONFIG":  {"vhangup"},
}

// Floor lists what f allows although a process with these capabilities must not
// have it, sorted; a default action that lets unlisted calls through is listed
// first, as "default SCMP_ACT_ALLOW", and before it the socket of a process of the host
// that is asked, and can answer with a descriptor of its own. Empty means that f is no weaker than any of
// Podman's defaults. A nil f allows everything.
func Floor(f *specs.LinuxSeccomp, caps []string) []string {
	may := map[string]bool{}
	for held := range fullNames(caps) {
		for name, calls := range opens {
			for _, n := range calls {
				may[n] = may[n] || held == name || held == "CAP_ALL"
			}
		}
	}
	return slices.DeleteFunc(below(f), func(n string) bool { return may[n] })
}

// below is the floor for a process without capabilities.
func below(f *specs.LinuxSeccomp) []string {
	if f == nil {
		return append([]string{"default " + string(specs.ActAllow)}, floor...)
	}
	var out []string
	if f.ListenerPath != "" {
		out = append(out, fmt.Sprintf("what %q decides", f.ListenerPath))
	}
	open := lets(f.DefaultAction)
	if open {
		out = append(out, fmt.Sprintf("default %s", f.DefaultAction))
	}
	allowed, denied := named(f)
	for _, n := range floor {
		if allowed[n] || open && !denied[n] {
			out = append(out, n)
		}
	}
	return out
}

// named gives the calls some rule lets through, and those a rule without
// conditions denies.
func named(f *specs.LinuxSeccomp) (allowed, denied map[string]bool) {
	allowed, denied = map[string]bool{}, map[string]bool{}
	for _, s := range f.Syscalls {
		for _, n := range s.Names {
			if lets(s.Action) {
				allowed[n] = true
			} else if len(s.Args) == 0 {
				denied[n] = true
			}
		}
	}
	return allowed, denied
}

// lets tells whether a call goes through under the action. An action not known
// here counts as letting it through.
func lets(a specs.LinuxSeccompAction) bool {
	return !slices.Contains([]specs.LinuxSeccompAction{
		specs.ActKill, specs.ActKillProcess, specs.ActKillThread, specs.ActTrap, specs.ActErrno,
	}, a)
}
