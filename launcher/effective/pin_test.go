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

// An image of this host alone has its name and the digest it has here.
func TestByDigest(t *testing.T) {
	id := "1111111111111111111111111111111111111111111111111111111111111111"
	here := &effective.Image{ID: id, Digest: "sha256:d", RepoDigests: []string{"localhost/web@sha256:d", "quay.io/x/y@sha256:list", "quay.io/x/y@sha256:d"}}
	for ref, want := range map[string]string{
		"localhost/web:1": "localhost/web@sha256:d", "localhost/web": "localhost/web@sha256:d", "localhost:5000/web": "localhost:5000/web@sha256:d",
		"quay.io/x/y:2": "quay.io/x/y@sha256:list", "quay.io/x/y:2@sha256:own": "quay.io/x/y@sha256:own", id: id,
	} {
		if got := here.ByDigest(ref); got != want {
			t.Errorf("%s: %s, want %s", ref, got, want)
		}
	}
	if got := (&effective.Image{ID: id}).ByDigest("localhost/web:1"); got != "localhost/web:1" {
		t.Error(got)
	}
}
