// Package share carries profiles between teams. A [Shelf] adds bundles to a zlaunch.lock,
// keeps them there, publishes them, and gives the catalog what the locks name.
//
// What is used stands in the locks, who may sign in allowed_signers, and what must hold
// in policies; nothing here lets one answer for another. Every reading verifies: the
// bytes against the digest of the lock, the signature against its signer.
package share

import (
	"context"
	"path/filepath"
	"reflect"
	"time"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// Shelf is where somebody's bundles come from and are kept.
type Shelf struct {
	Store      bundle.Store
	Registries bundle.Settings
	Signers    signature.Files   // who may sign, beside the signers that the locks name
	Places     []Place           // of the locks, the farthest first
	Approved   profile.Approvals // of a project's lock
	Guard      record.Locks      // keeps two who change one lock apart
	Version    string            // of this zlaunch, for what a bundle requires; "" is not asked
	Now        func() time.Time  // when a key must be allowed
}

// ShelfOf is the shelf of whoever has this environment, for
// this version of zlaunch: dirs are where profiles are read from, and so the locks.
func ShelfOf(getenv func(string) string, home string, dirs profile.Dirs, version string) *Shelf {
	s := &Shelf{
		Store:      bundle.StoreIn(getenv, home),
		Registries: bundle.SettingsOf(getenv, home, "zlaunch/"+version),
		Signers:    signature.Files{System: signature.SystemFile},
		Places:     []Place{{container.LayerSystem, filepath.Join("/etc/zlaunch", lockfile.Name)}},
		Approved:   dirs.Approved,
		Guard:      record.Locks(filepath.Join(filepath.Dir(dirs.Approved.Dir), "locks")), // not gone at logout, as locks of launches are
		Version:    version,
	}
	if dirs.User != "" {
		s.Signers.User = filepath.Join(dirs.User, signature.UserFile)
		s.Places = append(s.Places, Place{container.LayerUser, filepath.Join(dirs.User, lockfile.Name)})
	}
	if dirs.Project != "" && filepath.Clean(dirs.Project) != filepath.Clean(dirs.User) {
		s.Places = append(s.Places, Place{container.LayerProject, filepath.Join(dirs.Project, lockfile.Name)})
	}
	return s
}

// Offer is a bundle as somebody offers it, its signer verified.
type Offer struct {
	Ref        bundle.Ref
	Artifact   bundle.Artifact
	Signatures [][]byte
	Signer     *lockfile.Signer // nil: it is not signed
	OfHost     bool             // the host's own list names the signer, and not the caller's alone
}

// Change is what an offer makes of a lock.
type Change struct {
	Place Place
	Old   *lockfile.Bundle // nil: it was not there
	New   lockfile.Bundle
	Offer Offer
}

// None tells that the lock stays as it is.
func (c Change) None() bool {
	return c.Old != nil && c.Old.Digest == c.New.Digest && c.Old.Ref == c.New.Ref && reflect.DeepEqual(c.Old.Signer, c.New.Signer)
}

// fetch reads the bundle of a reference and verifies who signed it, out of those whom w
// accepts; locked is what the lock has of a name.
func (s *Shelf) fetch(ctx context.Context, w Wish, locked func(name string) *lockfile.Bundle) (Offer, error) {
	v, err := s.verifier()
	if err != nil {
		return Offer{}, err
	}
	place, err := bundle.Open(w.Ref, s.Registries)
	if err != nil {
		return Offer{}, err
	}
	a, err := bundle.Read(ctx, place, w.Ref.Reference())
	if err != nil {
		return Offer{}, err
	}
	if err := v.fits(a.Bundle); err != nil {
		return Offer{}, err
	}
	w.locked = locked(a.Bundle.Name)
	found, unread := bundle.Signatures(ctx, place, a.Descriptor())
	o := Offer{Ref: w.Ref, Artifact: a, Signatures: found}
	if err = v.sign(&o, w); err != nil && unread != nil {
		return Offer{}, unread // what could not be read may be the good one
	}
	return o, err
}
