package bundle

import (
	"context"
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TypeSignature is the type of a signature: of the artifact that refers to the bundle,
// and of its one layer. What the layer holds is for who verifies it.
const TypeSignature = "application/vnd.zlaunch.signature.v1"

// Bounds of the signatures of one bundle. An SSH signature has less than 4 KiB.
const (
	MaxSignatures = 32
	MaxSignature  = 64 << 10 // bytes
)

// maxReferrers is how much of a listing is looked at, signatures or not.
const maxReferrers = 1024

// signatureOf is the manifest that attaches body to an artifact: the same for the same.
func signatureOf(subject ocispec.Descriptor, body []byte) ([]byte, error) {
	if len(body) == 0 || len(body) > MaxSignature {
		return nil, fmt.Errorf("attaching a signature: it has %d bytes, and may have 1 to %d", len(body), MaxSignature)
	}
	m := manifest(TypeSignature)
	m.Layers = []ocispec.Descriptor{blob(TypeSignature, body)}
	m.Subject = &ocispec.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size}
	return encode(m)
}

// Signatures lists what is attached to an artifact as its signatures, by the registry's
// listing of referrers or by the tag that stands in for it. Their content is verified
// against its digests and means nothing yet. One that cannot be read is in the error,
// beside those that can: whoever may write to the place can put one there.
func Signatures(ctx context.Context, from Place, subject ocispec.Descriptor) ([][]byte, error) {
	err := checkDescriptor(subject, maxManifest)
	var found []ocispec.Descriptor
	if err == nil {
		found, err = referrers(ctx, from, subject)
	}
	if err != nil {
		return nil, fmt.Errorf("listing the signatures of %s: %w", subject.Digest, err)
	}
	var out [][]byte
	var errs []error
	for _, d := range found {
		body, err := signature(ctx, from, subject, d)
		switch {
		case err == nil:
			out = append(out, body)
		case !untold(d) || !errors.As(err, new(foreignError)):
			errs = append(errs, fmt.Errorf("reading the signature %s: %w", quoted(d.Digest.String()), err))
		}
	}
	return out, errors.Join(errs...)
}

// referrers are those that may be signatures. A listing that was copied may have lost
// their types (skopeo 1.9 leaves them out), so the place is not asked for one.
func referrers(ctx context.Context, from Place, subject ocispec.Descriptor) (out []ocispec.Descriptor, err error) {
	seen := 0
	err = from.Referrers(ctx, subject, "", func(page []ocispec.Descriptor) error {
		for _, d := range page {
			if untold(d) || d.ArtifactType == TypeSignature {
				out = append(out, d)
			}
		}
		if seen += len(page); seen > maxReferrers || len(out) > MaxSignatures {
			return fmt.Errorf("more than %d refer to it, or more than %d that may be signatures", maxReferrers, MaxSignatures)
		}
		return nil
	})
	return out, err
}

// untold tells that a listing does not say what an artifact is: there are registries that
// have the type of its configuration in the place of its own.
func untold(d ocispec.Descriptor) bool {
	return d.ArtifactType == "" || d.ArtifactType == ocispec.MediaTypeEmptyJSON
}

// signature reads one, which says itself what it is about: a listing may lie.
func signature(ctx context.Context, from Place, subject, d ocispec.Descriptor) ([]byte, error) {
	data, err := fetch(ctx, from, d, maxManifest)
	if err != nil {
		return nil, err
	}
	m, err := decode(data, TypeSignature)
	switch {
	case err != nil:
		return nil, err
	case m.Subject == nil || m.Subject.Digest != subject.Digest:
		return nil, errors.New("it is about another artifact")
	case len(m.Layers) != 1 || m.Layers[0].MediaType != TypeSignature:
		return nil, fmt.Errorf("it is not one layer of type %s", TypeSignature)
	}
	return fetch(ctx, from, m.Layers[0], MaxSignature)
}
