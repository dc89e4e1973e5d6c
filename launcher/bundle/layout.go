package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// Bounds of an index of a layout.
const (
	maxIndex   = 4 << 20 // bytes, as oras bounds its metadata
	maxEntries = 4096
)

// Layout is a directory as an OCI image layout (image-spec image-layout.md). It is read
// as if a stranger had made it: links and what is no regular file are not followed, and
// each blob is held against its name at every read.
type Layout string

// blobPath is the file of a blob, whose digest was checked.
func (l Layout) blobPath(d digest.Digest) string {
	return filepath.Join(string(l), ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

// Fetch reads a blob and verifies it before the first byte is given.
func (l Layout) Fetch(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	if err := checkDescriptor(d, MaxFile); err != nil {
		return nil, err
	}
	data, err := l.blob(ctx, d)
	if err != nil {
		return nil, err
	}
	return reader(data), nil
}

// blob is all of a blob whose descriptor was checked, verified.
func (l Layout) blob(ctx context.Context, d ocispec.Descriptor) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := claim.ReadFile(l.blobPath(d.Digest), d.Size)
	if err == nil {
		err = exactly(data, d)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", l.blobPath(d.Digest), err)
	}
	return data, nil
}

// Resolve finds what a tag or a digest names in the index.
func (l Layout) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	v, err := l.view()
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return v.Resolve(ctx, reference)
}

// Referrers lists what refers to an artifact.
func (l Layout) Referrers(ctx context.Context, subject ocispec.Descriptor, artifactType string, page Page) error {
	v, err := l.view()
	if err != nil {
		return err
	}
	return v.Referrers(ctx, subject, artifactType, page)
}

// index reads the index; where there is no layout the error is [fs.ErrNotExist].
func (l Layout) index() (index ocispec.Index, err error) {
	if err := l.check(); err != nil {
		return index, err
	}
	file := filepath.Join(string(l), ocispec.ImageIndexFile)
	data, err := claim.ReadFile(file, maxIndex)
	if err == nil {
		err = json.Unmarshal(data, &index)
	}
	if err == nil && len(index.Manifests) > maxEntries {
		err = fmt.Errorf("it lists %d manifests, more than %d", len(index.Manifests), maxEntries)
	}
	if err != nil {
		return index, fmt.Errorf("reading %s: %w", file, err)
	}
	return index, nil
}

// check wants the mark of a layout.
func (l Layout) check() error {
	var mark ocispec.ImageLayout
	file := filepath.Join(string(l), ocispec.ImageLayoutFile)
	data, err := claim.ReadFile(file, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is no OCI image layout: %w", string(l), err)
	}
	if err == nil {
		err = json.Unmarshal(data, &mark)
	}
	if err == nil && mark.Version != ocispec.ImageLayoutVersion {
		err = fmt.Errorf("version %s is not %s", quoted(mark.Version), ocispec.ImageLayoutVersion)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	return nil
}
