package attached

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/inspected"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// FuzzLayer reads whatever is attached as every type there is, and wants that a record can hold
// what is told of it.
func FuzzLayer(f *testing.F) {
	image := digest.FromString("image")
	types := []string{typeSimpleSigning, typeBundle + ".v0.3+json", typeEnvelope + ".v1+json", typeStatement + "+json", typeStatement + ".provenance+dsse", "application/spdx+json", "text/plain"}
	for i, l := range []layer{signed(image), sigstore(sign, image), envelope(slsa, image), {"", statement(slsa, image)}, envelope("https://cyclonedx.org/bom", image), {"", spdx}, {"", cyclone}, {"", "x"}} {
		f.Add(uint8(i), "application/vnd.acme", []byte(l.text))
	}
	f.Fuzz(func(t *testing.T, media uint8, kind string, text []byte) {
		from := depot{digest.FromBytes(text): text}
		d := ocispec.Descriptor{MediaType: types[int(media)%len(types)], Digest: digest.FromBytes(text), Size: int64(len(text))}
		m, err := json.Marshal(ocispec.Manifest{ArtifactType: kind, Layers: []ocispec.Descriptor{d}, Subject: &ocispec.Descriptor{Digest: image}})
		if err != nil {
			t.Fatal(err)
		}
		from[digest.FromBytes(m)] = m
		l := looker{ctx: t.Context(), from: from, images: []digest.Digest{image}, left: maxRead}
		l.look.Subjects = []string{image.String()}
		l.manifest(ocispec.Descriptor{Digest: digest.FromBytes(m), Size: int64(len(m))}, found{subject: image, way: inspected.ByReferrer})
		l.look.Registry, l.look.When = "r.example/a", day
		data, err := json.Marshal(inspected.Record{Schema: inspected.Schema, Image: scan.Image{Config: image.String(), Manifests: []string{image.String()}}, Looks: []inspected.Look{l.look}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inspected.Decode(data); err != nil {
			t.Errorf("no record can hold %s: %v", data, err)
		}
	})
}

var day = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// depot is blobs by their digests; nothing else is asked of it.
type depot map[digest.Digest][]byte

func (d depot) Read(_ context.Context, of ocispec.Descriptor, most int64) ([]byte, error) {
	if of.Size > most {
		return nil, errors.New("too large")
	}
	return d[of.Digest], nil
}
func (depot) Resolve(context.Context, string) (ocispec.Descriptor, error) { panic("not asked") }
func (depot) Referrers(context.Context, ocispec.Descriptor, string, bundle.Page) error {
	panic("not asked")
}
func (depot) Open(context.Context, ocispec.Descriptor, int64) (io.ReadCloser, int64, error) {
	panic("not asked")
}
func (depot) Send(context.Context, ocispec.Descriptor, func() (io.ReadCloser, error)) error {
	panic("not asked")
}
func (depot) Publish(context.Context, []byte, string) (ocispec.Descriptor, error) {
	panic("not asked")
}
