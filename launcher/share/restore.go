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

// Restore fetches what a lock names and the store does not have, by digest and never by
// tag, and verifies it against the lock. It tells what was fetched.
func (s *Shelf) Restore(ctx context.Context, at Place) (fetched []lockfile.Bundle, err error) {
	file, err := at.read()
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, b := range file.Bundles {
		_, _, err := s.Store.Get(ctx, digest.Digest(b.Digest))
		if err == nil {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) { // tampered with: take it out, and fetch it anew
			err = s.Store.Remove(ctx, digest.Digest(b.Digest))
		} else {
			err = nil
		}
		if err == nil {
			err = s.restore(ctx, b)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("fetching bundle %s: %w", b.Name, err))
			continue
		}
		fetched = append(fetched, b)
	}
	return fetched, errors.Join(failed...)
}

func (s *Shelf) restore(ctx context.Context, b lockfile.Bundle) error {
	ref, err := bundle.ParseRef(b.Ref)
	if err != nil {
		return err
	}
	ref.Tag, ref.Digest = "", b.Digest
	o, err := s.fetch(ctx, Wish{Ref: ref, Unsigned: b.Unsigned}, func(string) *lockfile.Bundle { return &b })
	if err != nil {
		return err
	}
	if o.Artifact.Bundle.Name != b.Name {
		return refused(b.Name, fmt.Errorf("its digest is that of bundle %s", o.Artifact.Bundle.Name))
	}
	return s.Store.Put(ctx, o.Artifact, o.Signatures...)
}
