package model

import "strings"

// containerLabel tells whether every container may read the entry as far as
// SELinux goes: a container type, at a level without categories.
func containerLabel(path string) bool {
	return sharedLabel(string(attribute(path, "security.selinux")))
}

func sharedLabel(label string) bool {
	f := strings.SplitN(strings.TrimRight(label, "\x00"), ":", 4)
	if len(f) != 4 || f[3] != "s0" {
		return false
	}
	return f[2] == "container_file_t" || f[2] == "container_ro_file_t"
}
