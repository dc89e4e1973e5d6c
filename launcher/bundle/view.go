package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// view is a layout with its index read once. What the index names is read when it is
// asked for.
type view struct {
	Layout
	entries []ocispec.Descriptor
}

func (l Layout) view() (view, error) {
	index, err := l.index()
	return view{l, index.Manifests}, err
}

// Resolve finds what a tag or a digest names.
func (v view) Resolve(_ context.Context, reference string) (ocispec.Descriptor, error) {
	for _, d := range v.entries {
		if d.Annotations[ocispec.AnnotationRefName] == reference || d.Digest.String() == reference {
			return d, nil
		}
	}
	err := fmt.Errorf("%s names nothing in %s: %w", quoted(reference), string(v.Layout), errdef.ErrNotFound)
	return ocispec.Descriptor{}, hint.Wrap(err, v.names())
}

// names is what one could have meant.
func (v view) names() string {
	for _, d := range v.entries {
		if tag := d.Annotations[ocispec.AnnotationRefName]; tagName.matches(tag) {
			return Ref{Dir: string(v.Layout), Tag: tag}.String()
		}
	}
	return ""
}

// Referrers lists what refers to an artifact: entries of the index, and those of the
// tag that a registry without the API has them by, as a plain copy brings it.
func (v view) Referrers(ctx context.Context, subject ocispec.Descriptor, artifactType string, page Page) error {
	entries := slices.Clone(v.entries)
	tagged := func(d ocispec.Descriptor) bool {
		tag := d.Annotations[ocispec.AnnotationRefName]
		return tag == referrersTag(subject.Digest) && d.MediaType == ocispec.MediaTypeImageIndex
	}
	if i := slices.IndexFunc(entries, tagged); i >= 0 { // one: that many would name it is no listing
		more, err := v.nested(ctx, entries[i])
		if err != nil {
			return err
		}
		entries = append(entries, more...)
	}
	var out []ocispec.Descriptor
	seen := map[digest.Digest]bool{}
	for _, d := range entries {
		if !seen[d.Digest] && v.refers(ctx, d, subject.Digest, artifactType) {
			out = append(out, d)
		}
		seen[d.Digest] = true
	}
	if err := ctx.Err(); err != nil {
		return err
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

// refers tells whether a manifest is of a type and about an artifact. One whose entry says
// otherwise is not read: whoever can write that could as well take it out. One that cannot
// be read is about what its entry says, so that who lists it is told.
func (l Layout) refers(ctx context.Context, d ocispec.Descriptor, subject digest.Digest, artifactType string) bool {
	other := artifactType != "" && d.ArtifactType != "" && d.ArtifactType != artifactType
	if other || d.MediaType != ocispec.MediaTypeImageManifest || d.ArtifactType == TypeBundle {
		return false
	}
	if about := d.Annotations[keySubject]; about != "" && about != subject.String() {
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
const keySubject = ours + "bundle.subject"
