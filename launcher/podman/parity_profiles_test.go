package podman

import (
	"errors"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// profileSubjects are the stated specs of every built-in profile on every
// architecture it names an image for, with what a launch would add: a name, a
// network and the file of the seccomp profile.
func profileSubjects(t *testing.T) []subject {
	t.Helper()
	files, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := profile.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	var out []subject
	for _, name := range catalog.Names() {
		for _, arch := range profile.Archs {
			p, err := catalog.Resolve(name, arch)
			var none *profile.NoImageError
			if errors.As(err, &none) || name == "base" {
				continue
			}
			if err != nil {
				t.Errorf("%s on %s: %v", name, arch, err)
				continue
			}
			out = append(out, subject{name + " on " + arch, launched(p.Stated)})
		}
	}
	return out
}

func launched(stated *container.Spec) *container.Spec {
	s := container.Clone(stated)
	put(s, container.Name, "zlaunch-test")
	if _, _, ok := container.Network.Get(s); !ok {
		put(s, container.Network, []string{"zlaunch-test"})
	}
	if v, _, _ := container.SeccompProfile.Get(s); v == "inference" {
		put(s, container.SeccompProfile, "/run/zl/inference.json")
	}
	return s
}
