// Package image reads images as they lie in an OCI image layout: what an image says of
// itself, the ways in which it steers an engine, and which of its files give rights. A
// stranger made it: nothing of it is run or unpacked, no link is followed, each blob is
// held against its digest, and no number in it sizes an allocation.
package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Bounds of what an image says of itself. The largest configuration of a published image
// that we know has some 40 KiB, and no engine starts one of more than 128 layers of its own.
const (
	maxDocument = 4 << 20 // bytes of an index, a manifest or a configuration
	maxLayers   = 1024
	maxEntries  = 4096 // of an index
)

// Image is one image of a layout.
type Image struct {
	layout    Layout
	Manifest  ocispec.Descriptor
	Index     *ocispec.Descriptor  // that it stands in, where that has a digest; nil none
	Beside    []ocispec.Descriptor // entries of the layout's index.json that are no images, but may be about one
	Config    digest.Digest
	Platforms []string // of the index it stands in, "linux/s390x", sorted
	Said      Config
	layers    []ocispec.Descriptor
	diffs     []digest.Digest // of the layers' content, in the same order
	marks     map[string]string
}

// Config is an image's configuration, as far as somebody obeys it. Of the fields that the
// specification does not have, Docker's format has the first three.
type Config struct {
	Created      time.Time
	Architecture string
	OS           string
	Config       struct {
		ocispec.ImageConfig
		Healthcheck *struct{ Test []string }
		Shell       []string
		OnBuild     []string
	}
	RootFS ocispec.RootFS
}

// Open reads the image of a layout for a GOARCH; "" takes the only one there is. ref is its
// name in the index (org.opencontainers.image.ref.name), "" where it needs none.
func (l Layout) Open(ctx context.Context, ref, arch string) (*Image, error) {
	index, err := l.index()
	if err != nil {
		return nil, err
	}
	var beside []ocispec.Descriptor
	for _, d := range index.Manifests {
		if isAttached(d) {
			beside = append(beside, d)
		}
	}
	if ref != "" && !slices.Contains(names(index.Manifests), ref) {
		return nil, unnamed(l, ref, index.Manifests)
	}
	named := slices.DeleteFunc(index.Manifests, func(d ocispec.Descriptor) bool {
		return ref != "" && d.Annotations[ocispec.AnnotationRefName] != ref
	})
	img, err := l.choose(ctx, named, arch)
	if err != nil {
		return nil, fmt.Errorf("reading the image in %s: %w", string(l), err)
	}
	img.Beside = beside
	return img, nil
}

// choose finds the image for an architecture among descriptors: manifests, or one index of
// such, as builders for several architectures write.
func (l Layout) choose(ctx context.Context, from []ocispec.Descriptor, arch string) (*Image, error) {
	var within *ocispec.Descriptor
	from = slices.DeleteFunc(slices.Clone(from), isAttached)
	if len(from) == 1 && from[0].MediaType == ocispec.MediaTypeImageIndex {
		within = &from[0]
		var inner ocispec.Index
		if err := l.document(ctx, from[0], &inner); err != nil {
			return nil, err
		}
		if len(inner.Manifests) > maxEntries {
			return nil, fmt.Errorf("its index lists %d manifests, more than %d", len(inner.Manifests), maxEntries)
		}
		from = slices.DeleteFunc(inner.Manifests, isAttached)
	}
	var platforms []string
	for _, d := range from {
		if d.Platform != nil {
			platforms = append(platforms, d.Platform.OS+"/"+d.Platform.Architecture)
		}
	}
	slices.Sort(platforms)
	if arch != "" && len(from) > 1 {
		from = slices.DeleteFunc(from, func(d ocispec.Descriptor) bool { return d.Platform == nil || d.Platform.Architecture != arch })
	}
	switch len(from) {
	case 0:
		return nil, hint.Errorf("zlaunch inspect --arch s390x", "there is no image for %q, of %q", arch, platforms)
	case 1:
	default:
		return nil, hint.Errorf("zlaunch inspect DIR:NAME, or --arch", "there are %d images, of %q", len(from), platforms)
	}
	img, err := l.image(ctx, from[0])
	if err == nil {
		img.Platforms, img.Index = platforms, within
	}
	return img, err
}

// attachedTag is a name that says what its manifest is attached to: cosign's, and that of the
// referrers where a registry has no API for them.
var attachedTag = lazyregexp.New(`^sha256-[0-9a-f]{64}(\.(sig|att|sbom))?$`)

// isAttached tells of what stands beside images in an index and is none: no platform runs it
// (BuildKit), it is an artifact of a type, or it is named or marked as cosign does.
func isAttached(d ocispec.Descriptor) bool {
	kind, isArtifact := d.Annotations["kind"], d.ArtifactType != "" && d.ArtifactType != ocispec.MediaTypeImageConfig
	return d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown" || isArtifact ||
		kind == "dev.cosignproject.cosign/sigs" || kind == "dev.cosignproject.cosign/atts" ||
		attachedTag().MatchString(d.Annotations[ocispec.AnnotationRefName])
}

// image reads a manifest and the configuration that it names.
func (l Layout) image(ctx context.Context, d ocispec.Descriptor) (*Image, error) {
	var m ocispec.Manifest
	if err := l.document(ctx, d, &m); err != nil {
		return nil, err
	}
	img := &Image{layout: l, Manifest: d, Config: m.Config.Digest, layers: m.Layers, marks: m.Annotations}
	if err := l.document(ctx, m.Config, &img.Said); err != nil {
		return nil, err
	}
	img.diffs = img.Said.RootFS.DiffIDs
	switch {
	case len(m.Layers) == 0:
		return nil, errors.New("its manifest names no layers: it is no image that runs")
	case len(m.Layers) > maxLayers:
		return nil, fmt.Errorf("it has %d layers, more than %d", len(m.Layers), maxLayers)
	case len(m.Layers) != len(img.diffs):
		return nil, fmt.Errorf("its manifest names %d layers, its configuration %d", len(m.Layers), len(img.diffs))
	}
	return img, nil
}

// document reads a small blob of JSON.
func (l Layout) document(ctx context.Context, d ocispec.Descriptor, into any) error {
	data, err := l.blob(ctx, d, maxDocument)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("reading %s: %w", d.Digest, err)
	}
	return nil
}

// Facts are what it says of itself, as an engine that holds it would tell.
func (img *Image) Facts() *effective.Image {
	c := img.Said.Config
	return &effective.Image{
		ID: img.Config.Encoded(), Digest: img.Manifest.Digest.String(), Arch: img.Said.Architecture, OS: img.Said.OS,
		User: c.User, Env: c.Env, Entrypoint: c.Entrypoint, Cmd: c.Cmd, Workdir: c.WorkingDir,
		Exposed: sortedKeys(c.ExposedPorts), Volumes: sortedKeys(c.Volumes),
		Labels: c.Labels, Annotations: img.marks, StopSignal: c.StopSignal,
	}
}
