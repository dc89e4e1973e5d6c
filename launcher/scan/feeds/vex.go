package feeds

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

const (
	// vexContext is how the name of OpenVEX's format begins; what follows is its version.
	vexContext = "https://openvex.dev/ns"
	// maxStatements is how many statements a document makes.
	maxStatements = 100_000
)

// VEX is a document of OpenVEX 0.2.0.
type VEX struct {
	ID, Author string
	statements []statement
}

// statement is what its author says of one vulnerability in products.
type statement struct {
	names                 []string // of the vulnerability
	products              []product
	status, justification string
}

// product is what a statement is about: an image or a package, and parts of it.
type product struct {
	id   string
	purl packageurl.PackageURL // the zero value: the id is none
	sums []string              // digests in hex
	subs []product
}

// statuses are those of the specification.
var statuses = []string{"not_affected", "affected", "fixed", "under_investigation"}

// justifications are those of the specification, of what is not affected.
var justifications = []string{"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"}

// ReadVEX reads a document.
func ReadVEX(r io.Reader) (*VEX, error) {
	v := &VEX{}
	d := &vexReader{Reader: jsonwalk.New(r, maxFile)}
	context := ""
	err := d.Object(func(key string) error {
		switch key {
		case "@context":
			return d.Text(&context)
		case "@id":
			return d.Text(&v.ID)
		case "author":
			return d.Text(&v.Author)
		case "statements":
			return d.Array(func() error {
				s, err := d.statement()
				if v.statements = append(v.statements, s); err == nil && len(v.statements) > maxStatements {
					err = fmt.Errorf("more than %d statements", maxStatements)
				}
				return err
			})
		}
		return d.Skip()
	})
	if err == nil {
		err = d.End()
	}
	if err == nil && context != vexContext+"/v0.2.0" {
		err = fmt.Errorf("its @context is %.60q, and %s/v0.2.0 is read", context, vexContext)
	}
	if err == nil && (v.Author == "" || len(v.statements) == 0) {
		err = errors.New("it has no author, or no statements")
	}
	for _, text := range []string{v.ID, v.Author} {
		if err == nil {
			err = bounded.Printable(text)
		}
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading OpenVEX: %w", err), "vexctl merges and checks documents")
	}
	return v, nil
}

// vexReader is a document on its way.
type vexReader struct{ *jsonwalk.Reader }

func (d *vexReader) statement() (s statement, err error) {
	err = d.Object(func(key string) error {
		switch key {
		case "vulnerability":
			return d.Object(func(key string) error {
				name := ""
				switch key {
				case "name":
					err := d.Text(&name)
					s.names = append(s.names, name)
					return err
				case "aliases":
					return d.Texts(&s.names, scan.MaxList)
				}
				return d.Skip()
			})
		case "products":
			return d.Array(func() error {
				p, err := d.product("subcomponents")
				s.products = append(s.products, p)
				return err
			})
		case "status":
			return d.Text(&s.status)
		case "justification":
			return d.Text(&s.justification)
		}
		return d.Skip()
	})
	switch {
	case err != nil:
	case len(s.names) == 0:
		err = errors.New("a statement about no vulnerability")
	case !slices.Contains(statuses, s.status):
		err = fmt.Errorf("the status %.40q is none", s.status)
	case s.justification != "" && !slices.Contains(justifications, s.justification):
		err = fmt.Errorf("the justification %.60q is none", s.justification)
	case s.status == "not_affected" && s.justification == "":
		err = errors.New("not_affected without a justification")
	}
	return s, err
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
				return d.Skip()
			})
		case key == "hashes":
			return d.Object(func(string) error {
				sum := ""
				err := d.Text(&sum)
				p.sums = append(p.sums, strings.ToLower(sum))
				return err
			})
		case key == nested:
			return d.Array(func() error {
				sub, err := d.product("")
				p.subs = append(p.subs, sub)
				return err
			})
		}
		return d.Skip()
	})
	if purl == "" && strings.HasPrefix(p.id, "pkg:") {
		purl = p.id
	}
	if err == nil && purl != "" {
		p.purl, err = packageurl.FromString(purl)
	}
	return p, err
}

// Mark gives the findings of a scan what the document says of them. The last statement about
// one counts.
func (v *VEX) Mark(s *scan.Scan) {
	about := map[string][]int{} // statements, by each name of their vulnerability
	for i, st := range v.statements {
		for _, name := range st.names {
			about[name] = append(about[name], i)
		}
	}
	for i := range s.Findings {
		f := &s.Findings[i]
		last := -1
		for _, id := range append([]string{f.ID}, f.Aliases...) {
			for _, n := range about[id] {
				if n > last && slices.ContainsFunc(v.statements[n].products, func(p product) bool { return p.covers(s.Image, f) }) {
					last = n
				}
			}
		}
		if last >= 0 {
			st := v.statements[last]
			f.VEX = &scan.VEX{Status: st.status, Justification: st.justification, Author: v.Author, Document: v.ID}
		}
	}
}

// covers tells whether a product is a package, or the image with that package among its parts;
// an image without parts is all of it.
func (p *product) covers(image scan.Image, f *scan.Finding) bool {
	if p.isImage(image) {
		return len(p.subs) == 0 || slices.ContainsFunc(p.subs, func(s product) bool { return s.isPackage(f) })
	}
	return len(p.subs) == 0 && p.isPackage(f)
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

// isPackage tells whether a product is the package of a finding: the same package URL, of
// which version and qualifiers may be left out, and then hold for all.
func (p *product) isPackage(f *scan.Finding) bool {
	own, err := packageurl.FromString(f.PURL)
	if err != nil || p.purl.Type == "" || p.purl.Type == "oci" {
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
