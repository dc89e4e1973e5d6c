package observe

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What a plan leaves to the engine is so called where the engine chose it, and nothing
// that somebody else chose is.
func TestEnginesChoice(t *testing.T) {
	id := "1849340455b793250a746453357b70ad5f88f0e52c14f241d155c4d5f90e1b90"
	left := &container.Spec{}
	m := container.Mark{Evidence: container.Planned}
	container.Hostname.Set(left, "", m)
	container.Runtime.Set(left, "", m)
	container.Network.Set(left, []string{"private"}, m)
	for _, c := range []struct {
		in                      *container.Spec
		name, runtime, mode     string
		wantName, wantR, wantNW string
	}{
		{left, id[:12], "runc", "slirp4netns", "", "", "private"},
		{nil, id[:12], "runc", "slirp4netns", id[:12], "runc", "slirp4netns"},
		{left, "other", "/evil", "host", "other", "/evil", "host"},
		{left, id[:12], "kata", "none", "", "kata", "none"},
	} {
		in := &Context{Planned: c.in}
		if got := hostname(c.name, id, in); got != c.wantName {
			t.Errorf("%+v: %q", c, got)
		}
		if got := (&details{OCIRuntime: c.runtime}).runtime(in); got != c.wantR {
			t.Errorf("%+v: %q", c, got)
		}
		i := &inspected{}
		i.HostConfig.NetworkMode = c.mode
		if got := i.networks(in); len(got) != 1 || got[0] != c.wantNW {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
