package share

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/blang/semver/v4"
	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Add locks the bundle of a wish at a place. Before anything is written, agree is told
// the change, and its error is the end of it: there profiles are planned, judged, shown.
// What was not locked by the end does not exist.
func (s *Shelf) Add(ctx context.Context, at Place, w Wish, agree func(Change) error) (Change, error) {
	file, err := at.read()
	if err != nil {
		return Change{}, err
	}
	w.at = at
	o, err := s.fetch(ctx, w, file.Bundle)
	if err != nil {
		return Change{}, err
	}
	c := Change{Place: at, Old: file.Bundle(o.Artifact.Bundle.Name), New: lockedAs(o, w), Offer: o}
	if c.Old != nil && c.Old.Digest == c.New.Digest {
		c.New.Images = c.Old.Images
	}
	if err := w.allows(c); err != nil {
		return c, err
	}
	if err := agree(c); err != nil {
		return c, err
	}
	if c.None() {
		return c, outline(ctx, s, c)
	}
	if len(c.New.Profiles) == 0 {
		return c, refused(c.New.Name, errors.New("it has no profiles"))
	}
	if w.Images != nil && len(c.New.Images) == 0 {
		c.New.Images = w.Images(ctx, c)
	}
	if err := ctx.Err(); err != nil {
		return c, err
	}
	return c, s.lock(ctx, c)
}

func lockedAs(o Offer, w Wish) lockfile.Bundle {
	b := o.Artifact.Bundle
	out := lockfile.Bundle{Name: b.Name, Version: b.Version, Digest: o.Artifact.Digest().String(), Ref: o.Ref.String(), Signer: o.Signer, Profiles: o.Names(), Requires: b.Requires}
	if profile.Complete(FilesOf(o, &profile.Bundle{Name: b.Name})) {
		out.Outlines = outlinesOf(o)
	}
	if o.Signer == nil {
		out.Unsigned = w.Unsigned
	}
	return out
}

// allows refuses what must be asked for by name: another place it comes from, and an
// older version. Another signer was refused before.
func (w Wish) allows(c Change) error {
	if c.Old == nil {
		return nil
	}
	if c.Old.Ref != c.New.Ref && !w.RefChange {
		return refused(c.New.Name, hint.Errorf("if it moved there: --allow-ref-change",
			"it is locked from %s, and this one is from %s", c.Old.Ref, c.New.Ref))
	}
	before, err1 := semver.Parse(c.Old.Version)
	now, err2 := semver.Parse(c.New.Version)
	if err := errors.Join(err1, err2); err != nil {
		return refused(c.New.Name, err)
	}
	if now.LT(before) && !w.Older {
		return refused(c.New.Name, hint.Errorf("an old version may be one that somebody kept for its faults; if it is meant: --allow-downgrade",
			"%s is locked, and this is the older %s", c.Old.Version, c.New.Version))
	}
	if now.EQ(before) && c.Old.Digest != c.New.Digest && !w.Older {
		return refused(c.New.Name, hint.Errorf("ask its team for a new version; if this one is meant: --allow-downgrade",
			"version %s is locked, and this is another content of the same version", c.Old.Version))
	}
	return nil
}

// lock writes a change: the store first, the lock, which makes it count, last.
func (s *Shelf) lock(ctx context.Context, c Change) error {
	return s.change(ctx, c.Place, func(file *lockfile.File) (drop string, err error) {
		if now := file.Bundle(c.New.Name); !same(now, c.Old) {
			return "", hint.Errorf("the same command again", "locking %s: %s was changed meanwhile", c.New.Name, c.Place.Path)
		}
		if err := s.Store.Put(ctx, c.Offer.Artifact, c.Offer.Signatures...); err != nil {
			return "", fmt.Errorf("keeping bundle %s: %w", c.New.Name, err)
		}
		if c.Old != nil {
			drop = c.Old.Digest
		}
		file.Put(c.New)
		return drop, nil
	})
}

// change reads a lock, has it changed and writes it, while nobody else of this user changes
// any: of two, one would take out of the store what the other is about to lock. What edit
// tells to drop goes out of the store afterwards, where no lock names it.
func (s *Shelf) change(ctx context.Context, at Place, edit func(*lockfile.File) (drop string, err error)) error {
	held, err := s.Guard.Wait(ctx, "share", func(string) {})
	if err != nil {
		return err
	}
	defer held.Release()
	file, err := at.read()
	if err != nil {
		return err
	}
	drop, err := edit(file)
	if err != nil {
		return err
	}
	if err := file.Write(at.Path); err != nil {
		return at.unwritten(err)
	}
	if drop != "" && !named(s.Places, drop) {
		_ = s.Store.Remove(ctx, digest.Digest(drop)) // what stays takes room and nothing else
	}
	return nil
}

func same(a, b *lockfile.Bundle) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Digest == b.Digest && a.Ref == b.Ref
}

// Remove takes the bundle of that name out of a lock. Its content stays in the store
// while a lock that is seen from here names it; of other projects' locks nothing is known,
// and they fetch it anew.
func (s *Shelf) Remove(ctx context.Context, at Place, name string) (was lockfile.Bundle, err error) {
	err = s.change(ctx, at, func(file *lockfile.File) (drop string, err error) {
		b := file.Bundle(name)
		if b == nil {
			return "", hint.Errorf("zlaunch bundles", "removing bundle %s: %s does not have it: %w", name, at.Path, fs.ErrNotExist)
		}
		was = *b
		file.Remove(name)
		return was.Digest, nil
	})
	return was, err
}

// named tells whether a lock that is seen from here names a digest, or may: one that
// cannot be read.
func named(places []Place, digest string) bool {
	for _, p := range places {
		file, err := p.read()
		if err != nil || slices.ContainsFunc(file.Bundles, func(b lockfile.Bundle) bool { return b.Digest == digest }) {
			return true
		}
	}
	return false
}
