package share

import (
	"context"
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Sources are the locked bundles for the catalog, each to be read and verified when it is
// used, and the locks of a project that have no effect. A bundle that cannot be used reads
// as a source with its error, which spoils the profiles that the lock says it has: no other
// of their names takes their place.
func (s *Shelf) Sources(ctx context.Context) ([]profile.Source, []Waiting) {
	all, waiting := entries(ctx, s)
	var out []profile.Source
	for _, e := range all {
		out = append(out, e.source())
	}
	return out, waiting
}

func (e entry) source() profile.Source {
	src := profile.Source{Layer: container.LayerBundle, File: e.Place.Path, Err: e.Err}
	if e.Bundle.Name != "" { // else of the lock itself nothing is known
		src.Bundle = BundleOf(e.Bundle, e.Offer)
		src.Brief = e.brief
		src.Later = sync.OnceValue(func() []profile.Source { return e.read().sources() })
	}
	return src
}

func (l Locked) sources() []profile.Source {
	of := BundleOf(l.Bundle, l.Offer)
	if l.Err != nil {
		return []profile.Source{{Layer: container.LayerBundle, Bundle: of, File: l.Place.Path, Err: l.Err}}
	}
	return FilesOf(l.Offer, of)
}

// BundleOf is a bundle for a catalog: as it is locked, or would be, and signed.
func BundleOf(b lockfile.Bundle, o Offer) *profile.Bundle {
	of := &profile.Bundle{Name: b.Name, Version: b.Version, Digest: b.Digest, Profiles: b.Profiles, Images: map[string]map[string]string{}, Signer: &profile.Signer{}}
	for _, i := range b.Images {
		if of.Images[i.Ref] == nil {
			of.Images[i.Ref] = b.ImagesOf(i.Ref)
		}
	}
	if who := o.Signer; who != nil {
		of.Signer = &profile.Signer{Principal: who.Principal, Fingerprint: who.Key, OfHost: o.OfHost}
	}
	return of
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

// Names are those of the profiles that a bundle has, sorted. Its base is no other's, and
// none of them.
func (o Offer) Names() []string {
	return profile.Assemble(FilesOf(o, &profile.Bundle{Name: o.Artifact.Bundle.Name})).Names()
}
