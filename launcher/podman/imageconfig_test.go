package podman

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

// The configuration of an image is found in archives of both kinds, and is what its id says.
func TestBlobIn(t *testing.T) {
	const config = `{"config":{"OnBuild":["RUN id"]}}`
	id := fmt.Sprintf("%x", sha256.Sum256([]byte(config)))
	for name, want := range map[string]string{
		id + ".json":                     "",
		"blobs/sha256/" + id:             "",
		"blobs/sha256/" + id[1:]:         "has no such file",
		id + ".json\x00forged":           "not what its id says",
		"blobs/sha256/" + id + "\x00big": "more than",
	} {
		name, kind, _ := strings.Cut(name, "\x00")
		content := map[string]string{"": config, "forged": config + " ", "big": strings.Repeat(" ", maxConfig+1)}[kind]
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, e := range [][2]string{{"layer.tar", "x"}, {name, content}} {
			if err := w.WriteHeader(&tar.Header{Name: e[0], Size: int64(len(e[1])), Mode: 0o600, Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(e[1])); err != nil {
				t.Fatal(err)
			}
		}
		got, err := blobIn(tar.NewReader(&b), id)
		if want == "" && string(got) != config || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %.60q, %v", name, got, err)
		}
	}
}

// What an engine gives is no archive at all, or ends early: an error, and no panic.
func FuzzBlobIn(f *testing.F) {
	f.Add([]byte("x"), strings.Repeat("a", 64))
	f.Fuzz(func(t *testing.T, data []byte, id string) {
		got, err := blobIn(tar.NewReader(bytes.NewReader(data)), id)
		if err == nil && fmt.Sprintf("%x", sha256.Sum256(got)) != id {
			t.Errorf("%q is not %q", got, id)
		}
	})
}
