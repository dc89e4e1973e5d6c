package canary_test

import (
	"context"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/scan/canary"
)

// A probe is an image of the release, with a database of packages of its kind.
func TestProbe(t *testing.T) {
	for _, kind := range []string{"apk", "deb", "rpm"} {
		dir := t.TempDir()
		made, err := canary.Probe(dir, "s390x", kind, map[string][]byte{"etc/os-release": []byte("ID=x\n")})
		if err != nil {
			t.Fatal(err)
		}
		img, err := image.Layout(dir).Open(context.Background(), "", "s390x")
		if err != nil {
			t.Fatal(err)
		}
		kept, err := img.Kept(context.Background())
		if err != nil || len(kept.Kinds) != 1 || kept.Kinds[0] != kind || string(kept.Files["etc/os-release"]) != "ID=x\n" || made.Config != img.Config.String() {
			t.Errorf("%s: %+v, %v, %v", kind, kept, made, err)
		}
	}
	if _, err := canary.Probe(t.TempDir(), "s390x", "alpm", nil); err == nil {
		t.Error("a list of pacman's was written")
	}
}
