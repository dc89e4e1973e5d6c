package image_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/test/oci"
)

// called names the images of a layout, which are all the same one.
func called(t *testing.T, l image.Layout, names ...string) {
	t.Helper()
	file := filepath.Join(string(l), ocispec.ImageIndexFile)
	var index ocispec.Index
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &index)
	}
	if err != nil {
		t.Fatal(err)
	}
	one := index.Manifests[0]
	index.Manifests = nil
	for _, name := range names {
		one.Annotations = map[string]string{ocispec.AnnotationRefName: name}
		index.Manifests = append(index.Manifests, one)
	}
	if text, err = json.Marshal(index); err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A name that no image of a layout has is told with those that there are.
func TestNoSuchName(t *testing.T) {
	l := write(t, oci.Image{})
	ask := func(ref string) error { _, err := l.Open(context.Background(), ref, ""); return err }
	if err := ask("1.2"); err == nil || !strings.Contains(err.Error(), `none is called "1.2", they have no names`) || hint.Of(err) != "zlaunch inspect "+string(l) {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
	called(t, l, "server-1.3", "other\x1b[2J")
	if err := ask("server-1.2"); err == nil || !strings.Contains(err.Error(), `none is called "server-1.2", but ["other\x1b[2J" "server-1.3"]`) || hint.Of(err) != "zlaunch inspect "+string(l)+":server-1.3" {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
	if err := ask("other\x1b[2K"); err == nil || hint.Of(err) != "zlaunch inspect DIR:NAME" {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
	if err := ask("server-1.3"); err != nil {
		t.Error(err)
	}
	called(t, l, strings.Fields("a b c d e f g h i j k l")...)
	if err := ask("zz"); err == nil || !strings.Contains(err.Error(), `"j"] and 2 more`) {
		t.Error(err)
	}
}
