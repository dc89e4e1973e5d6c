package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of --privileged, by its name, by parts and by exec, and of rights gained later.

var notPrivileged = &Control{
	ID: "ZL-201", Name: "not-privileged", Title: "Not privileged", Severity: Critical,
	Why:    "one word adds all capabilities and devices and switches seccomp, SELinux, AppArmor and the masks off",
	Fix:    "leave --privileged away; a unit hides it in PodmanArgs=",
	Breaks: "nothing in IBM's images needs it; rootless it is bounded by your own user, and still takes every inner wall down",
	Refs: []string{"OWASP #3", "CIS 5.5", "PSS baseline", "KSV-0017", "CKV_K8S_16", "kubesec Privileged",
		"kube-score container-security-context-privileged", "NIST 3.4.3", "NSA privileged containers", "CWE-250", "IBM L146-148"},
	Reads: []container.Row{container.Privileged},
	Judge: judgeNotPrivileged,
	Mend:  set(container.Privileged, false),
}

// judgeNotPrivileged asks the container, and everything that runs in it.
func judgeNotPrivileged(k *Case) {
	claims(container.Privileged, false, "privileged must be false")(k)
	for _, session := range peek(k, container.ExecPrivileged) {
		if strings.HasSuffix(session, " privileged") {
			k.Fail(at(container.ExecPrivileged), "no session in it must be privileged, there is %s", session)
		}
	}
}

var notPrivilegedByParts = &Control{
	ID: "ZL-202", Name: "not-privileged-by-parts", Title: "Not privileged by parts", Severity: Critical,
	Why:   "all capabilities, no seccomp, no label and no masks are --privileged without the word",
	Fix:   "take --cap-add=all, seccomp=unconfined, label=disable, unmask=all and --pid=host out, one by one",
	Refs:  []string{"OWASP #3", "OWASP #6", "CIS 5.5", "CWE-250", "IBM L146-148"},
	Reads: []container.Row{container.Privileged},
	Judge: judgeNotPrivilegedByParts,
}

// judgeNotPrivilegedByParts counts the walls that are down; three of them are --privileged by
// another name (ZL-202).
func judgeNotPrivilegedByParts(k *Case) {
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

// part is one wall that --privileged takes down.
type part struct {
	name        string
	down, known bool
}

func allCaps(k *Case) part {
	caps, known := boundingSet(k)
	return part{"all capabilities", slices.Contains(caps, "all") || len(caps) >= mostCaps, known}
}

// mostCaps is more than an engine grants by default with any sensible addition,
// of the 41 that kernels know.
const mostCaps = 25

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

var NoNewPrivileges = &Control{
	ID: "ZL-207", Name: "no-new-privileges", Title: "No new privileges", Severity: High,
	Why:    "setuid binaries and file capabilities cannot raise privilege after start",
	Fix:    "--security-opt=no-new-privileges; in a unit NoNewPrivileges=true under [Container], not [Service]",
	Breaks: "sudo, su and ping in the container: intended",
	Refs: []string{"OWASP #4", "CIS 5.26", "PSS restricted", "KSV-0001", "CKV_K8S_20", "kubesec AllowPrivilegeEscalation",
		"NSA privilege escalation", "CWE-269", "IBM L115-118"},
	Reads: []container.Row{container.NoNewPrivileges},
	Judge: claims(container.NoNewPrivileges, true, "no_new_privileges must be true"),
	Mend:  set(container.NoNewPrivileges, true),
}

var noPrivilegedExec = &Control{
	ID: "ZL-212", Name: "no-privileged-exec", Title: "No privileged or root exec into a running service", Severity: Medium,
	Why:    "podman exec --privileged or -u 0 opens again what the run closed",
	Fix:    "end the session; to look around, start a second container on the same network",
	Breaks: "debugging as root in place",
	Refs:   []string{"CIS 5.23", "CIS 5.24", "KSV-0053", "CWE-250", "IBM L230-240"},
	Reads:  []container.Row{container.ExecPrivileged},
	Judge:  judgeNoPrivilegedExec,
}

func judgeNoPrivilegedExec(k *Case) {
	v, _, known := container.ExecPrivileged.Get(k.Spec)
	switch {
	case len(v) > 0:
		k.FailAs(High, at(container.ExecPrivileged), "no exec session must be root or privileged, there is %s", firstFew(v))
	case !known && peek(k, container.Subject) != "container" && peek(k, container.Subject) != "record":
		k.NA("nothing runs yet")
	case !known:
		k.Open(at(container.ExecPrivileged), "which exec sessions there are is not known")
	}
}
