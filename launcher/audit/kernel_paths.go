package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of /proc and /sys: masked paths, and kernel parameters.

var masksKept = &Control{
	ID: "ZL-211", Name: "masks-kept", Title: "Masked and read-only kernel paths are kept", Severity: High,
	Why:    "/proc/kcore, /proc/keys, /sys/firmware and their like leak host state",
	Fix:    "leave --security-opt=unmask=, systempaths=unconfined and label=nested away",
	Breaks: "Podman inside the container; tools that read thermal or performance counters",
	Refs:   []string{"PSS baseline", "KSV-0027", "kubesec ProcMount", "NIST 3.5.5", "CWE-200", "IBM L104-106"},
	Reads:  []container.Row{container.Unmask, container.Mask, container.MissingMasks, container.ProcOpts},
	Judge:  judgeMasksKept,
	Mend:   mendMasksKept,
}

// judgeMasksKept judges what is left of the masks, and all that takes them away.
func judgeMasksKept(k *Case) {
	if peek(k, container.Privileged) {
		k.Fail(at(container.Privileged), "privileged must be false: it takes all masks away")
	}
	if labelOption(k, "nested") {
		k.Fail(at(container.SecurityLabel), "label=nested must be left away: it unmasks /sys/fs/selinux")
	}
	if v := peek(k, container.ProcOpts); !tightProc(v) {
		k.Fail(at(container.ProcOpts), "proc-opts must only tighten /proc, as hidepid=2 does, it is %q", v)
	}
	unmask, _, known := container.Unmask.Get(k.Spec)
	unmask = slices.DeleteFunc(slices.Clone(unmask), func(u string) bool { return u == "" }) // "unmask=" uncovers nothing
	missing, _, seen := container.MissingMasks.Get(k.Spec)
	switch {
	case len(unmask) > 0:
		k.Fail(at(container.Unmask), "unmask must be empty, it holds %s", strings.Join(unmask, ", "))
	case len(missing) > 0:
		k.Fail(at(container.MissingMasks), "the engine's own masks must be kept, these are missing: %s", firstFew(missing))
	case !known && !seen:
		k.Open(at(container.Unmask), "which kernel paths are masked is not known")
	}
}

// tightProc tells whether the options of /proc take nothing away.
func tightProc(opts string) bool {
	for _, o := range strings.Split(opts, ",") {
		name, _, _ := strings.Cut(o, "=")
		if !slices.Contains([]string{"", "hidepid", "subset", "ro", "nosuid", "nodev", "noexec"}, name) {
			return false
		}
	}
	return true
}

func mendMasksKept(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.Privileged.Key():
		container.Privileged.Set(s, false, mended)
	case container.SecurityLabel.Key():
		withoutLabel(s, "nested")
	case container.ProcOpts.Key():
		container.ProcOpts.Clear(s)
	default:
		container.Unmask.Clear(s)
	}
}

var safeSysctls = &Control{
	ID: "ZL-213", Name: "safe-sysctls", Title: "Only safe sysctls", Severity: Low,
	Why:    "some kernel parameters weaken the container's own stack, and with a shared namespace they are the host's",
	Fix:    "leave --sysctl of it away",
	Breaks: "net.ipv4.ip_unprivileged_port_start is on the safe list",
	Refs:   []string{"PSS baseline", "KSV-0026", "CWE-15"},
	Reads:  []container.Row{container.Sysctl},
	Judge:  judgeSafeSysctls,
	Mend:   func(s *container.Spec, p container.Path) { container.Sysctl.Delete(s, p.Elem) },
}

func judgeSafeSysctls(k *Case) {
	each(k, container.Sysctl, func(p container.Path, name, _ string, _ container.Mark) {
		if !slices.Contains(safeSysctlNames, strings.ReplaceAll(name, "/", ".")) {
			k.Fail(p, "sysctl %s must be left away: it is not among the safe ones", name)
		}
	})
}

// safeSysctlNames are those of the Pod Security Standards, baseline, of Kubernetes
// 1.32.
var safeSysctlNames = []string{"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem"}
