package profile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Bundle is what a file of [container.LayerBundle] came in. It is a name space of its
// own: NAME/PROFILE names one of its profiles exactly.
type Bundle struct {
	Name    string
	Version string  // as SemVer has it
	Digest  string  // of its manifest, "sha256:…"
	Signer  *Signer // nil: not known, as before it is published

	Profiles []string // that it has by its lock, and no others; nil: not told

	Images map[string]map[string]string // what a reference means, by reference and architecture: digests
}

// String is the bundle for people: "fraud 1.2.0".
func (b *Bundle) String() string { return b.Name + " " + b.Version }

// undeclared is the error of a definition that the lock does not say its bundle has; nil: it
// does.
func (b *Bundle) undeclared(defs []*definition) *FileError {
	for _, d := range defs {
		if b != nil && b.Profiles != nil && d.name != root && !slices.Contains(b.Profiles, d.name) {
			return &FileError{File: d.file, Names: meant(append(slices.Clone(b.Profiles), d.name)), unread: true, Faults: []*Fault{{File: d.file, Line: d.line(""), Err: hint.Errorf(
				"zlaunch verify", "it has profile %s, and the lock does not say so", d.name)}}}
		}
	}
	return nil
}

// Signer is who signed a bundle, as it was verified. The zero Signer is nobody.
type Signer struct {
	Principal   string // as a list of allowed signers has it; "" none names the key
	Fingerprint string // of the key, "SHA256:…"
	OfHost      bool   // the list is the host's own, and the principal not just the caller's word
}

// String is the signer for people; "" nobody.
func (s *Signer) String() string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(s.Principal + " " + s.Fingerprint)
}

// Names are what the signer is called for a policy: by the key, and by the principal
// where the host's own list has it. In a list of their own, callers call any key anything.
func (s *Signer) Names() []string {
	out := []string{}
	if s.Fingerprint != "" {
		out = append(out, s.Fingerprint)
	}
	if s.OfHost && s.Fingerprint != "" && s.Principal != "" {
		out = append(out, s.Principal)
	}
	return out
}

// exact is the name that a definition of a bundle alone has; "" for any other.
func (d *definition) exact() string {
	if d.bundle == nil {
		return ""
	}
	return d.bundle.Name + "/" + d.name
}

// sees tells whether d may extend e. What a project defines is seen by its own profiles
// only, so that a project's base changes nobody else's hardening. A bundle sees itself
// and what is farther than bundles, so that it means the same for everybody who locked
// it. Nearer layers see its profiles; its base has only an exact name.
func (d *definition) sees(e *definition) bool {
	switch {
	case d.bundle != nil && e.bundle != nil:
		return d.bundle.Name == e.bundle.Name
	case d.bundle != nil:
		return e.layer == container.LayerBuiltIn || e.layer == container.LayerSystem
	case e.bundle != nil:
		return d.layer == container.LayerUser || d.layer == container.LayerProject
	}
	return e.layer != container.LayerProject || d.layer == container.LayerProject
}

// ambiguous is the error of a short name that the definitions of several bundles are the
// nearest of, or why one of them cannot be used; nil for any other name.
func ambiguous(name string, defs []*definition) error {
	var exact []string
	for _, d := range slices.Backward(defs) {
		if d.bundle == nil {
			break
		}
		if d.spoilt != nil {
			return d.load()
		}
		exact = append(exact, d.exact())
	}
	slices.Sort(exact)
	if exact = slices.Compact(exact); len(exact) < 2 || strings.Contains(name, "/") {
		return nil
	}
	return hint.Errorf("name one exactly: "+strings.Join(exact, ", "), "profile %s is in %d bundles", name, len(exact))
}

// pin replaces the tags of images that a bundle names by what they meant there when the
// bundle was locked.
func (p *Profile) pin() {
	if ref, mark, known := container.Image.Get(p.Stated); known && len(mark.Origin) > 0 {
		if by, digest := p.locked(ref, mark.Origin[0]); digest != "" {
			mark.Origin = append([]container.Origin{{Layer: container.LayerBundle, File: lockFile, Key: by.Name + ".image"}}, mark.Origin...)
			container.Image.Set(p.Stated, WithDigest(ref, digest), mark)
		}
	}
	for i, g := range p.GPUImage {
		if _, digest := p.locked(g.Image, p.Origin("gpu_image."+g.Kind)); digest != "" {
			p.GPUImage[i].Image = WithDigest(g.Image, digest)
		}
	}
}

// lockFile is what origins call the lock of a bundle.
const lockFile = "zlaunch.lock"

// locked is what a reference that was written at by meant when its bundle was locked;
// "" is not known.
func (p *Profile) locked(ref string, by container.Origin) (*Bundle, string) {
	b := p.BundleOf(by)
	if b == nil {
		return nil, ""
	}
	return b, b.Images[ref][p.Arch]
}

// WithDigest is the reference of an image by digest, without its tag: Podman takes one of
// the two.
func WithDigest(ref, digest string) string {
	name, _, _ := strings.Cut(ref, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name = name[:colon]
	}
	return fmt.Sprintf("%s@%s", name, digest)
}

// Tagged is an image that a profile names by something else than its digest.
type Tagged struct{ Ref, Arch string }

// TaggedIn lists the images that the files of a bundle name so, by reference and
// architecture.
func (c *Catalog) TaggedIn(bundle string) []Tagged {
	var out []Tagged
	for _, name := range slices.Sorted(maps.Keys(c.defs)) {
		if !strings.HasPrefix(name, bundle+"/") {
			continue
		}
		for _, arch := range Archs {
			p, err := c.Resolve(name, arch)
			if err != nil {
				continue
			}
			ref, mark, _ := container.Image.Get(p.Stated)
			named := map[string]container.Origin{ref: mark.Origin[0]}
			for _, g := range p.GPUImage {
				named[g.Image] = p.Origin("gpu_image." + g.Kind)
			}
			for ref, at := range named {
				by := p.BundleOf(at)
				if t := (Tagged{ref, arch}); by != nil && by.Name == bundle && !strings.Contains(ref, "@") && !slices.Contains(out, t) {
					out = append(out, t)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Tagged) int { return cmp.Or(strings.Compare(a.Ref, b.Ref), strings.Compare(a.Arch, b.Arch)) })
	return out
}
