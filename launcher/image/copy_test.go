package image_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/test/oci"
)

func blobOf(l image.Layout, d digest.Digest) string {
	return filepath.Join(string(l), "blobs", string(d.Algorithm()), d.Encoded())
}

// manifestOf is the manifest of an image, as it lies in its layout.
func manifestOf(t *testing.T, l image.Layout, img *image.Image) (m ocispec.Manifest) {
	t.Helper()
	data, err := os.ReadFile(blobOf(l, img.Manifest.Digest))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// A copy is the same image and nothing else; what is exchanged in the layout afterwards is not in it.
func TestCopy(t *testing.T) {
	for _, zip := range []bool{false, true} {
		from := write(t, oci.Image{Base: []oci.Entry{passwd}, Over: [][]oci.Entry{{passwd}, {{Name: "usr/bin/su", Mode: 0o4755}}}, Zip: zip})
		img, dir := open(t, from), t.TempDir()
		stray := filepath.Join(string(from), "blobs", "sha256", strings.Repeat("0", 64))
		if err := os.WriteFile(stray, []byte("stray"), 0o600); err != nil {
			t.Fatal(err)
		}
		own, err := img.Copy(context.Background(), dir, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if own.Manifest.Digest != img.Manifest.Digest || own.Config != img.Config {
			t.Errorf("%s, and the copy %s", img.Manifest.Digest, own.Manifest.Digest)
		}
		if _, err := os.Stat(blobOf(image.Layout(dir), digest.NewDigestFromEncoded(digest.SHA256, strings.Repeat("0", 64)))); err == nil {
			t.Error("a blob of no image is copied")
		}
		exchange(t, from, manifestOf(t, from, img).Layers[2].Digest)
		files, err := own.Walk(context.Background(), nil)
		if err != nil || paths(files.Setuid) != "/usr/bin/su" {
			t.Errorf("%v: %+v", err, files)
		}
	}
}

// exchange has other bytes, as many, under the name of a blob.
func exchange(t *testing.T, l image.Layout, d digest.Digest) {
	t.Helper()
	data, err := os.ReadFile(blobOf(l, d))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(blobOf(l, d), bytes.Repeat([]byte{0}, len(data)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What is not what its digests say is not copied.
func TestCopyRefuses(t *testing.T) {
	for _, c := range []struct {
		name, says string
		room       int64
		spoil      func(t *testing.T, l image.Layout, m ocispec.Manifest)
	}{
		{"room", "larger than the room for it", 100, func(*testing.T, image.Layout, ocispec.Manifest) {}},
		{"layer", "it is not what its size and digest say", 1 << 20, func(t *testing.T, l image.Layout, m ocispec.Manifest) { exchange(t, l, m.Layers[0].Digest) }},
		{"longer layer", "it is not what its size and digest say", 1 << 20, func(t *testing.T, l image.Layout, m ocispec.Manifest) {
			if err := os.Truncate(blobOf(l, m.Layers[0].Digest), m.Layers[0].Size+1); err != nil {
				t.Fatal(err)
			}
		}},
		{"no layer", "no such file", 1 << 20, func(t *testing.T, l image.Layout, m ocispec.Manifest) {
			if err := os.Remove(blobOf(l, m.Layers[0].Digest)); err != nil {
				t.Fatal(err)
			}
		}},
		{"content", "its content is not what the configuration says", 1 << 20, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := write(t, oci.Image{Base: []oci.Entry{passwd}})
			if c.spoil == nil {
				lies(t, from)
			} else {
				c.spoil(t, from, manifestOf(t, from, open(t, from)))
			}
			if _, err := open(t, from).Copy(context.Background(), t.TempDir(), c.room); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

// lies has the configuration of an image name another content, and all else agree with that.
func lies(t *testing.T, l image.Layout) {
	t.Helper()
	img := open(t, l)
	m := manifestOf(t, l, img)
	config, err := os.ReadFile(blobOf(l, m.Config.Digest))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range img.Said.RootFS.DiffIDs {
		config = bytes.ReplaceAll(config, []byte(d), []byte(digest.FromString("another")))
	}
	m.Config.Digest = put(t, l, config)
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{{MediaType: ocispec.MediaTypeImageManifest, Digest: put(t, l, data), Size: int64(len(data))}}}
	if data, err = json.Marshal(index); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(string(l), "index.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// put adds a blob.
func put(t *testing.T, l image.Layout, data []byte) digest.Digest {
	t.Helper()
	d := digest.FromBytes(data)
	if err := os.WriteFile(blobOf(l, d), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}
