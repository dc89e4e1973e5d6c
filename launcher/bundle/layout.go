package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/zlaunch/zlaunch/launcher/hint"
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
func (l Layout) Fetch(_ context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	if err := checkDescriptor(d, MaxFile); err != nil {
		return nil, err
	}
	data, err := claim.ReadFile(l.blobPath(d.Digest), d.Size)
	if err == nil {
		_, err = readExactly(reader(data), d)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", l.blobPath(d.Digest), err)
	}
	return reader(data), nil
}

// Resolve finds what a tag or a digest names in the index.
func (l Layout) Resolve(_ context.Context, reference string) (ocispec.Descriptor, error) {
	index, err := l.index()
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	for _, d := range index.Manifests {
		if d.Annotations[ocispec.AnnotationRefName] == reference || d.Digest.String() == reference {
			return d, nil
		}
	}
	return ocispec.Descriptor{}, hint.Wrap(fmt.Errorf("%s names nothing in %s: %w", quoted(reference), string(l), errdef.ErrNotFound), l.names(index))
}

// names is what one could have meant.
func (l Layout) names(index ocispec.Index) string {
	for _, d := range index.Manifests {
		if tag := d.Annotations[ocispec.AnnotationRefName]; tagName.matches(tag) {
			return Ref{Dir: string(l), Tag: tag}.String()
		}
	}
	return ""
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

// Referrers lists what refers to an artifact: entries of the index, and those of the
// tag that a registry without the API has them by, as a plain copy brings it.
func (l Layout) Referrers(ctx context.Context, subject ocispec.Descriptor, artifactType string, page func([]ocispec.Descriptor) error) error {
	index, err := l.index()
	if err != nil {
		return err
	}
	entries := slices.Clone(index.Manifests)
	for _, d := range index.Manifests {
		if d.Annotations[ocispec.AnnotationRefName] == referrersTag(subject.Digest) && d.MediaType == ocispec.MediaTypeImageIndex {
			more, err := l.nested(ctx, d)
			if err != nil {
				return err
			}
			entries = append(entries, more...)
		}
	}
	var out []ocispec.Descriptor
	for _, d := range entries {
		seen := slices.ContainsFunc(out, func(o ocispec.Descriptor) bool { return o.Digest == d.Digest })
		if !seen && l.refers(ctx, d, subject.Digest, artifactType) {
			out = append(out, d)
		}
	}
	return page(out)
}

// referrersTag is the tag of the referrers of a digest (distribution-spec, "Referrers Tag Schema").
func referrersTag(d digest.Digest) string { return d.Algorithm().String() + "-" + d.Encoded() }

func (l Layout) nested(ctx context.Context, d ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	var index ocispec.Index
	data, err := fetch(ctx, l, d, maxManifest)
	if err == nil {
		err = json.Unmarshal(data, &index)
	}
	return index.Manifests, err
}

// refers tells whether a manifest is of a type and about an artifact. One that cannot be
// read is about what its entry says, so that who lists it is told.
func (l Layout) refers(ctx context.Context, d ocispec.Descriptor, subject digest.Digest, artifactType string) bool {
	if d.MediaType != ocispec.MediaTypeImageManifest || artifactType != "" && d.ArtifactType != "" && d.ArtifactType != artifactType {
		return false
	}
	var m ocispec.Manifest
	data, err := fetch(ctx, l, d, maxManifest)
	if err != nil || json.Unmarshal(data, &m) != nil {
		return d.Annotations[keySubject] == subject.String()
	}
	return m.Subject != nil && m.Subject.Digest == subject && (artifactType == "" || m.ArtifactType == artifactType)
}

// keySubject is what an entry of a signature in an index is about.
const keySubject = ours + "subject"
