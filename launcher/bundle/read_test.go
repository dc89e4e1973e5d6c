package bundle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// shelf is a source that serves what it is told to, true or not.
type shelf struct {
	root  ocispec.Descriptor
	blobs map[digest.Digest]func() io.Reader
	asked int // blobs, the manifest among them
}

func (s *shelf) Resolve(context.Context, string) (ocispec.Descriptor, error) { return s.root, nil }

func (s *shelf) Fetch(_ context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	s.asked++
	if b := s.blobs[d.Digest]; b != nil {
		return io.NopCloser(b()), nil
	}
	return nil, errors.New("not there")
}

func (s *shelf) put(data []byte) ocispec.Descriptor {
	d := blob(TypeProfile, data)
	s.blobs[d.Digest] = func() io.Reader { return bytes.NewReader(data) }
	return d
}

func shelve(a Artifact) *shelf {
	s := &shelf{root: a.Descriptor(), blobs: map[digest.Digest]func() io.Reader{}}
	for _, data := range a.blobs() {
		s.put(data)
	}
	s.put(a.Manifest)
	return s
}

// endless gives bytes for ever, and counts them.
type endless struct{ n *int }

func (e endless) Read(p []byte) (int, error) { *e.n += len(p); return len(p), nil }

func TestRead(t *testing.T) {
	a := packed(t, nil)
	got, err := Read(t.Context(), shelve(a), "1.4.0")
	if err != nil || !bytes.Equal(got.Manifest, a.Manifest) || fmt.Sprint(got.Bundle) != fmt.Sprint(a.Bundle) {
		t.Errorf("%v\n%+v", err, got)
	}
}

// What a stranger may serve, and what is said of it. Each changes a sound manifest.
func TestHostile(t *testing.T) {
	layer := func(m *ocispec.Manifest, change func(*ocispec.Descriptor)) { change(&m.Layers[1]) }
	for name, c := range map[string]struct {
		change func(*ocispec.Manifest)
		says   string
	}{
		"../x":               {func(m *ocispec.Manifest) { layer(m, titled("../x.toml")) }, `".." in its name`},
		"a path":             {func(m *ocispec.Manifest) { layer(m, titled("a/x.toml")) }, "is not named by"},
		"an absolute path":   {func(m *ocispec.Manifest) { layer(m, titled("/etc/zlaunch/policy.toml")) }, "is not named by"},
		"no title":           {func(m *ocispec.Manifest) { layer(m, titled("")) }, `file "" is not named by`},
		"names by case":      {func(m *ocispec.Manifest) { layer(m, titled("A-shell.toml")) }, "differ by case"},
		"a control":          {func(m *ocispec.Manifest) { layer(m, titled("a\n\x1b.toml")) }, `"a\n\x1b.toml"`},
		"a bidi override":    {func(m *ocispec.Manifest) { layer(m, titled("a\u202e.toml")) }, `"a\u202e.toml"`},
		"its own file":       {func(m *ocispec.Manifest) { layer(m, titled("bundle.toml")) }, "description of a bundle"},
		"a name twice":       {func(m *ocispec.Manifest) { layer(m, titled("a-shell.toml")) }, `"a-shell.toml" is in it twice`},
		"10,001 files":       {func(m *ocispec.Manifest) { m.Layers = make([]ocispec.Descriptor, 10_001) }, "bytes by its descriptor, and may have 262144"},
		"257 files":          {func(m *ocispec.Manifest) { m.Layers = make([]ocispec.Descriptor, 257) }, "257 files, more than 256"},
		"no files":           {func(m *ocispec.Manifest) { m.Layers = nil }, "holds no profiles"},
		"a layer of 1 GB":    {func(m *ocispec.Manifest) { m.Layers[0].Size = 1 << 30 }, "has 1073741824 bytes by its descriptor"},
		"a negative size":    {func(m *ocispec.Manifest) { m.Layers[0].Size = -1 }, "has -1 bytes by its descriptor"},
		"9 MB in all":        {func(m *ocispec.Manifest) { m.Layers = nine(m.Layers[0]) }, "more than 8388608 bytes"},
		"sha512":             {func(m *ocispec.Manifest) { m.Layers[0].Digest = digest.SHA512.FromString("") }, "is no sha256 digest"},
		"a digest for paths": {func(m *ocispec.Manifest) { m.Layers[0].Digest = "sha256:../../../etc/passwd" }, "is no sha256 digest"},
		"no digest":          {func(m *ocispec.Manifest) { m.Layers[0].Digest = "" }, "is no sha256 digest"},
		"another layer type": {func(m *ocispec.Manifest) { m.Layers[0].MediaType = "application/x-tar" }, `is "application/x-tar", not`},
		"a foreign layer":    {func(m *ocispec.Manifest) { m.Layers[0].URLs = []string{"http://elsewhere/"} }, "fetched from somewhere else"},
		"another artifact":   {func(m *ocispec.Manifest) { m.ArtifactType = "application/vnd.zlaunch.profiles.v2" }, "not application/vnd.zlaunch.profiles.v1"},
		"an image":           {func(m *ocispec.Manifest) { m.ArtifactType = "" }, `artifact type is "", not`},
		"a configuration":    {func(m *ocispec.Manifest) { m.Config.Digest = digest.FromString("x") }, "not empty"},
		"a subject":          {func(m *ocispec.Manifest) { m.Subject = &m.Config }, "about nothing else"},
		"another schema":     {func(m *ocispec.Manifest) { m.SchemaVersion = 3 }, "schema 3"},
		"an index":           {func(m *ocispec.Manifest) { m.MediaType = ocispec.MediaTypeImageIndex }, "vnd.oci.image.index"},
		"a word of ours":     {func(m *ocispec.Manifest) { m.Annotations[ours+"bundle.policy"] = "off" }, `"io.zlaunch.bundle.policy" is not known`},
		"ours on a layer":    {func(m *ocispec.Manifest) { m.Layers[1].Annotations[ours+"arch"] = "s390x" }, `layer "fraud.toml": annotation "io.zlaunch.arch" is not known`},
		"ours in capitals":   {func(m *ocispec.Manifest) { m.Annotations["io.Zlaunch.bundle.name"] = "x" }, "is not known"},
		"no name":            {func(m *ocispec.Manifest) { delete(m.Annotations, keyName) }, `name "" is not`},
		"a name to escape":   {func(m *ocispec.Manifest) { m.Annotations[keyName] = "\x1b[2Jx" }, `name "\x1b[2Jx" is not`},
		"no version":         {func(m *ocispec.Manifest) { delete(m.Annotations, keyVersion) }, "no version"},
		"a changelog":        {func(m *ocispec.Manifest) { m.Annotations[keyChangelog] = "a\r\x1b]0;x\a" }, "does not print"},
		"a manifest of 1 MB": {func(m *ocispec.Manifest) { m.Annotations["x"] = strings.Repeat("x", 1<<20) }, "bytes by its descriptor, and may have 262144"},
	} {
		t.Run(name, func(t *testing.T) {
			s := shelve(packed(t, nil))
			var m ocispec.Manifest
			if err := json.Unmarshal(packed(t, nil).Manifest, &m); err != nil {
				t.Fatal(err)
			}
			c.change(&m)
			data, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			s.root = s.put(data)
			s.root.MediaType = ocispec.MediaTypeImageManifest
			_, err = Read(t.Context(), s, "latest")
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			if s.asked > 1 {
				t.Errorf("%d blobs were asked for before it was refused", s.asked)
			}
		})
	}
}

func titled(name string) func(*ocispec.Descriptor) {
	return func(d *ocispec.Descriptor) { d.Annotations = map[string]string{ocispec.AnnotationTitle: name} }
}

// nine are layers of nine MB together, none too large.
func nine(l ocispec.Descriptor) (out []ocispec.Descriptor) {
	for range 9 {
		l.Size = MaxFile
		out = append(out, l)
	}
	return out
}

// What is fetched is not what was announced.
func TestLies(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*shelf, digest.Digest)
		says   string
	}{
		"a tampered file":  {func(s *shelf, d digest.Digest) { s.blobs[d] = text(strings.Repeat("x", 27)) }, "is not what its digest says"},
		"a shorter file":   {func(s *shelf, d digest.Digest) { s.blobs[d] = text("x") }, "has 1 bytes, and 27 were announced"},
		"an endless file":  {func(s *shelf, d digest.Digest) { s.blobs[d] = func() io.Reader { return endless{new(int)} } }, "more than the 27 bytes"},
		"no file":          {func(s *shelf, d digest.Digest) { delete(s.blobs, d) }, "not there"},
		"another manifest": {func(s *shelf, _ digest.Digest) { s.blobs[s.root.Digest] = text("{}") }, "were announced"},
		"a size too large": {func(s *shelf, _ digest.Digest) { s.root.Size = 1 << 40 }, "bytes by its descriptor"},
		"a size too small": {func(s *shelf, _ digest.Digest) { s.root.Size-- }, "more than the"},
		"an index":         {func(s *shelf, _ digest.Digest) { s.root.MediaType = ocispec.MediaTypeImageIndex }, "no OCI image manifest"},
		"an endless answer": {func(s *shelf, _ digest.Digest) {
			s.blobs[s.root.Digest] = func() io.Reader { return endless{new(int)} }
		}, "more than the"},
	} {
		t.Run(name, func(t *testing.T) {
			a := packed(t, nil)
			s := shelve(a)
			c.change(s, digest.FromBytes(a.Bundle.Files[0].Data))
			if _, err := Read(t.Context(), s, "latest"); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	a := packed(t, nil)
	if _, err := Read(t.Context(), shelve(a), digest.FromString("another").String()); err == nil || !strings.Contains(err.Error(), "asked for that digest, got") {
		t.Errorf("another digest than asked for: %v", err)
	}
}

func text(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }

// A lie about a size makes nobody read, or allocate, more than was announced.
func TestReadsNoMore(t *testing.T) {
	n := 0
	if _, err := readExactly(endless{&n}, ocispec.Descriptor{Size: 1000}); err == nil || n > 4096 {
		t.Errorf("%v after %d bytes", err, n)
	}
}

// Whatever a manifest is, reading it ends, within its bounds, and what passes is a
// bundle whose names are safe.
func FuzzManifest(f *testing.F) {
	f.Add(packed(f, nil).Manifest)
	f.Add([]byte(`{"schemaVersion":2,"layers":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, layers, err := parseManifest(data)
		if err != nil {
			return
		}
		if b.check() != nil || len(layers) != len(b.Files) || printable(fmt.Sprint(b.Name, b.Version, b.Requires, b.Changelog)) != nil {
			t.Errorf("%+v", b)
		}
		for i, l := range layers {
			if l.Size < 0 || l.Size > MaxFile || strings.ContainsAny(b.Files[i].Name, "/\\\x00") || l.Digest.Validate() != nil {
				t.Errorf("%+v", l)
			}
		}
	})
}
