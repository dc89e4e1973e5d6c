package feeds

import (
	"errors"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// product is what a statement is about: an image or a package, and parts of it.
type product struct {
	id   string
	purl packageurl.PackageURL // the zero value: the id is none
	sums []string              // SHA-256 in hex
	subs []product
}

// product reads one; nested is the key of its parts, "" where it has none.
func (d *vexReader) product(nested string) (p product, err error) {
	purl := ""
	err = d.Object(func(key string) error {
		switch {
		case key == "@id":
			return d.Text(&p.id)
		case key == "identifiers":
			return d.Object(func(key string) error {
				if key == "purl" {
					return d.Text(&purl)
				}
				return d.known(key, "cpe22", "cpe23", "@cpe22", "@cpe23")
			})
		case key == "hashes":
			return d.Object(func(kind string) error { return d.sum(&p, kind) })
		case key == nested:
			return d.parts(&p)
		}
		return d.known(key, "supplier") // which go-vex writes
	})
	if purl == "" && strings.HasPrefix(p.id, "pkg:") {
		purl = p.id
	}
	if err == nil && purl != "" {
		p.purl, err = packageurl.FromString(purl)
	}
	return p, err
}

// sum reads a digest of a product; images are known by those of SHA-256.
func (d *vexReader) sum(p *product, kind string) error {
	sum := ""
	err := d.Text(&sum)
	if kind == "sha-256" {
		p.sums = append(p.sums, strings.ToLower(sum))
	}
	return err
}

// parts reads the parts of a product that a statement is about. Where there is a list it has
// some: without any the statement would be about all of the image.
func (d *vexReader) parts(p *product) error {
	err := d.Array(func() error {
		sub, err := d.product("")
		p.subs = append(p.subs, sub)
		return err
	})
	if err == nil && len(p.subs) == 0 {
		err = errors.New("a list of parts without any")
	}
	return err
}

// covers tells whether a product is a package, or the image with that package among its parts;
// an image without parts is all of it. A package that is fixed is one version of it: of one
// that is named without, nobody knows which is.
func (p *product) covers(image scan.Image, f *scan.Finding, status string) bool {
	if p.isImage(image) {
		return len(p.subs) == 0 || slices.ContainsFunc(p.subs, func(s product) bool { return s.isPackage(f) })
	}
	return len(p.subs) == 0 && p.isPackage(f) && (status != "fixed" || p.purl.Version != "")
}

// isImage tells whether a product is an image, by a digest alone: names can be moved.
func (p *product) isImage(image scan.Image) bool {
	for _, digest := range image.Digests() {
		hex := strings.TrimPrefix(digest, "sha256:")
		if slices.Contains(p.sums, hex) || p.purl.Type == "oci" && p.purl.Version == digest || strings.HasSuffix(p.id, "@"+digest) {
			return true
		}
	}
	return false
}

// isPackage tells whether a product is the package of a finding, and of all that were taken for it.
func (p *product) isPackage(f *scan.Finding) bool {
	all := f.PURLs()
	return len(all) > 0 && !slices.ContainsFunc(all, func(purl string) bool { return !p.is(purl) })
}

// is tells whether a product is a package: the same package URL, of which version and qualifiers
// may be left out, and then hold for all.
func (p *product) is(purl string) bool {
	own, err := packageurl.FromString(purl)
	if err != nil || p.purl.Type == "" || p.purl.Type == "oci" || p.purl.Subpath != own.Subpath {
		return false
	}
	if p.purl.Type != own.Type || p.purl.Namespace != own.Namespace || p.purl.Name != own.Name || p.purl.Version != "" && p.purl.Version != own.Version {
		return false
	}
	have := own.Qualifiers.Map()
	for k, v := range p.purl.Qualifiers.Map() {
		if have[k] != v {
			return false
		}
	}
	return true
}
