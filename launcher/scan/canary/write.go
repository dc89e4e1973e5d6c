package canary

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// file is one of an image.
type file struct{ name, text string }

// files are all that is in the image: how a scanner tells the distribution, what dpkg has
// installed, and what pip has.
var files = []file{
	{"etc/debian_version", "12.0\n"},
	{"etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n"},
	{"var/lib/dpkg/status", "Package: openssl\nStatus: install ok installed\nPriority: optional\nSection: utils\nInstalled-Size: 2290\n" +
		"Maintainer: Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>\nArchitecture: amd64\nMulti-Arch: foreign\nVersion: 3.0.9-1\nDescription: Secure Sockets Layer toolkit\n"},
	{"usr/local/lib/python3.9/site-packages/setuptools-58.1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: setuptools\nVersion: 58.1.0\nLicense: UNKNOWN\n"},
	{"usr/local/lib/python3.9/site-packages/setuptools-58.1.0.dist-info/RECORD", "setuptools-58.1.0.dist-info/METADATA,,\n"},
}

// Write makes the canary in an empty directory, as an OCI image layout for a GOARCH. The
// same architecture has the same bytes.
func Write(dir, arch string) (scan.Image, error) { return write(dir, arch, files) }

func write(dir, arch string, files []file) (scan.Image, error) {
	w := &writer{dir: dir}
	w.err = os.MkdirAll(filepath.Join(dir, ocispec.ImageBlobsDir, "sha256"), 0o700)
	layer := w.blob(ocispec.MediaTypeImageLayer, archive(files))
	said := ocispec.Image{Platform: ocispec.Platform{Architecture: arch, OS: "linux"}}
	said.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{layer.Digest}}
	config := w.json(ocispec.MediaTypeImageConfig, said)
	version := specs.Versioned{SchemaVersion: 2}
	manifest := w.json(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: version, MediaType: ocispec.MediaTypeImageManifest, Config: config, Layers: []ocispec.Descriptor{layer}})
	w.file(ocispec.ImageIndexFile, ocispec.Index{Versioned: version, Manifests: []ocispec.Descriptor{manifest}})
	w.file(ocispec.ImageLayoutFile, ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if w.err != nil {
		return scan.Image{}, fmt.Errorf("making the known-bad image: %w", w.err)
	}
	return scan.Image{Config: config.Digest.String(), Manifests: []string{manifest.Digest.String()}}, nil
}

// writer writes the files of a layout, up to the first error.
type writer struct {
	dir string
	err error
}

func (w *writer) put(name string, data []byte) {
	if w.err == nil {
		w.err = os.WriteFile(filepath.Join(w.dir, name), data, 0o600)
	}
}

func (w *writer) blob(kind string, data []byte) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: kind, Digest: digest.FromBytes(data), Size: int64(len(data))}
	w.put(filepath.Join(ocispec.ImageBlobsDir, "sha256", d.Digest.Encoded()), data)
	return d
}

func (w *writer) json(kind string, v any) ocispec.Descriptor {
	data, err := json.Marshal(v)
	w.err = errors.Join(w.err, err)
	return w.blob(kind, data)
}

func (w *writer) file(name string, v any) {
	data, err := json.Marshal(v)
	w.err = errors.Join(w.err, err)
	w.put(name, data)
}

// archive is the only layer.
func archive(files []file) []byte {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	for _, f := range files { // a buffer takes everything
		_ = t.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.text)), Format: tar.FormatUSTAR})
		_, _ = t.Write([]byte(f.text))
	}
	_ = t.Close()
	return b.Bytes()
}
