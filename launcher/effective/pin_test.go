package effective_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/effective"
)

func TestPin(t *testing.T) {
	i := &effective.Image{Digest: "sha256:own", RepoDigests: []string{"docker.io/library/x@sha256:own", "r:5000/a@sha256:own", "r:5000/a@sha256:all", "localhost/a@sha256:own"}}
	for ref, want := range map[string]string{
		"r:5000/a:1": "r:5000/a@sha256:all", "r:5000/a": "r:5000/a@sha256:all", "x:2": "docker.io/library/x@sha256:own",
		"r:5000/a:1@sha256:old": "r:5000/a@sha256:old", "localhost/a:1": "", "other/a": "",
	} {
		if got := i.Pin(ref); got != want {
			t.Errorf("%s: %q, not %q", ref, got, want)
		}
	}
}
