package share

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// Package is a bundle made ready to be published.
type Package struct {
	Artifact bundle.Artifact
	Sources  []profile.Source // its files, as a catalog reads them where it is locked
}

// Pack makes the package of a team's directory. Nothing of it leaves this host. Beside an
// error, see [bundle.Directory], stand the sources that could be read.
func Pack(dir fs.FS) (Package, error) {
	b, err := bundle.Directory(dir)
	p := Package{Artifact: bundle.Artifact{Bundle: b}}
	if err == nil {
		p.Artifact, err = b.Pack()
	}
	of := &profile.Bundle{Name: b.Name, Version: b.Version}
	if err == nil {
		of.Digest = p.Artifact.Digest().String()
	}
	p.Sources = FilesOf(Offer{Artifact: p.Artifact}, of)
	return p, err
}

// SignedBy says in the sources of a package who signs it, as its locks will, by the lists of
// a shelf: a policy can ask for it before anything is signed. A nil key is nobody's.
func (p Package) SignedBy(s *Shelf, key *signature.Key) error {
	var o Offer
	if key != nil {
		v, err := s.verifier()
		if err != nil {
			return err
		}
		o.Signer = &lockfile.Signer{Key: key.Fingerprint()} // also where a list here refuses it: others may not
		if who, err := v.check(signature.Unlisted(key.Fingerprint())).Whose(key); err == nil {
			v.note(&o, who)
		}
	}
	for _, src := range p.Sources {
		src.Bundle.Signer = BundleOf(lockfile.Bundle{}, o).Signer
	}
	return nil
}

// Publish signs a package with key and puts both where to names. A nil key signs
// nothing.
func (s *Shelf) Publish(ctx context.Context, p Package, to bundle.Ref, key *signature.Key) error {
	if to.Digest != "" {
		return hint.Errorf("leave the digest away: it is what the content makes it", "publishing to %s: it names a digest", to)
	}
	place, err := bundle.Open(to, s.Registries)
	if err != nil {
		return err
	}
	var sigs [][]byte
	if key != nil {
		b := p.Artifact.Bundle
		subject, err := signature.NewBundle(b.Name, b.Version, p.Artifact.Digest().String())
		if err != nil {
			return err
		}
		sig, err := key.Sign(subject.Message(), signature.Profiles)
		if err != nil {
			return fmt.Errorf("signing bundle %s: %w", b.Name, err)
		}
		sigs = append(sigs, sig)
	}
	if err := place.Put(ctx, p.Artifact, to.Reference(), sigs...); err != nil {
		return fmt.Errorf("publishing bundle %s: %w", p.Artifact.Bundle.Name, err)
	}
	return nil
}
