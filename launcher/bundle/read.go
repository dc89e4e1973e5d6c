package bundle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// maxManifest bounds a manifest in bytes: one of [MaxFiles] files has some 80 KiB.
const maxManifest = 256 << 10

// Source is where an artifact can be fetched from, a target of oras among others.
type Source interface {
	content.Fetcher
	content.Resolver
}

// Read fetches the bundle that a tag or digest names. Everything in it was verified:
// what does not have the digest and the size it was named by is refused, and so is a
// manifest that is none of ours or goes beyond the bounds, before its files are asked
// for. ctx ends the reading.
func Read(ctx context.Context, from Source, reference string) (Artifact, error) {
	data, err := fetchManifest(ctx, from, reference)
	if err != nil {
		return Artifact{}, fmt.Errorf("reading the bundle %s: %w", quoted(reference), err)
	}
	b, layers, err := parseManifest(data)
	if err != nil {
		return Artifact{}, fmt.Errorf("reading the bundle %s: %w", quoted(reference), err)
	}
	for i, layer := range layers {
		f := &b.Files[i]
		if f.Data, err = fetch(ctx, from, layer, MaxFile); err != nil {
			return Artifact{}, fmt.Errorf("reading %s of bundle %s: %w", f.Name, b.Name, err)
		}
	}
	if err := b.check(); err != nil {
		return Artifact{}, fmt.Errorf("reading bundle %s: %w", b.Name, err)
	}
	return Artifact{Bundle: b, Manifest: data}, nil
}

func fetchManifest(ctx context.Context, from Source, reference string) ([]byte, error) {
	desc, err := from.Resolve(ctx, reference)
	if err != nil {
		return nil, err
	}
	if strings.Contains(reference, ":") && desc.Digest.String() != reference {
		return nil, fmt.Errorf("asked for that digest, got %s", quoted(desc.Digest.String()))
	}
	if desc.MediaType != ocispec.MediaTypeImageManifest {
		return nil, fmt.Errorf("it is %s, no OCI image manifest and so no bundle", quoted(desc.MediaType))
	}
	return fetch(ctx, from, desc, maxManifest)
}

// fetch reads a blob of at most most bytes, all of it, and holds it against the size and
// digest that it was named by. Nothing is allocated on the word of the other side.
func fetch(ctx context.Context, from content.Fetcher, d ocispec.Descriptor, most int64) ([]byte, error) {
	if err := checkDescriptor(d, most); err != nil {
		return nil, err
	}
	if whole, ok := from.(interface {
		blob(context.Context, ocispec.Descriptor) ([]byte, error)
	}); ok {
		return whole.blob(ctx, d) // of a layout: read and verified once
	}
	r, err := from.Fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readExactly(r, d)
}

func checkDescriptor(d ocispec.Descriptor, most int64) error {
	switch {
	case !bounded.Digest(d.Digest.String()):
		return fmt.Errorf("%s is no sha256 digest", quoted(d.Digest.String()))
	case d.Size < 0 || d.Size > most:
		return fmt.Errorf("%s has %d bytes by its descriptor, and may have %d", d.Digest, d.Size, most)
	}
	return nil
}

// readExactly reads what a descriptor describes, which was checked.
func readExactly(r io.Reader, d ocispec.Descriptor) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, d.Size+1))
	if err == nil {
		err = exactly(data, d)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// exactly holds data against the descriptor that named it.
func exactly(data []byte, d ocispec.Descriptor) error {
	switch {
	case int64(len(data)) > d.Size:
		return fmt.Errorf("%s has more than the %d bytes that were announced", d.Digest, d.Size)
	case int64(len(data)) < d.Size:
		return fmt.Errorf("%s has %d bytes, and %d were announced", d.Digest, len(data), d.Size)
	case digest.FromBytes(data) != d.Digest:
		return fmt.Errorf("%s is not what its digest says: it is %s", d.Digest, digest.FromBytes(data))
	}
	return nil
}

// parseManifest reads a manifest of a bundle: what it says of itself, the names of its
// files, whose data are still to be fetched, and their layers, in one order.
func parseManifest(data []byte) (Bundle, []ocispec.Descriptor, error) {
	m, err := decode(data, TypeBundle)
	if err != nil {
		return Bundle{}, nil, err
	}
	b, err := described(m.Annotations)
	if err != nil {
		return Bundle{}, nil, err
	}
	if m.Subject != nil {
		return Bundle{}, nil, errors.New("it is about another artifact, and a bundle is about nothing else")
	}
	layers, err := checkLayers(m.Layers)
	if err != nil {
		return Bundle{}, nil, err
	}
	for _, l := range layers {
		b.Files = append(b.Files, File{Name: title(l)})
	}
	return b, layers, b.check()
}

// decode reads a manifest of an artifact of ours.
func decode(data []byte, artifactType string) (m ocispec.Manifest, err error) {
	if len(data) > maxManifest {
		return m, fmt.Errorf("its manifest has more than %d bytes", maxManifest)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("its manifest is not JSON of one: %w", err)
	}
	empty := ocispec.DescriptorEmptyJSON
	switch {
	case m.SchemaVersion != 2 || m.MediaType != ocispec.MediaTypeImageManifest:
		return m, fmt.Errorf("its manifest is of schema %d and type %s", m.SchemaVersion, quoted(m.MediaType))
	case m.ArtifactType != artifactType:
		return m, hint.Wrap(foreignError{m.ArtifactType, artifactType}, newer)
	case m.Config.MediaType != empty.MediaType || m.Config.Digest != empty.Digest || m.Config.Size != empty.Size:
		return m, fmt.Errorf("its configuration is %s, and not empty", quoted(m.Config.MediaType))
	}
	return m, nil
}

// foreignError is a manifest of another type of artifact.
type foreignError struct{ is, want string }

func (e foreignError) Error() string {
	return fmt.Sprintf("its artifact type is %s, not %s", quoted(e.is), e.want)
}

// newer is the hint where a word is not known.
const newer = "a newer zlaunch may know it"

// described reads what the annotations of a bundle say.
func described(a map[string]string) (Bundle, error) {
	b := Bundle{Name: a[keyName], Version: a[keyVersion], Requires: a[keyRequires], Changelog: a[keyChangelog]}
	return b, understood(a, keyName, keyRequires, keyChangelog)
}

// understood lets the annotations of others be. One of ours that is not known may change
// what the bundle means, and is refused.
func understood(a map[string]string, known ...string) error {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if strings.HasPrefix(strings.ToLower(key), ours) && !slices.Contains(known, key) {
			return hint.Errorf(newer, "annotation %s is not known", quoted(key))
		}
	}
	return nil
}

// checkLayers holds the layers against types and bounds, and gives them in the order of
// their titles.
func checkLayers(layers []ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	if len(layers) > MaxFiles {
		return nil, fmt.Errorf("it holds %d files, more than %d", len(layers), MaxFiles)
	}
	total := int64(0)
	for _, l := range layers {
		name := quoted(title(l))
		switch {
		case l.MediaType != TypeProfile:
			return nil, hint.Errorf(newer, "layer %s is %s, not %s", name, quoted(l.MediaType), TypeProfile)
		case len(l.URLs) > 0:
			return nil, fmt.Errorf("layer %s is to be fetched from somewhere else", name)
		}
		if err := errors.Join(checkDescriptor(l, MaxFile), understood(l.Annotations)); err != nil {
			return nil, fmt.Errorf("layer %s: %w", name, err)
		}
		if total += l.Size; total > MaxBytes {
			return nil, fmt.Errorf("its files have more than %d bytes", MaxBytes)
		}
	}
	layers = slices.Clone(layers)
	slices.SortStableFunc(layers, func(a, b ocispec.Descriptor) int { return strings.Compare(title(a), title(b)) })
	return layers, nil
}

func title(d ocispec.Descriptor) string { return d.Annotations[ocispec.AnnotationTitle] }

// reader gives bytes as what a fetch returns.
func reader(data []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }
