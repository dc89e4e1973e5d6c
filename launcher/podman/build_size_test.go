package podman

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/effective"
)

// The layers of an image are as large after a container of other ids as before, for which the engine
// copies them and counts the copy.
func TestLayersSize(t *testing.T) {
	ctx, e := realEngine(t)
	importImage(t, e)
	sized := func() (layers int64, img *effective.Image) {
		img, err := inspectImage(ctx, e.api, realImage)
		if err != nil {
			t.Fatal(err)
		}
		return e.Images.LayersSize(ctx, img), img
	}
	before, img := sized()
	if before <= 0 || before > img.Size {
		t.Errorf("its layers have %d bytes, and the engine tells %d", before, img.Size)
	}
	bare(t, e, []string{"/bin/sh"}, map[string]any{"userns": map[string]string{"nsmode": "keep-id"}, "user": "1000:1000"})
	after, copied := sized()
	if after != before {
		t.Errorf("its layers had %d bytes, and have %d", before, after)
	}
	t.Logf("layers %d and %d, told %d and %d", before, after, img.Size, copied.Size)
	unknown := &effective.Image{ID: strings.Repeat("0", 64), Size: 7}
	if got := e.Images.LayersSize(ctx, unknown); got != unknown.Size {
		t.Errorf("an image whose history nobody tells has %d bytes", got)
	}
}
