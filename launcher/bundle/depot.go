package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// Depot is a place for artifacts whose blobs are too large to be held: models. What it gives is
// not verified but where it says so, and none of it is a bundle.
type Depot interface {
	// Resolve finds the manifest that a tag or a digest names.
	content.Resolver
	// Referrers lists, page by page, what refers to an artifact and is of a type.
	Referrers(ctx context.Context, subject ocispec.Descriptor, artifactType string, page Page) error
	// Read gives a blob, or a manifest, of at most most bytes, verified.
	Read(ctx context.Context, d ocispec.Descriptor, most int64) ([]byte, error)
	// Open opens a blob at an offset; at is where it really begins: there, or at 0 where the place
	// cannot go on with one.
	Open(ctx context.Context, d ocispec.Descriptor, offset int64) (r io.ReadCloser, at int64, err error)
	// Send puts a blob there, unless it is there.
	Send(ctx context.Context, d ocispec.Descriptor, open func() (io.ReadCloser, error)) error
	// Publish puts a manifest there, whose blobs are there, and lets the tag, where it is not "",
	// name it.
	Publish(ctx context.Context, manifest []byte, tag string) (ocispec.Descriptor, error)
}

// OpenDepot gives the depot of a reference. Nothing is asked of it yet.
func OpenDepot(r Ref, s Settings) (Depot, error) {
	if r.Dir != "" {
		return layoutDepot{Layout(r.Dir)}, nil
	}
	p, err := openRepository(r, s)
	if err != nil {
		return nil, err
	}
	return registryDepot{p}, nil
}

// OpenImage gives the repository that the reference of an image names, as profiles have it, with
// what else is there beside the image; [ErrNoRegistry] where it names none. Nothing is asked of it
// yet.
func OpenImage(ref string, s Settings) (Depot, error) {
	p, _, err := openImage(ref, s)
	if err != nil {
		return nil, err
	}
	return registryDepot{p}, nil
}

// manifestOf names a manifest by its content, as it says itself what it is.
func manifestOf(manifest []byte) (d ocispec.Descriptor, subject digest.Digest, err error) {
	var m ocispec.Manifest
	if err := json.Unmarshal(manifest, &m); err != nil {
		return d, "", err
	}
	if m.MediaType != ocispec.MediaTypeImageManifest {
		return d, "", fmt.Errorf("it is %s, no OCI image manifest", quoted(m.MediaType))
	}
	d = blob(m.MediaType, manifest)
	d.ArtifactType = m.ArtifactType
	if m.Subject != nil {
		subject = m.Subject.Digest
	}
	return d, subject, nil
}

// checkLarge is [checkDescriptor] of a blob of whatever size.
func checkLarge(d ocispec.Descriptor) error { return checkDescriptor(d, math.MaxInt64) }
