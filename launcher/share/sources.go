package share

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// Locked is one bundle of a lock, with what became of reading it.
type Locked struct {
	Place  Place
	Bundle lockfile.Bundle
	Offer  Offer // of the store; zero where Err is set
	Err    error // why it cannot be used
}

// Locked reads every bundle that the locks name and verifies it, the farthest first, by
// name: of those of one name the nearest counts, and the others are not listed. A
// project's lock that does not count is pending instead, its bundles are not listed.
func (s *Shelf) Locked(ctx context.Context) ([]Locked, []profile.Pending) {
	places := slices.DeleteFunc(slices.Clone(s.Places), func(p Place) bool {
		_, err := os.Lstat(p.Path)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(places) == 0 {
		return nil, nil // nobody shares anything: nothing else is looked at
	}
	r, err := s.reading()
	if err != nil {
		return []Locked{{Place: places[0], Err: err}}, nil
	}
	var out []Locked
	var pending []profile.Pending
	for _, at := range places {
		here, wait := r.at(ctx, at)
		if wait != nil {
			pending = append(pending, *wait)
		}
		for _, l := range here {
			out = over(out, l)
		}
	}
	return out, pending
}

// over puts l in place of a farther bundle of its name. One of another signer takes
// nobody's place.
func over(out []Locked, l Locked) []Locked {
	i := slices.IndexFunc(out, func(far Locked) bool { return far.Bundle.Name == l.Bundle.Name && l.Bundle.Name != "" })
	if i < 0 {
		return append(out, l)
	}
	if far, near := out[i].Bundle.Signer, l.Bundle.Signer; l.Err == nil && (far == nil) != (near == nil) || far != nil && near != nil && far.Key != near.Key {
		l.Err = hint.Errorf("zlaunch remove one of them", "bundle %s is locked from one signer in %s, and from another in %s",
			l.Bundle.Name, out[i].Place.Path, l.Place.Path)
	}
	return append(slices.Delete(out, i, i+1), l)
}

// reading is a store and the lists of signers, read once for all locks.
type reading struct {
	verifier
	store    bundle.Held
	approved profile.Approvals
}

func (s *Shelf) reading() (reading, error) {
	v, err := s.verifier()
	if err != nil {
		return reading{}, err
	}
	held, err := s.Store.Look()
	return reading{v, held, s.Approved}, err
}

// at reads the bundles of one lock.
func (r reading) at(ctx context.Context, at Place) ([]Locked, *profile.Pending) {
	if at.Layer != container.LayerProject {
		if err := trust.Caller().Path(at.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return []Locked{{Place: at, Err: err}}, nil
		}
	}
	file, data, err := lockfile.Read(at.Path)
	if err != nil {
		return []Locked{{Place: at, Err: err}}, nil
	}
	mine := true // what the lock says of signers counts, as it does for whom wrote it
	if at.Layer == container.LayerProject && data != nil {
		if mine, err = r.approved.Approved(at.Path, data); err != nil {
			return []Locked{{Place: at, Err: err}}, nil
		}
	}
	out := r.all(ctx, at, file.Bundles, mine)
	if !mine && slices.ContainsFunc(out, unlisted) {
		return nil, &profile.Pending{Path: at.Path, Hash: profile.Hash(data), Data: data}
	}
	return out, nil
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
				out[i].Offer, out[i].Err = r.stored(ctx, bundles[i], mine)
			}
		}()
	}
	wg.Wait()
	return out
}

// unlisted tells that a bundle of a project needs an approval: nobody allowed signed it.
func unlisted(l Locked) bool {
	var not *signature.Error
	return l.Bundle.Signer == nil || errors.As(l.Err, &not)
}

// Stored reads a bundle as a lock of one's own names it, and verifies it.
func (s *Shelf) Stored(ctx context.Context, b lockfile.Bundle) (Offer, error) {
	r, err := s.reading()
	if err != nil {
		return Offer{}, err
	}
	return r.stored(ctx, b, true)
}

// stored reads a locked bundle from the store: its digest, its name and version, and its
// signer are those of the lock. Where the lock is mine, its signer is accepted; else the
// lists must name that signer.
func (r reading) stored(ctx context.Context, b lockfile.Bundle, mine bool) (Offer, error) {
	a, sigs, err := r.store.Get(ctx, digest.Digest(b.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return Offer{}, hint.Errorf("zlaunch add, which fetches what is locked", "bundle %s %s is locked and not here", b.Name, b.Version)
	}
	if err != nil {
		return Offer{}, hint.Wrap(fmt.Errorf("reading bundle %s: %w", b.Name, err), "zlaunch add, which fetches what is locked")
	}
	if a.Bundle.Name != b.Name || a.Bundle.Version != b.Version {
		return Offer{}, refused(b.Name, hint.Errorf("zlaunch verify", "the lock calls %s version %s, and it is %s %s", b.Name, b.Version, a.Bundle.Name, a.Bundle.Version))
	}
	if err := r.fits(a.Bundle); err != nil {
		return Offer{}, err
	}
	ref, err := bundle.ParseRef(b.Ref)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{Ref: ref, Artifact: a, Signatures: sigs}
	w := Wish{Ref: ref, Unsigned: b.Unsigned, locked: &b, listed: !mine}
	o.Signer, err = r.signer(o, w)
	return o, err
}

// Sources are the files of every locked bundle for the catalog, and the locks of a
// project that wait for an approval. A bundle that cannot be used is a source with its
// error.
func (s *Shelf) Sources(ctx context.Context) ([]profile.Source, []profile.Pending) {
	locked, pending := s.Locked(ctx)
	var out []profile.Source
	for _, l := range locked {
		out = append(out, l.sources()...)
	}
	return out, pending
}

func (l Locked) sources() []profile.Source {
	of := &profile.Bundle{Name: l.Bundle.Name, Version: l.Bundle.Version, Digest: l.Bundle.Digest, Images: map[string]map[string]string{}}
	for _, i := range l.Bundle.Images {
		if of.Images[i.Ref] == nil {
			of.Images[i.Ref] = l.Bundle.ImagesOf(i.Ref)
		}
	}
	if l.Err != nil {
		return []profile.Source{{Layer: container.LayerBundle, Bundle: of, File: l.Place.Path, Err: l.Err}}
	}
	if who := l.Offer.Signer; who != nil {
		of.Signer = SignerText(who)
	}
	return FilesOf(l.Offer, of)
}

// SignerText is who signed, for people: principal and fingerprint.
func SignerText(s *lockfile.Signer) string { return strings.TrimSpace(s.Principal + " " + s.Key) }

// FilesOf are the files of a bundle as sources of a catalog.
func FilesOf(o Offer, of *profile.Bundle) []profile.Source {
	var out []profile.Source
	for _, f := range o.Artifact.Bundle.Files {
		out = append(out, profile.Source{Layer: container.LayerBundle, Bundle: of, File: of.Name + "/" + f.Name, Data: f.Data})
	}
	return out
}
