package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// judgePrivileged asks the container, and everything that runs in it.
func judgePrivileged(k *Case) {
	claims(container.Privileged, false, "privileged must be false")(k)
	for _, session := range peek(k, container.ExecPrivileged) {
		if strings.HasSuffix(session, " privileged") {
			k.Fail(at(container.ExecPrivileged), "no session in it must be privileged, there is %s", session)
		}
	}
}

// part is one wall that --privileged takes down.
type part struct {
	name        string
	down, known bool
}

// judgeByParts counts the walls that are down; three of them are --privileged by
// another name (controls reference, ZL-202).
func judgeByParts(k *Case) {
	if peek(k, container.Privileged) {
		k.NA("privileged says it in one word, which ZL-201 judges")
		return
	}
	var down, open []string
	for _, p := range []part{allCaps(k), noFilter(k), noLabel(k), procBare(k), hostPid(k)} {
		if p.down {
			down = append(down, p.name)
		} else if !p.known {
			open = append(open, p.name)
		}
	}
	switch {
	case len(down) >= 3:
		k.Fail(container.Path{}, "these must not come together, they are --privileged by parts: %s", strings.Join(down, ", "))
	case len(down)+len(open) >= 3:
		k.Open(container.Path{}, "whether these hold is not known: %s", strings.Join(open, ", "))
	}
}

// mostCaps is more than an engine grants by default with any sensible addition,
// of the 41 that kernels know.
const mostCaps = 25

func allCaps(k *Case) part {
	caps, known := bounding(k)
	return part{"all capabilities", slices.Contains(caps, "all") || len(caps) >= mostCaps, known}
}

func noFilter(k *Case) part {
	profile, _, said := container.SeccompProfile.Get(k.Spec)
	filter, _, known := container.SeccompFilter.Get(k.Spec)
	weak := slices.ContainsFunc(peek(k, container.WeakFilter), func(w string) bool { return strings.HasPrefix(w, "default ") })
	return part{"no seccomp filter", known && filter == "none" || !known && profile == "unconfined" || weak, known || said}
}

func noLabel(k *Case) part {
	label, _, known := container.ProcessLabel.Get(k.Spec)
	if on := peek(k, container.SELinux); known && on != "off" && on != "" {
		return part{"no SELinux label", label == "", true}
	}
	_, _, said := container.SecurityLabel.Get(k.Spec)
	off := labelOption(k, "disable") || peek(k, container.Pid) == "host" || peek(k, container.Ipc) == "host"
	return part{"no SELinux label", off, said || known}
}

func procBare(k *Case) part {
	unmask, _, known := container.Unmask.Get(k.Spec)
	bare := slices.ContainsFunc(unmask, func(u string) bool {
		return strings.EqualFold(u, "all") || strings.HasPrefix(u, "/proc")
	})
	return part{"/proc unmasked", bare, known}
}

func hostPid(k *Case) part {
	pid, _, known := container.Pid.Get(k.Spec)
	return part{"the host's processes", pid == "host", known}
}

// judgeSeccomp asks for a filter in force.
func judgeSeccomp(k *Case) {
	profile, _, said := container.SeccompProfile.Get(k.Spec)
	filter, fm, known := container.SeccompFilter.Get(k.Spec)
	switch {
	case !said && !known:
		k.Open(at(container.SeccompFilter), "whether a seccomp filter is in force is not known")
	case known && filter == "none" && fm.Evidence > container.Created:
		k.Fail(at(container.SeccompFilter), "a seccomp filter must be in force, the process has none")
	case profile == "unconfined" && (!known || filter == "none"):
		k.Fail(at(container.SeccompProfile), "seccomp_profile must not be unconfined")
	case known && filter == "none" && peek(k, container.Privileged):
		k.Fail(at(container.Privileged), "privileged must be false: it switches the seccomp filter off")
	case known && filter == "none":
		k.Fail(at(container.SeccompFilter), "a seccomp filter must be in force")
	default:
		if weak := peek(k, container.WeakFilter); len(weak) > 0 {
			k.Fail(at(container.SeccompProfile), "the seccomp filter must not let through what no default does: %s", few(weak))
		}
	}
}

// packagedFilters are the words and files of the engine's own default.
var packagedFilters = []string{"", "default", "builtin", "inference", "/usr/share/containers/seccomp.json"}

func judgeKnownFilter(k *Case) {
	if peek(k, container.SeccompPolicy) == "image" {
		k.Fail(at(container.SeccompPolicy), "--seccomp-policy must be default: with image the image chooses its own filter")
	}
	profile, _, said := container.SeccompProfile.Get(k.Spec)
	filterKnown, _, known := container.FilterKnown.Get(k.Spec)
	filter := peek(k, container.SeccompFilter)
	switch {
	case profile == "unconfined" || filter == "none":
		k.NA("there is no filter, which ZL-208 judges")
	case known && !filterKnown:
		k.Fail(at(container.SeccompProfile), "seccomp_profile must be the engine's default or one of zlaunch's own")
	case known || said && slices.Contains(packagedFilters, profile):
	case said:
		k.Open(at(container.SeccompProfile), "what %s lets through is not known", profile)
	default:
		k.Open(at(container.SeccompFilter), "which filter is in force is not known")
	}
}

func judgeStrictFilter(k *Case) {
	profile, ok := read(k, container.SeccompProfile)
	if !ok || profile == "inference" {
		return
	}
	if own := peek(k, container.FilterKnown); own && strings.HasPrefix(path.Base(profile), "inference-") {
		return
	}
	k.Fail(at(container.SeccompProfile), "seccomp_profile should be inference: another one lets the workload make user namespaces")
}

// judgeMasks judges what is left of the masks, and all that takes them away.
func judgeMasks(k *Case) {
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
		k.Fail(at(container.MissingMasks), "the engine's own masks must be kept, these are missing: %s", few(missing))
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

func withMasks(s *container.Spec, p container.Path) {
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

func defaultSeccomp(s *container.Spec, p container.Path) {
	if p.Key == container.SeccompPolicy.Key() {
		container.SeccompPolicy.Clear(s)
		return
	}
	container.SeccompProfile.Set(s, "", mended)
}

func judgeExec(k *Case) {
	v, _, known := container.ExecPrivileged.Get(k.Spec)
	switch {
	case len(v) > 0:
		k.FailAs(High, at(container.ExecPrivileged), "no exec session must be root or privileged, there is %s", few(v))
	case !known && peek(k, container.Subject) != "container" && peek(k, container.Subject) != "record":
		k.NA("nothing runs yet")
	case !known:
		k.Open(at(container.ExecPrivileged), "which exec sessions there are is not known")
	}
}

// safeSysctls are those of the Pod Security Standards, baseline, of Kubernetes
// 1.32.
var safeSysctls = []string{"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem"}

func judgeSysctls(k *Case) {
	each(k, container.Sysctl, func(p container.Path, name, _ string, _ container.Mark) {
		if !slices.Contains(safeSysctls, strings.ReplaceAll(name, "/", ".")) {
			k.Fail(p, "sysctl %s must be left away: it is not among the safe ones", name)
		}
	})
}
