package oci_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/zlaunch/zlaunch/test/oci"
)

// Every blob has the name of its content, and the same image the same digest.
func TestWrite(t *testing.T) {
	img := oci.Image{
		Config:      oci.Config{Env: []string{"A"}, Labels: map[string]string{"a": "b\n\x1b[31m"}},
		Annotations: map[string]string{"io.podman.annotations.init": "TRUE"},
		Entries:     []oci.Entry{{Name: "etc/"}, {Name: "etc/passwd", Data: []byte("root:x:0:0::/:")}, {Name: "l", Link: "/etc/passwd"}},
	}
	var digests []string
	for range 2 {
		dir := t.TempDir()
		digest, err := oci.Write(dir, img)
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest)
		blobs, err := filepath.Glob(filepath.Join(dir, "blobs/sha256/*"))
		if err != nil || len(blobs) != 3 {
			t.Fatalf("there are the blobs %q, %v; want a layer, a configuration and a manifest", blobs, err)
		}
		for _, b := range blobs {
			data, err := os.ReadFile(b)
			if sum := sha256.Sum256(data); err != nil || hex.EncodeToString(sum[:]) != filepath.Base(b) {
				t.Errorf("%s is not the digest of its content", b)
			}
		}
	}
	if digests[0] != digests[1] {
		t.Errorf("the same image has the digests %q", digests)
	}
}
