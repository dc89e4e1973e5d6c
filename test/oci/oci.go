// Package oci writes image layouts by hand, so that tests can make images that no
// builder makes: an Env without a value, annotations that an engine obeys, labels
// with line breaks. `podman pull oci:DIR` takes one in.
package oci

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Media types of the OCI image specification, version 1.0.
const (
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// Image is what is written. The zero value is an empty image for this machine.
type Image struct {
	Config      Config            // what a run takes over
	Annotations map[string]string // of the manifest
	Index       map[string]string // annotations of the manifest's entry in index.json
	Arch, OS    string            // "" are this machine's
	Base        []Entry           `json:"-"` // of the only layer, in this order
	Entries     []Entry           // after those; of two with one name the later counts
	Over        [][]Entry         // of layers above that one, the uppermost last
	Zip         bool              // the layers are compressed
	Created     string            // when it says that it was made; "" it does not
}

// Config is the part of an image's configuration that a run takes over, in the
// words of the specification. Healthcheck is Docker's, and OCI images carry it too.
type Config struct {
	User         string              `json:"User,omitempty"`
	ExposedPorts map[string]struct{} `json:"ExposedPorts,omitempty"`
	Env          []string            `json:"Env,omitempty"`
	Entrypoint   []string            `json:"Entrypoint,omitempty"`
	Cmd          []string            `json:"Cmd,omitempty"`
	Volumes      map[string]struct{} `json:"Volumes,omitempty"`
	WorkingDir   string              `json:"WorkingDir,omitempty"`
	Labels       map[string]string   `json:"Labels,omitempty"`
	StopSignal   string              `json:"StopSignal,omitempty"`
	Healthcheck  *Healthcheck        `json:"Healthcheck,omitempty"`
	OnBuild      []string            `json:"OnBuild,omitempty"`
	Shell        []string            `json:"Shell,omitempty"`
}

// Healthcheck is a command that the engine runs again and again. Times are in
// nanoseconds.
type Healthcheck struct {
	Test                           []string
	Interval, Timeout, StartPeriod int64 `json:",omitempty"`
	Retries                        int   `json:",omitempty"`
}

// Entry is one member of the layer. Where Typeflag is 0 it is a directory if Name
// ends in a slash, a link if Link is set, and else a regular file.
type Entry struct {
	Name, Link   string
	Data         []byte
	Mode         int64 // 0 is 0755
	UID, GID     int
	Typeflag     byte
	Major, Minor int64             // of a device
	Xattrs       map[string]string // extended attributes
}

// Write makes the layout in dir and returns the manifest's digest, "sha256:…". The
// same image has the same digest.
func Write(dir string, img Image) (digest string, err error) {
	w := writer{dir: filepath.Join(dir, "blobs", "sha256")}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return "", err
	}
	var blobs []descriptor
	var diffs []string
	for _, entries := range append([][]Entry{slices.Concat(img.Base, img.Entries)}, img.Over...) {
		blob, diff, err := w.layer(entries, img.Zip)
		if err != nil {
			return "", err
		}
		blobs, diffs = append(blobs, blob), append(diffs, diff)
	}
	said := map[string]any{
		"architecture": or(img.Arch, runtime.GOARCH), "os": or(img.OS, "linux"), "config": img.Config,
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffs},
	}
	if img.Created != "" {
		said["created"] = img.Created
	}
	config := w.json(typeConfig, said)
	manifest := w.json(typeManifest, map[string]any{
		"schemaVersion": 2, "mediaType": typeManifest, "config": config, "layers": blobs, "annotations": img.Annotations,
	})
	digest, manifest.Annotations = manifest.Digest, img.Index
	w.file(filepath.Join(dir, "index.json"), map[string]any{"schemaVersion": 2, "manifests": []descriptor{manifest}})
	w.file(filepath.Join(dir, "oci-layout"), map[string]string{"imageLayoutVersion": "1.0.0"})
	return digest, w.err
}

// layer writes a layer and gives the digest of its content too.
func (w *writer) layer(entries []Entry, zip bool) (blob descriptor, diff string, err error) {
	data, err := archive(entries)
	if err != nil {
		return blob, "", err
	}
	sum := sha256.Sum256(data)
	diff = "sha256:" + hex.EncodeToString(sum[:])
	if !zip {
		return w.blob(typeLayer, data), diff, nil
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return blob, "", err
	}
	if err := z.Close(); err != nil {
		return blob, "", err
	}
	return w.blob(typeLayer+"+gzip", b.Bytes()), diff, nil
}

// archive is the tar archive of entries.
func archive(entries []Entry) ([]byte, error) {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	for i, e := range entries {
		if slices.ContainsFunc(entries[i+1:], func(later Entry) bool { return later.Name == e.Name }) {
			continue // engines refuse an archive that has a name twice
		}
		h := &tar.Header{Name: e.Name, Linkname: e.Link, Size: int64(len(e.Data)), Mode: e.Mode, Uid: e.UID, Gid: e.GID,
			Typeflag: e.Typeflag, Devmajor: e.Major, Devminor: e.Minor}
		switch {
		case h.Typeflag == 0 && e.Link != "":
			h.Typeflag = tar.TypeSymlink
		case h.Typeflag == 0 && len(e.Name) > 0 && e.Name[len(e.Name)-1] == '/':
			h.Typeflag = tar.TypeDir
		case h.Typeflag == 0:
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		for name, value := range e.Xattrs {
			if h.PAXRecords == nil {
				h.PAXRecords = map[string]string{}
			}
			h.PAXRecords["SCHILY.xattr."+name] = value
		}
		if err := t.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("writing %q into the layer: %w", e.Name, err)
		}
		if _, err := t.Write(e.Data); err != nil {
			return nil, fmt.Errorf("writing %q into the layer: %w", e.Name, err)
		}
	}
	return b.Bytes(), t.Close()
}

// descriptor names a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// writer writes blobs; the first error stays.
type writer struct {
	dir string
	err error
}

func (w *writer) blob(media string, data []byte) descriptor {
	sum := sha256.Sum256(data)
	name := hex.EncodeToString(sum[:])
	if w.err == nil {
		w.err = os.WriteFile(filepath.Join(w.dir, name), data, 0o644)
	}
	return descriptor{MediaType: media, Digest: "sha256:" + name, Size: len(data)}
}

func (w *writer) json(media string, v any) descriptor {
	data, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	return w.blob(media, data)
}

func (w *writer) file(name string, v any) {
	data, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	if w.err == nil {
		w.err = os.WriteFile(name, data, 0o644)
	}
}

func or(v, instead string) string {
	if v == "" {
		return instead
	}
	return v
}
