package share

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
)

// Restore fetches a locked bundle that the store does not have, by digest and never by tag,
// and verifies it against the lock. agree is told of the bundle, also of one that is here,
// and its error is the end of it: what it is about is not put into the store.
func (s *Shelf) Restore(ctx context.Context, at Place, b lockfile.Bundle, agree func(Offer) error) (fetched bool, err error) {
	switch _, _, err := s.Store.Get(ctx, digest.Digest(b.Digest)); {
	case err == nil:
		o, err := s.Stored(ctx, at, b)
		if err == nil {
			err = agree(o)
		}
		return false, err
	case !errors.Is(err, fs.ErrNotExist): // tampered with: take it out, and fetch it anew
		if err := s.Store.Remove(ctx, digest.Digest(b.Digest)); err != nil {
			return false, err
		}
	}
	o, err := s.byDigest(ctx, at, b)
	if err == nil {
		err = agree(o)
	}
	if err == nil {
		err = s.Store.Put(ctx, o.Artifact, o.Signatures...)
	}
	return err == nil, err
}

// byDigest fetches what the digest of a locked bundle names, in the place that it is from.
func (s *Shelf) byDigest(ctx context.Context, at Place, b lockfile.Bundle) (Offer, error) {
	ref, err := bundle.ParseRef(b.Ref)
	if err != nil {
		return Offer{}, err
	}
	ref.Tag, ref.Digest = "", b.Digest
	o, err := s.fetch(ctx, Wish{Ref: ref, Unsigned: b.Unsigned, at: at}, func(string) *lockfile.Bundle { return &b })
	if err == nil && o.Artifact.Bundle.Name != b.Name {
		err = refused(b.Name, fmt.Errorf("its digest is that of bundle %s", o.Artifact.Bundle.Name))
	}
	return o, err
}
