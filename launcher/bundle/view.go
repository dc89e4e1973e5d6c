package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// view is a layout with its index read once. What the index names is read when it is
// asked for.
type view struct {
	Layout
	entries []ocispec.Descriptor
	named   map[string]int   // the first entry of each tag and digest
	about   map[string][]int // what is no bundle, by the subject it says it is about; "": it does not say
}

func (l Layout) view() (view, error) {
	index, err := l.index()
	v := view{l, index.Manifests, map[string]int{}, map[string][]int{}}
	for i, d := range v.entries {
		for _, name := range []string{d.Digest.String(), d.Annotations[ocispec.AnnotationRefName]} {
			if _, taken := v.named[name]; !taken && name != "" {
				v.named[name] = i
			}
		}
		if subject := d.Annotations[keySubject]; d.ArtifactType != TypeBundle {
			v.about[subject] = append(v.about[subject], i)
		}
	}
	return v, err
}

// Resolve finds what a tag or a digest names.
func (v view) Resolve(_ context.Context, reference string) (ocispec.Descriptor, error) {
	if i, ok := v.named[reference]; ok {
		return v.entries[i], nil
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
	entries := v.mayBe(subject.Digest)
	if i, ok := v.named[referrersTag(subject.Digest)]; ok && v.entries[i].MediaType == ocispec.MediaTypeImageIndex { // one: that many would name it is no listing
		more, err := nested(ctx, v, v.entries[i])
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

// mayBe are the entries that may be about an artifact, in their order.
func (v view) mayBe(subject digest.Digest) []ocispec.Descriptor {
	found := slices.Concat(v.about[subject.String()], v.about[""])
	slices.Sort(found)
	var out []ocispec.Descriptor
	for _, i := range found {
		out = append(out, v.entries[i])
	}
	return out
}

// referrersTag is the tag of the referrers of a digest (distribution-spec, "Referrers Tag Schema").
func referrersTag(d digest.Digest) string { return d.Algorithm().String() + "-" + d.Encoded() }

// nested is what an index lists that is a manifest of another.
func nested(ctx context.Context, from content.Fetcher, d ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	var index ocispec.Index
	data, err := fetch(ctx, from, d, maxManifest)
	if err == nil {
		err = json.Unmarshal(data, &index)
	}
	return index.Manifests, err
}

// refers tells whether a manifest is of a type and about an artifact. One whose entry says
// what it is about is not read here: whoever can write another subject could as well take
// it out, and whoever reads it finds out.
func (l Layout) refers(ctx context.Context, d ocispec.Descriptor, subject digest.Digest, artifactType string) bool {
	other := artifactType != "" && d.ArtifactType != "" && d.ArtifactType != artifactType
	if other || d.MediaType != ocispec.MediaTypeImageManifest || d.ArtifactType == TypeBundle {
		return false
	}
	if about := d.Annotations[keySubject]; about != "" {
		return about == subject.String()
	}
	var m ocispec.Manifest
	data, err := fetch(ctx, l, d, maxManifest)
	return err == nil && json.Unmarshal(data, &m) == nil &&
		m.Subject != nil && m.Subject.Digest == subject && (artifactType == "" || m.ArtifactType == artifactType)
}

// keySubject is what an entry of a signature in an index is about.
const keySubject = ours + "bundle.subject"
