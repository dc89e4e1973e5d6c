package host

// stockSeccomp are the profiles an installation or its administrator provides,
// the one Podman prefers first. containers.conf can name another; a run that is
// to have that one states it, and one that is not is stopped by the proof.
var stockSeccomp = []string{"/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json"}

// SeccompFile is the profile a run has that names none; "" is the profile
// compiled into Podman.
func (f *Facts) SeccompFile() string {
	for _, p := range stockSeccomp {
		if f.src.exists(p) {
			return p
		}
	}
	return ""
}

// Seccomp reads the content of [Facts.SeccompFile], nil when there is none.
func (f *Facts) Seccomp() ([]byte, error) {
	path := f.SeccompFile()
	if path == "" {
		return nil, nil
	}
	return f.src.read(path)
}
