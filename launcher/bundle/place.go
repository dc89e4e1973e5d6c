package bundle

import (
	"context"
	"errors"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
)

// Place is where bundles are kept: a repository of a registry, or an OCI image layout.
type Place interface {
	Source
	// Referrers lists, page by page, what refers to an artifact and is of a type, or of
	// any where that is "". Whether it does refer to it is for who reads it to find out.
	Referrers(ctx context.Context, subject ocispec.Descriptor, artifactType string, page Page) error
	// Put puts an artifact and its signatures there and, where tag is not "", lets the
	// tag name it. Nothing names it before all of it is there.
	Put(ctx context.Context, a Artifact, tag string, signatures ...[]byte) error
}

// NotFound tells that a place answered, and does not have what was asked for.
func NotFound(err error) bool { return errors.Is(err, errdef.ErrNotFound) }

// Page takes one page of a listing; its error ends the listing.
type Page = func([]ocispec.Descriptor) error

// Open gives the place of a reference. Nothing is asked of it yet.
func Open(r Ref, s Settings) (Place, error) {
	if r.Dir != "" {
		return Layout(r.Dir), nil
	}
	return openRegistry(r, s)
}
