package podman

import "testing"

// The layers of an image are as large after a container of other ids as before, for which the engine
// copies them and counts the copy.
func TestLayersSize(t *testing.T) {
	ctx, e := realEngine(t)
	importImage(t, e)
	sized := func() (layers, told int64) {
		img, err := inspectImage(ctx, e.api, realImage)
		if err != nil {
			t.Fatal(err)
		}
		if layers, err = e.Images.LayersSize(ctx, img.ID); err != nil {
			t.Fatal(err)
		}
		return layers, img.Size
	}
	before, told := sized()
	if before <= 0 || before > told {
		t.Errorf("its layers have %d bytes, and the engine tells %d", before, told)
	}
	bare(t, e, []string{"/bin/sh"}, map[string]any{"userns": map[string]string{"nsmode": "keep-id"}, "user": "1000:1000"})
	after, toldAfter := sized()
	if after != before {
		t.Errorf("its layers had %d bytes, and have %d", before, after)
	}
	t.Logf("layers %d and %d, told %d and %d", before, after, told, toldAfter)
	if _, err := e.Images.LayersSize(ctx, "0000000000000000000000000000000000000000000000000000000000000000"); err == nil {
		t.Error("an image that is not there has a size")
	}
}
