package share

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/parallel"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Locked is one bundle of a lock, with what became of reading it.
type Locked struct {
	Place  Place
	Bundle lockfile.Bundle // zero where the lock itself cannot be read
	Offer  Offer           // of the store; zero where Err is set
	Err    error           // why it cannot be used
	Unlike error           // what the lock has for lists is not what the bundle says; nil: it is, or there is no such thing
}

// entry is all that a lock says of one bundle, and how to read that.
type entry struct {
	Locked               // without the offer
	read   func() Locked // once

	brief func() *profile.Brief // what a list shows without reading it, once; nil: it reads it
}

// Locked reads every bundle that the locks name and verifies it, the farthest first, by
// name: of those of one name the nearest counts, and the others are not listed.
func (s *Shelf) Locked(ctx context.Context) ([]Locked, []Waiting) {
	all, waiting := entries(ctx, s)
	out := readAll(all)
	for i := range out {
		if l := &out[i]; l.Err == nil {
			l.Unlike = Unlike(l.Place, l.Bundle, l.Offer)
		}
	}
	return out, waiting
}

// entries are Locked before anything is read, but for the bundles of a lock that nobody
// approved: whether it counts is for them to say.
func entries(ctx context.Context, s *Shelf) ([]entry, []Waiting) {
	signers := sync.OnceValues(s.verifier)
	r := opener{s.Approved, s.Store, signers, sync.OnceValue(func() reading { return s.reading(signers) })}
	var out []entry
	var waiting []Waiting
	for _, at := range s.Places {
		if _, err := os.Lstat(at.Path); errors.Is(err, fs.ErrNotExist) {
			continue // nobody shares anything here: nothing else is looked at
		}
		here, wait := r.at(ctx, at, out)
		if wait != nil {
			waiting = append(waiting, *wait)
		}
		for _, e := range here {
			out = over(out, e)
		}
	}
	return out, waiting
}

// over puts e in place of a farther bundle of its name. One of another signer takes
// nobody's place.
func over(out []entry, e entry) []entry {
	i := slices.IndexFunc(out, func(far entry) bool { return far.Bundle.Name == e.Bundle.Name && e.Bundle.Name != "" })
	if i < 0 {
		return append(out, e)
	}
	if far := out[i]; !sameKey(far.Bundle.Signer, e.Bundle.Signer) {
		read := e.read
		e.read = sync.OnceValue(func() Locked {
			l := read()
			if l.Err == nil {
				l.Err = twoSigners(l.Bundle.Name, far.Place, l.Place)
			}
			return l
		})
		e.brief = nil
	}
	return append(slices.Delete(out, i, i+1), e)
}

// twoSigners is why neither of two locks counts for a bundle.
func twoSigners(name string, far, near Place) error {
	without := func(p Place) string { return "without that of " + p.Path + ": " + p.Next("remove", name) }
	return hint.Errorf(without(near)+"\n"+without(far), "bundle %s is locked from one signer in %s, and from another in %s", name, far.Path, near.Path)
}

func sameKey(a, b *lockfile.Signer) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Key == b.Key
}

// reading is a store and the lists of signers, read once for all locks.
type reading struct {
	verifier
	store bundle.Held
	err   error // why no bundle can be read
}

func (s *Shelf) reading(signers func() (verifier, error)) reading {
	v, err := signers()
	held, lost := s.Store.Look()
	return reading{v, held, errors.Join(err, lost)}
}

// opener reads locks, and the store and the lists of signers when a bundle is read.
type opener struct {
	approved profile.Approvals
	store    bundle.Store
	signers  func() (verifier, error) // once
	reading  func() reading           // once
}

// at is what one lock names; behind is what farther ones do.
func (o opener) at(ctx context.Context, at Place, behind []entry) ([]entry, *Waiting) {
	data, err := at.bytes()
	if err != nil {
		return []entry{settled(Locked{Place: at, Err: err})}, nil
	}
	mine := true // what the lock says of signers counts, as it does for whom wrote it
	if at.Layer == container.LayerProject && data != nil {
		if mine, err = o.approved.Approved(at.Path, data); err != nil {
			return []entry{settled(Locked{Place: at, Err: err})}, nil
		}
	}
	file, err := at.parse(data)
	switch {
	case err != nil && mine:
		return []entry{settled(Locked{Place: at, Err: err})}, nil
	case err != nil:
		return nil, &Waiting{Pending: pending(at, data), Why: err}
	}
	var out []entry
	for _, b := range file.Bundles {
		l := Locked{Place: at, Bundle: b}
		out = append(out, entry{Locked: l, read: sync.OnceValue(func() Locked {
			l.Offer, l.Err = o.reading().stored(ctx, l, mine)
			return l
		}), brief: sync.OnceValue(func() *profile.Brief { return o.brief(at, b) })})
	}
	if mine {
		return out, nil
	}
	return foreign(readAll(out), behind, Waiting{Pending: pending(at, data), Profiles: profilesOf(file)})
}

// settled is what there is nothing more to read of.
func settled(l Locked) entry { return entry{Locked: l, read: func() Locked { return l }} }

// readAll reads on all processors: a signature takes longer to verify than all the rest.
func readAll(all []entry) []Locked {
	out := make([]Locked, len(all))
	parallel.Do(len(all), func(i int) { out[i] = all[i].read() })
	return out
}

// Stored reads a bundle as a lock of one's own names it, and verifies it.
func (s *Shelf) Stored(ctx context.Context, at Place, b lockfile.Bundle) (Offer, error) {
	return s.reading(s.verifier).stored(ctx, Locked{Place: at, Bundle: b}, true)
}

// stored reads a locked bundle from the store: its digest, its name, version and profiles,
// and its signer are those of the lock. Where the lock is mine, its signer is accepted; else
// the lists must name that signer.
func (r reading) stored(ctx context.Context, l Locked, mine bool) (Offer, error) {
	b, at := l.Bundle, l.Place
	if r.err != nil {
		return Offer{}, r.err
	}
	a, sigs, err := r.store.Get(ctx, digest.Digest(b.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return Offer{}, hint.Errorf(at.fetch(), "bundle %s %s is locked and not here", b.Name, b.Version)
	}
	if err != nil {
		return Offer{}, refused(b.Name, hint.Wrap(fmt.Errorf("reading it from the store: %w", err), at.fetch()))
	}
	if a.Bundle.Name != b.Name || a.Bundle.Version != b.Version {
		return Offer{}, refused(b.Name, hint.Errorf(at.Next("remove", b.Name)+"\n"+at.Next("add", "REF"), "the lock calls %s version %s, and it is %s %s", b.Name, b.Version, a.Bundle.Name, a.Bundle.Version))
	}
	if err := r.fits(a.Bundle); err != nil {
		return Offer{}, err
	}
	ref, err := bundle.ParseRef(b.Ref)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{Ref: ref, Artifact: a, Signatures: sigs}
	err = r.sign(&o, Wish{Ref: ref, Unsigned: b.Unsigned, locked: &b, listed: !mine, at: at})
	return o, err
}
