package share

import (
	"context"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Sources are the files of every locked bundle for the catalog, and the locks of a
// project that have no effect. A bundle that cannot be used is a source with its error,
// which spoils the profiles that the lock says it has: no other of their names takes their
// place.
func (s *Shelf) Sources(ctx context.Context) ([]profile.Source, []Waiting) {
	locked, waiting := s.Locked(ctx)
	var out []profile.Source
	for _, l := range locked {
		out = append(out, l.sources()...)
	}
	return out, waiting
}

func (l Locked) sources() []profile.Source {
	of := &profile.Bundle{Name: l.Bundle.Name, Version: l.Bundle.Version, Digest: l.Bundle.Digest, Profiles: l.Bundle.Profiles, Images: map[string]map[string]string{}}
	for _, i := range l.Bundle.Images {
		if of.Images[i.Ref] == nil {
			of.Images[i.Ref] = l.Bundle.ImagesOf(i.Ref)
		}
	}
	if l.Bundle.Name == "" { // of the lock itself nothing is known
		return []profile.Source{{Layer: container.LayerBundle, File: l.Place.Path, Err: l.Err}}
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

// Names are those of the profiles that a bundle has, sorted. Its base is no other's, and
// none of them.
func (o Offer) Names() []string {
	return profile.Assemble(FilesOf(o, &profile.Bundle{Name: o.Artifact.Bundle.Name})).Names()
}
