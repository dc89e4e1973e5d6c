package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/test/oci"
)

// write makes a layout of an image.
func write(t *testing.T, img oci.Image) image.Layout {
	t.Helper()
	dir := t.TempDir()
	if _, err := oci.Write(dir, img); err != nil {
		t.Fatal(err)
	}
	return image.Layout(dir)
}

func open(t *testing.T, l image.Layout) *image.Image {
	t.Helper()
	img, err := l.Open(context.Background(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func walked(t *testing.T, img oci.Image) *image.Files {
	t.Helper()
	files, err := open(t, write(t, img)).Walk(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func paths(l image.List) string {
	var out []string
	for _, f := range l.Files {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

var passwd = oci.Entry{Name: "etc/passwd", Mode: 0o644, Data: []byte("root:x:0:0::/:/bin/sh\nibm-user:x:1000:1000::/:/bin/sh\n")}

// Each list has what belongs there, and what an upper layer replaced or removed is in none.
func TestWalk(t *testing.T) {
	const suid = 0o4755
	img := oci.Image{
		Config: oci.Config{User: "ibm-user", WorkingDir: "/srv/app/data"},
		Base: []oci.Entry{
			{Name: "etc/"}, passwd, {Name: "usr/bin/"}, {Name: "usr/bin/su", Mode: suid}, {Name: "usr/bin/gone", Mode: suid},
			{Name: "usr/bin/tamed", Mode: suid}, {Name: "usr/old/"}, {Name: "usr/old/su", Mode: suid}, {Name: "usr/dir/"}, {Name: "usr/dir/su", Mode: suid},
			{Name: "usr/lib/mine.so", UID: 1000}, {Name: "etc/open", Mode: 0o666}, {Name: "tmp/", Mode: 0o1777}, {Name: "home/open", Mode: 0o666},
			{Name: "usr/bin/ping", Xattrs: map[string]string{"security.capability": "\x01\x00\x00\x02"}},
			{Name: "dev/mem", Typeflag: tar.TypeChar, Major: 1, Minor: 1}, {Name: "etc/hosts", Typeflag: tar.TypeFifo},
			{Name: "srv/app", Link: "/etc"}, {Name: "../../escape"},
		},
		Over: [][]oci.Entry{{
			{Name: "usr/bin/.wh.gone"}, {Name: "usr/bin/tamed", Mode: 0o755}, {Name: "usr/old/.wh..wh..opq"}, {Name: "usr/dir", Data: []byte("x")},
			{Name: "./usr/bin/new", Mode: 0o2755},
		}},
	}
	for _, zip := range []bool{false, true} {
		img.Zip = zip
		f := walked(t, img)
		for what, c := range map[string]struct{ got, want string }{
			"set-user-ID":  {paths(f.Setuid), "/usr/bin/new /usr/bin/su"},
			"capabilities": {paths(f.Capable), "/usr/bin/ping"},
			"writable":     {paths(f.Writable), "/etc/open /usr/lib/mine.so"},
			"devices":      {paths(f.Devices), "/dev/mem"},
			"odd":          {paths(f.Odd), "../../escape /etc/hosts"},
			"workdir":      {strings.Join(f.Workdir, " "), "/srv/app -> /etc"},
		} {
			if c.got != c.want {
				t.Errorf("%s: %q, want %q", what, c.got, c.want)
			}
		}
		if f.UID != 1000 {
			t.Errorf("uid %d, want 1000", f.UID)
		}
	}
}

// Whatever is not what its digest says is an error, be it never so small.
func TestTampered(t *testing.T) {
	l := write(t, oci.Image{Base: []oci.Entry{passwd}, Zip: true})
	blobs, err := filepath.Glob(filepath.Join(string(l), "blobs", "sha256", "*"))
	if err != nil || len(blobs) != 3 {
		t.Fatal(blobs, err)
	}
	for _, name := range blobs {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for what, changed := range map[string][]byte{
			"a byte more": append(slices.Clone(data), ' '), "a byte less": data[:len(data)-1], "another byte": append(slices.Clone(data[:len(data)-1]), data[len(data)-1]^1),
			"nothing": nil,
		} {
			if err := os.WriteFile(name, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			img, err := l.Open(context.Background(), "", "")
			if err == nil {
				_, err = img.Walk(context.Background(), nil)
			}
			if err == nil {
				t.Errorf("%s in %s: no error", what, filepath.Base(name)[:8])
			}
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A layer whose content is not what the configuration says runs as something else than it
// was built as.
func TestOtherContent(t *testing.T) {
	var layer bytes.Buffer
	if err := tar.NewWriter(&layer).Close(); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		diff, err string
	}{
		"as said":         {digest.FromBytes(layer.Bytes()).String(), ""},
		"another":         {digest.FromString("another").String(), "not what the configuration says"},
		"no digest":       {"../../etc/passwd", "its digest"},
		"none for it":     {"", "names 1 layers, its configuration 0"},
		"of another kind": {"md5:d41d8cd98f00b204e9800998ecf8427e", "its digest"},
	} {
		config := []byte(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["` + c.diff + `"]}}`)
		if c.diff == "" {
			config = []byte(`{}`)
		}
		img, err := raw(t, config, layer.Bytes()).Open(context.Background(), "", "")
		if err == nil {
			_, err = img.Walk(context.Background(), nil)
		}
		if got := fmt.Sprint(err); c.err == "" && err != nil || !strings.Contains(got, c.err) {
			t.Errorf("%s: %v, want %q", what, err, c.err)
		}
	}
}

// raw makes a layout of a configuration and one layer, whatever they are.
func raw(t testing.TB, config, layer []byte) image.Layout {
	t.Helper()
	dir := t.TempDir()
	blob := func(media string, data []byte) ocispec.Descriptor {
		d := ocispec.Descriptor{MediaType: media, Digest: digest.FromBytes(data), Size: int64(len(data))}
		name := filepath.Join(dir, "blobs", "sha256", d.Digest.Encoded())
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, data, 0o600)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	manifest, err := json.Marshal(ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest,
		Config: blob(ocispec.MediaTypeImageConfig, config), Layers: []ocispec.Descriptor{blob(ocispec.MediaTypeImageLayer, layer)}})
	if err != nil {
		t.Fatal(err)
	}
	index, err := json.Marshal(ocispec.Index{Manifests: []ocispec.Descriptor{blob(ocispec.MediaTypeImageManifest, manifest)}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"index.json": index, "oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return image.Layout(dir)
}

// Whatever a layer and a configuration are, reading them ends, and every path that is told
// of stands in the image, but for the odd ones.
func FuzzWalk(f *testing.F) {
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	for _, h := range []tar.Header{{Name: "usr/bin/su", Mode: 0o4755}, {Name: "../x"}, {Name: "etc/.wh..wh..opq"}, {Name: "srv", Typeflag: tar.TypeSymlink, Linkname: "/etc"}} {
		if err := w.WriteHeader(&h); err != nil {
			f.Fatal(err)
		}
	}
	f.Add([]byte(`{"os":"linux","config":{"User":"1000:1000","WorkingDir":"/srv/app","Env":["A","B=c"]},"rootfs":{"diff_ids":["%s"]}}`), layer.Bytes())
	f.Fuzz(func(t *testing.T, config, layer []byte) {
		config = bytes.ReplaceAll(config, []byte("%s"), []byte(digest.FromBytes(layer)))
		img, err := raw(t, config, layer).Open(context.Background(), "", "")
		if err != nil {
			return
		}
		_ = image.Steers(img.Facts(), &img.Said, nil, "4.3.1")
		files, err := img.Walk(context.Background(), nil)
		if err != nil {
			return
		}
		for _, list := range []image.List{files.Setuid, files.Capable, files.Writable, files.Devices} {
			for _, file := range list.Files {
				if !strings.HasPrefix(file.Path, "/") || strings.Contains(file.Path, "/../") {
					t.Errorf("%q is outside of the image", file.Path)
				}
			}
		}
	})
}

// A link or a pipe in the place of a file of the layout is not followed.
func TestLinks(t *testing.T) {
	l := write(t, oci.Image{Base: []oci.Entry{passwd}})
	name := filepath.Join(string(l), "index.json")
	if err := os.Rename(name, name+".real"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", name); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Open(context.Background(), "", ""); err == nil {
		t.Error("a link was followed")
	}
}

// An archive is unpacked as a layout and nothing else.
func TestUnpack(t *testing.T) {
	blob := "blobs/sha256/" + strings.Repeat("a", 64)
	for what, c := range map[string]struct {
		h   tar.Header
		err string
	}{
		"a blob":         {tar.Header{Name: blob, Size: 3}, ""},
		"a directory":    {tar.Header{Name: "blobs/", Typeflag: tar.TypeDir}, ""},
		"out of it":      {tar.Header{Name: "../index.json", Size: 3}, "no file of an OCI image layout"},
		"a link":         {tar.Header{Name: blob, Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, "no file of an OCI image layout"},
		"another file":   {tar.Header{Name: "manifest.json", Size: 3}, "no file of an OCI image layout"},
		"larger than it": {tar.Header{Name: blob, Size: 11}, "larger than the image"},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&c.h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, c.h.Size)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := image.Unpack(context.Background(), &b, t.TempDir(), 10)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %q", what, err, c.err)
		}
	}
}
