package host

import "github.com/opencontainers/selinux/go-selinux"

// SELinux is the state of mandatory access control.
type SELinux struct {
	Enabled bool
	Mode    SELinuxMode
}

// SELinuxMode is what the kernel does with a denial.
type SELinuxMode string

// The modes, in getenforce(8)'s words.
const (
	Disabled   SELinuxMode = "disabled"
	Permissive SELinuxMode = "permissive"
	Enforcing  SELinuxMode = "enforcing"
)

// systemSELinux asks GetEnabled first: without SELinux the other calls of the
// library do not fail but answer nonsense.
func systemSELinux() SELinux {
	if !selinux.GetEnabled() {
		return SELinux{Mode: Disabled}
	}
	mode := Permissive
	if selinux.EnforceMode() == selinux.Enforcing {
		mode = Enforcing
	}
	return SELinux{Enabled: true, Mode: mode}
}

// Userns tells whether an ordinary user may make a user namespace.
type Userns struct {
	Blocked string // the sysctl that forbids it, with its value; "" when none does
	// AppArmorRestricted: only programs with a profile that says so may
	// (Ubuntu 24.04); its podman package brings one, a podman elsewhere has none.
	AppArmorRestricted bool
}

func usernsOf(s Source) Userns {
	const sys = "/proc/sys/"
	var u Userns
	if n, ok := s.number(sys + "kernel/unprivileged_userns_clone"); ok && n == 0 {
		u.Blocked = "kernel.unprivileged_userns_clone=0"
	}
	if n, ok := s.number(sys + "user/max_user_namespaces"); ok && n == 0 {
		u.Blocked = "user.max_user_namespaces=0"
	}
	n, ok := s.number(sys + "kernel/apparmor_restrict_unprivileged_userns")
	u.AppArmorRestricted = ok && n == 1
	return u
}
