// Package attached finds what is attached to an image: signatures, statements of where it comes
// from, lists of what is in it. It looks where each tool puts them: at cosign 2's tags, among the
// referrers of OCI 1.1 (cosign 3, notation, oras), and beside the image in its index (BuildKit).
//
// Whatever names another image counts for nothing, and nothing counts that was not read: a tag, a
// listing and an annotation are what anybody with the right to push can write. No signature is
// verified here; package signature has cosign do that.
package attached

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// Bounds of what is read of a place. A published image has some ten things attached to it; an
// SBOM of a large one for inference has some 20 MB.
const (
	maxReferrers = 64       // of one subject
	maxManifest  = 4 << 20  // bytes of a manifest or an index, as registries bound them
	maxStatement = 32 << 20 // bytes of one statement or list
	maxRead      = 64 << 20 // bytes of all that is read at one place
)

// Wanted is an image to look for.
type Wanted struct {
	Image   ocispec.Descriptor   // its manifest
	Also    []ocispec.Descriptor // other manifests of the same image, as where it was compressed anew
	Indexes []ocispec.Descriptor // that may list it
	// Beside are other entries of the index of a layout, among which something may be about it.
	Beside []ocispec.Descriptor
}

// Look finds what is attached to an image in a place. What could not be read is told in the look;
// the error is that of ctx. When it was is for the caller to say, who has the clock.
func Look(ctx context.Context, from bundle.Depot, w Wanted) (inspected.Look, error) {
	l := looker{ctx: ctx, from: from, left: maxRead}
	l.look.Things = []inspected.Thing{}
	for _, d := range append([]ocispec.Descriptor{w.Image}, w.Also...) {
		l.images = append(l.images, d.Digest)
		l.subject(d)
	}
	l.beside(w.Beside)
	for _, d := range w.Indexes {
		l.index(d)
	}
	if err := ctx.Err(); err != nil {
		return l.look, fmt.Errorf("looking for what is attached to %s: %w", w.Image.Digest, err)
	}
	return l.look, nil
}

// subject looks at everything that says it is about one manifest or index.
func (l *looker) subject(d ocispec.Descriptor) {
	if len(l.look.Subjects) == inspected.MaxSubjects {
		l.partly(fmt.Errorf("it has more than %d manifests and indexes that list it", inspected.MaxSubjects))
		return
	}
	l.look.Subjects = append(l.look.Subjects, d.Digest.String())
	l.tags(d)
	l.referrers(d)
}

// tags looks at those that cosign 2 gives: the digest of the image, and what it is.
func (l *looker) tags(subject ocispec.Descriptor) {
	for _, suffix := range []string{"sig", "att", "sbom"} {
		tag := subject.Digest.Algorithm().String() + "-" + subject.Digest.Encoded() + "." + suffix
		d, err := l.from.Resolve(l.ctx, tag)
		if bundle.NotFound(err) {
			continue
		}
		if err != nil {
			l.partly(fmt.Errorf("its tag .%s: %w", suffix, err))
			continue
		}
		l.manifest(d, found{subject: subject.Digest, way: inspected.ByTag})
	}
}

// errEnough ends a listing.
var errEnough = errors.New("enough")

// referrers looks at the manifests that have it for their subject. A listing may say what is not
// so, and so each of them is read.
func (l *looker) referrers(subject ocispec.Descriptor) {
	var all []ocispec.Descriptor
	err := l.from.Referrers(l.ctx, subject, "", func(page []ocispec.Descriptor) error {
		for _, d := range page {
			if len(all) == maxReferrers {
				return errEnough
			}
			if !slices.ContainsFunc(all, func(o ocispec.Descriptor) bool { return o.Digest == d.Digest }) {
				all = append(all, d)
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = fmt.Errorf("more than %d refer to it", maxReferrers)
	}
	if err != nil {
		l.partly(fmt.Errorf("its referrers: %w", err))
	}
	for _, d := range all {
		l.manifest(d, found{subject: subject.Digest, way: inspected.ByReferrer})
	}
}

// index looks at an index, if it does list the image, and at what BuildKit put beside it there.
func (l *looker) index(d ocispec.Descriptor) {
	var index ocispec.Index
	data, err := l.read(d, maxManifest)
	if err == nil {
		err = json.Unmarshal(data, &index)
	}
	if err != nil {
		l.partly(fmt.Errorf("its index %s: %w", d.Digest, err))
		return
	}
	if !slices.ContainsFunc(index.Manifests, func(m ocispec.Descriptor) bool { return slices.Contains(l.images, m.Digest) }) {
		return // it is of another image
	}
	l.subject(d)
	l.beside(index.Manifests)
}

// What marks an entry of an index: BuildKit's (docs/attestations/attestation-storage.md of
// moby/buildkit), and cosign's, as cosign save writes it.
const (
	keyType   = "vnd.docker.reference.type"
	keyDigest = "vnd.docker.reference.digest"
	keyKind   = "kind"
)

// beside looks at entries of an index that are about the image by what stands in it.
func (l *looker) beside(entries []ocispec.Descriptor) {
	for _, d := range entries {
		f := found{subject: l.images[0]}
		of := digest.Digest(d.Annotations[keyDigest])
		switch kind := d.Annotations[keyKind]; {
		case d.Annotations[keyType] == "attestation-manifest" && slices.Contains(l.images, of):
			f.subject, f.way = of, inspected.ByIndex
		case kind == "dev.cosignproject.cosign/sigs" || kind == "dev.cosignproject.cosign/atts":
			f.way = inspected.BySave
		default:
			continue
		}
		l.manifest(d, f)
	}
}
