package share

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// brief is what a list shows of a bundle by a lock of one's own. It is nil where the lock does
// not have that, and where something stands against the bundle that shows without opening it:
// it is not here, it is for a newer zlaunch, its signer is no longer allowed. Reading it tells.
func (o opener) brief(at Place, b lockfile.Bundle) *profile.Brief {
	v, err := o.signers()
	if !b.Outlined() || err != nil || !o.store.Keeps(digest.Digest(b.Digest)) ||
		v.fits(bundle.Bundle{Name: b.Name, Version: b.Version, Requires: b.Requires}) != nil {
		return nil
	}
	offer := Offer{}
	if b.Signer != nil {
		who, err := v.check(Wish{locked: &b, at: at}.accepts()).Holds(b.Signer.Key)
		if err != nil {
			return nil
		}
		v.note(&offer, who)
	}
	return &profile.Brief{Bundle: BundleOf(b, offer), Outlines: outlined(b)}
}

// outlined are the outlines of a lock for a catalog.
func outlined(b lockfile.Bundle) []profile.Outline {
	var out []profile.Outline
	for _, o := range b.Outlines {
		out = append(out, profile.Outline{
			Name: o.Name, File: b.Name + "/" + o.File, Extends: o.Extends,
			About: o.About, Kind: o.Kind, Owner: o.Owner, Deprecated: o.Deprecated, Archs: o.Archs,
		})
	}
	return out
}

// outlinesOf are those of a bundle for a lock; nil where a list must read it.
func outlinesOf(o Offer) []lockfile.Outline {
	of := o.Artifact.Bundle.Name
	var out []lockfile.Outline
	for _, p := range profile.Outlines(FilesOf(o, &profile.Bundle{Name: of})) {
		out = append(out, lockfile.Outline{
			Name: p.Name, File: strings.TrimPrefix(p.File, of+"/"), Extends: p.Extends,
			About: p.About, Kind: p.Kind, Owner: p.Owner, Deprecated: p.Deprecated, Archs: p.Archs,
		})
	}
	return out
}

// Unlike tells what a lock has for lists that its bundle does not say; nil: nothing. No run
// depends on it, so it keeps nobody from using the bundle.
func Unlike(at Place, b lockfile.Bundle, o Offer) error {
	if len(b.Outlines) == 0 {
		return nil
	}
	next := at.Next("update", b.Name)
	if says := o.Artifact.Bundle.Requires; says != b.Requires {
		return hint.Errorf(next, "the lock says that bundle %s requires zlaunch %q, and it says %q", b.Name, b.Requires, says)
	}
	is := map[string]lockfile.Outline{}
	for _, p := range outlinesOf(o) {
		is[p.Name] = p
	}
	for _, p := range b.Outlines {
		if says, known := is[p.Name]; !known || !reflect.DeepEqual(p, says) {
			return hint.Errorf(next, "what the lock says of profile %s/%s for lists is not what the bundle says", b.Name, p.Name)
		}
	}
	if len(is) > len(b.Outlines) {
		return hint.Errorf(next, "the lock does not say of every profile of bundle %s what lists show", b.Name)
	}
	return nil
}

// outline gives a locked bundle what lists show of it, where its lock has something else or,
// as older ones, nothing.
func outline(ctx context.Context, s *Shelf, c Change) error {
	if c.Old.Requires == c.New.Requires && reflect.DeepEqual(c.Old.Outlines, c.New.Outlines) {
		return nil
	}
	return s.change(ctx, c.Place, func(file *lockfile.File) (drop string, err error) {
		now := file.Bundle(c.New.Name)
		if !same(now, &c.New) {
			return "", fmt.Errorf("locking %s: %s was changed meanwhile", c.New.Name, c.Place.Path)
		}
		now.Requires, now.Outlines = c.New.Requires, c.New.Outlines
		return "", nil
	})
}
