package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of AppArmor, and of whether any mandatory access control confines the container.

var AppArmorKept = &Control{
	ID: "ZL-407", Name: "apparmor-kept", Title: "An AppArmor profile is attached (as root only)", Severity: High,
	Why:    "AppArmor is the same wall on the distributions that have it",
	Fix:    "leave --security-opt=apparmor=unconfined and --privileged away",
	Breaks: "rootless Podman applies no profile and refuses a named one: nothing to do there, see ZL-408",
	Refs:   []string{"OWASP #6", "CIS 5.2", "PSS baseline", "KSV-0002", "kubesec ApparmorUnconfined", "NSA AppArmor", "CWE-693", "IBM L94-98"},
	Reads:  []container.Row{container.Apparmor},
	Judge:  judgeAppArmorKept,
	Mend:   mendAppArmorKept,
}

// judgeAppArmorKept applies to engines of root: rootless Podman cannot load profiles
// (common/pkg/apparmor, 4.3 to 5.8).
func judgeAppArmorKept(k *Case) {
	rootless := peek(k, container.Rootless)
	host, _, hostKnown := container.AppArmorHost.Get(k.Spec)
	profile, m, known := container.Apparmor.Get(k.Spec)
	switch {
	case rootless:
		k.NA("rootless Podman applies no AppArmor profile; ZL-408 says what confines instead")
	case hostKnown && !host:
		k.NA("the host has no AppArmor")
	case profile == "unconfined":
		k.Fail(at(container.Apparmor), "apparmor_profile must not be unconfined")
	case peek(k, container.Privileged):
		k.Fail(at(container.Privileged), "privileged must be false: it takes the AppArmor profile away")
	case !known:
		k.Open(at(container.Apparmor), "which AppArmor profile the process has is not known")
	case profile == "" && m.Evidence > container.Created && hostKnown:
		k.Fail(at(container.Apparmor), "the process must have an AppArmor profile, it has none")
	case profile == "" && m.Evidence > container.Created:
		k.Open(at(container.Apparmor), "whether the host has AppArmor is not known")
	}
}

func mendAppArmorKept(s *container.Spec, p container.Path) {
	if p.Key == container.Privileged.Key() {
		container.Privileged.Set(s, false, mended)
		return
	}
	container.Apparmor.Clear(s)
}

var SomeMAC = &Control{
	ID: "ZL-408", Name: "some-mac", Title: "Some mandatory access control confines the container", Severity: High,
	Why:    "IBM asks for rootless and for SELinux or AppArmor; where neither confines the container, user ids and the kernel's filters stand alone",
	Fix:    "run where SELinux enforces; elsewhere waive this once for the host, and keep seccomp_profile = \"inference\", read_only, cap_drop all and a network without egress",
	Breaks: "rootless Podman on an AppArmor host cannot meet it today, nor can zCX",
	Refs:   []string{"OWASP #6", "CIS 5.2", "CIS 5.3", "NIST 4.4.3", "CWE-693", "IBM L94-98", "IBM L131-138"},
	Reads:  []container.Row{container.ProcessLabel, container.SELinux},
	OfHost: true,
	Judge:  judgeSomeMAC,
}

// judgeSomeMAC tells the gap that no option closes. Where all walls a container
// can have of its own stand, it weighs less: it then needs a second fault.
func judgeSomeMAC(k *Case) {
	selinux, ok := hostSELinux(k)
	if !ok {
		return
	}
	label, _, labelKnown := container.ProcessLabel.Get(k.Spec)
	switch {
	case selinux == "permissive":
		k.NA("SELinux is permissive, which ZL-406 judges")
	case selinux == "enforcing" && !labelKnown:
		k.Open(at(container.ProcessLabel), "whether the process has an SELinux label is not known")
	case selinux == "enforcing" && label != "":
	case confinedByAppArmor(k):
	default:
		severity, how := High, "; cap_drop all, no_new_privileges, seccomp and read_only would compensate in part"
		if compensated(k) {
			severity, how = Medium, "; capabilities, no_new_privileges, seccomp and a read-only root compensate in part"
		}
		k.FailAs(severity, container.Path{}, "SELinux or AppArmor must confine the container, and neither does%s%s", because(k), how)
	}
}

func confinedByAppArmor(k *Case) bool {
	profile, m, known := container.Apparmor.Get(k.Spec)
	rootless, _, who := container.Rootless.Get(k.Spec)
	if !who || rootless || !peek(k, container.AppArmorHost) || peek(k, container.Privileged) || !known || profile == "unconfined" {
		return false
	}
	return profile != "" || m.Evidence <= container.Created
}

// compensated tells whether the walls stand that need no mandatory access control.
func compensated(k *Case) bool {
	caps, known := boundingSet(k)
	filter, _, filtered := container.SeccompFilter.Get(k.Spec)
	profile := peek(k, container.SeccompProfile)
	return known && len(caps) == 0 && peek(k, container.NoNewPrivileges) && peek(k, container.ReadOnly) &&
		profile != "unconfined" && !(filtered && filter == "none") && peek(k, container.Pid) != "host"
}

func because(k *Case) string {
	switch {
	case peek(k, container.SELinux) == "enforcing":
		return ": its label is off"
	case peek(k, container.AppArmorHost) && peek(k, container.Rootless):
		return ": AppArmor does not reach rootless containers"
	}
	return ": the host has neither"
}
