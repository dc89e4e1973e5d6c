package share

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/blang/semver/v4"
	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Locked is one bundle of a lock, with what became of reading it.
type Locked struct {
	Place  Place
	Bundle lockfile.Bundle // zero where the lock itself cannot be read
	Offer  Offer           // of the store; zero where Err is set
	Err    error           // why it cannot be used
}

// Waiting is a project's lock that nobody approved and that does not count by itself, or not
// all of it.
type Waiting struct {
	profile.Pending
	Counts   bool     // by the signers of its bundles, but for what it says of images
	Profiles []string // that have no effect, by short and by exact name; nil where it cannot be parsed
	Why      error    // it does not count by itself
}

// Locked reads every bundle that the locks name and verifies it, the farthest first, by
// name: of those of one name the nearest counts, and the others are not listed.
func (s *Shelf) Locked(ctx context.Context) ([]Locked, []Waiting) {
	places := slices.DeleteFunc(slices.Clone(s.Places), func(p Place) bool {
		_, err := os.Lstat(p.Path)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(places) == 0 {
		return nil, nil // nobody shares anything: nothing else is looked at
	}
	r := s.reading()
	var out []Locked
	var waiting []Waiting
	for _, at := range places {
		here, wait := r.at(ctx, at, out)
		if wait != nil {
			waiting = append(waiting, *wait)
		}
		for _, l := range here {
			out = over(out, l)
		}
	}
	return out, waiting
}

// over puts l in place of a farther bundle of its name. One of another signer takes
// nobody's place.
func over(out []Locked, l Locked) []Locked {
	i := slices.IndexFunc(out, func(far Locked) bool { return far.Bundle.Name == l.Bundle.Name && l.Bundle.Name != "" })
	if i < 0 {
		return append(out, l)
	}
	if l.Err == nil && !sameKey(out[i].Bundle.Signer, l.Bundle.Signer) {
		l.Err = twoSigners(l.Bundle.Name, out[i].Place, l.Place)
	}
	return append(slices.Delete(out, i, i+1), l)
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
	store    bundle.Held
	approved profile.Approvals
	err      error // why no bundle can be read
}

func (s *Shelf) reading() reading {
	v, err := s.verifier()
	held, lost := s.Store.Look()
	return reading{v, held, s.Approved, errors.Join(err, lost)}
}

// at reads the bundles of one lock; behind are those of farther ones.
func (r reading) at(ctx context.Context, at Place, behind []Locked) ([]Locked, *Waiting) {
	data, err := at.bytes()
	if err != nil {
		return []Locked{{Place: at, Err: err}}, nil
	}
	mine := true // what the lock says of signers counts, as it does for whom wrote it
	if at.Layer == container.LayerProject && data != nil {
		if mine, err = r.approved.Approved(at.Path, data); err != nil {
			return []Locked{{Place: at, Err: err}}, nil
		}
	}
	file, err := at.parse(data)
	switch {
	case err != nil && mine:
		return []Locked{{Place: at, Err: err}}, nil
	case err != nil:
		return nil, &Waiting{Pending: pending(at, data), Why: err}
	}
	out := r.all(ctx, at, file.Bundles, mine)
	if mine {
		return out, nil
	}
	if why := foreign(out, behind); why != nil {
		return nil, &Waiting{Pending: pending(at, data), Profiles: profilesOf(file), Why: why}
	}
	if unpinned(out) {
		return out, &Waiting{Pending: pending(at, data), Counts: true, Why: errors.New("nobody signed what it says of images")}
	}
	return out, nil
}

// unpinned takes away what a lock says of images, which its signers did not sign, and tells
// whether it said anything.
func unpinned(out []Locked) (some bool) {
	for i := range out {
		some = some || len(out[i].Bundle.Images) > 0
		out[i].Bundle.Images = nil
	}
	return some
}

func pending(at Place, data []byte) profile.Pending {
	return profile.Pending{Path: at.Path, Hash: profile.Hash(data), Data: data}
}

// foreign tells why a lock that nobody approved does not count by itself: every one of its
// bundles must be here, by a signer whom the lists name, and take nobody's place who has
// another signer or is newer.
func foreign(here, behind []Locked) error {
	for _, l := range here {
		if l.Err != nil {
			return l.Err
		}
		if l.Bundle.Signer == nil {
			return fmt.Errorf("nobody signed bundle %s", l.Bundle.Name)
		}
		i := slices.IndexFunc(behind, func(far Locked) bool { return far.Bundle.Name == l.Bundle.Name })
		if i < 0 {
			continue
		}
		far := behind[i]
		if !sameKey(far.Bundle.Signer, l.Bundle.Signer) || older(l.Bundle.Version, far.Bundle.Version) {
			return fmt.Errorf("%s has bundle %s %s, which is newer or of another signer", far.Place.Path, far.Bundle.Name, far.Bundle.Version)
		}
	}
	return nil
}

func older(version, than string) bool {
	a, err1 := semver.Parse(version)
	b, err2 := semver.Parse(than)
	return err1 != nil || err2 != nil || a.LT(b)
}

func profilesOf(file *lockfile.File) []string {
	var out []string
	for _, b := range file.Bundles {
		for _, name := range b.Profiles {
			out = append(out, name, b.Name+"/"+name)
		}
	}
	return out
}

// all reads bundles as many at a time as there are processors: a signature takes longer
// to verify than all the rest.
func (r reading) all(ctx context.Context, at Place, bundles []lockfile.Bundle, mine bool) []Locked {
	out := make([]Locked, len(bundles))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(len(bundles), runtime.GOMAXPROCS(0)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := int(next.Add(1)) - 1; i < len(bundles); i = int(next.Add(1)) - 1 {
				out[i] = Locked{Place: at, Bundle: bundles[i]}
				out[i].Offer, out[i].Err = r.stored(ctx, out[i], mine)
			}
		}()
	}
	wg.Wait()
	return out
}

// Stored reads a bundle as a lock of one's own names it, and verifies it.
func (s *Shelf) Stored(ctx context.Context, at Place, b lockfile.Bundle) (Offer, error) {
	return s.reading().stored(ctx, Locked{Place: at, Bundle: b}, true)
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
		return Offer{}, refused(b.Name, hint.Errorf(at.Next("remove", b.Name)+"\n"+at.Next("add", b.Ref), "the lock calls %s version %s, and it is %s %s", b.Name, b.Version, a.Bundle.Name, a.Bundle.Version))
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
