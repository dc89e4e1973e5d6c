package scan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"
)

// Key tells findings apart: two of one key are one.
type Key struct {
	ID        string // the canonical one of all names
	Type      string // of the package: pypi, maven, …; os-pkgs for those of a distribution
	Package   string // with its namespace, but for packages of a distribution
	Installed string
}

// compare orders keys for people: packages together.
func (k Key) compare(o Key) int {
	return slices.Compare([]string{k.Package, k.ID, k.Type, k.Installed}, []string{o.Package, o.ID, o.Type, o.Installed})
}

// key is the finding's, by names that mean the same. Packages of a distribution are one
// kind, for not every report says which.
func (f *Finding) key(n names) Key {
	k := Key{ID: n.canonical(f), Type: string(f.Class), Package: strings.ToLower(f.Package), Installed: strings.TrimPrefix(f.Installed, "0:")}
	p, err := packageurl.FromString(f.PURL)
	if err != nil {
		return k
	}
	k.Package = strings.ToLower(p.Name)
	if !distribution(p.Type) {
		k.Type = p.Type
		if p.Namespace != "" {
			k.Package = strings.ToLower(p.Namespace + "/" + p.Name)
		}
	}
	if p.Type == packageurl.TypePyPi {
		k.Package = Project(k.Package)
	}
	if k.Installed == "" {
		k.Installed = p.Version
	}
	return k
}

// Kind is the type of the package's URL, as "deb" or "pypi"; "" is not told.
func (f *Finding) Kind() string {
	p, err := packageurl.FromString(f.PURL)
	if err != nil {
		return ""
	}
	return p.Type
}

// distribution tells whether packages of a type are those of a distribution, whose name is
// then their namespace.
func distribution(kind string) bool {
	return kind == "deb" || kind == "rpm" || kind == "apk" || kind == "alpm"
}

// Project makes one of the spellings of the name of a project of Python, which has no others beside
// it (PEP 503): small letters, and one hyphen for each run of hyphens, dots and underscores.
func Project(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return strings.Join(parts, "-")
}

// PURLs are the package URLs of a finding: that of its package, and those of others that were taken
// for the same, as of another architecture.
func (f *Finding) PURLs() []string { return distinct(append([]string{f.PURL}, f.others...), "") }

// names knows which CVE the other names of vulnerabilities mean, from all findings at hand.
type names map[string]string

// namesOf learns from findings. A name that stands beside several CVEs, as that of an
// advisory does which mends them all, means none of them: nothing is joined by it.
func namesOf(scans ...*Scan) names {
	out := names{}
	for _, s := range scans {
		for i := range s.Findings {
			out.learn(&s.Findings[i])
		}
	}
	return out
}

func (n names) learn(f *Finding) {
	cve := theCVE(f)
	if severalCVEs(f) {
		cve = ambiguous
	}
	if cve == "" {
		return
	}
	for _, name := range f.names() {
		if before := n[name]; before != "" && before != cve {
			n[name] = ambiguous
		} else {
			n[name] = cve
		}
	}
}

// ambiguous is the CVE of a name that means several.
const ambiguous = "-"

// canonical is the CVE that a finding is about where exactly one is known, its own id
// otherwise.
func (n names) canonical(f *Finding) string {
	if isCVE(f.ID) {
		return f.ID
	}
	if cve := theCVE(f); cve != "" {
		return cve
	}
	if cve := n[f.ID]; cve != "" && cve != ambiguous {
		return cve
	}
	return f.ID
}

// Canonical is the CVE that a finding is about, its own id where it names none or several.
func (f *Finding) Canonical() string { return names{}.canonical(f) }

// theCVE is the one CVE among the names of a finding; "" none, or several.
func theCVE(f *Finding) string {
	if isCVE(f.ID) {
		return f.ID
	}
	out := ""
	for _, a := range f.Aliases {
		if isCVE(a) && out != "" && a != out {
			return ""
		} else if isCVE(a) {
			out = a
		}
	}
	return out
}

func severalCVEs(f *Finding) bool { return theCVE(f) == "" && slices.ContainsFunc(f.Aliases, isCVE) }

func isCVE(id string) bool { return strings.HasPrefix(id, "CVE-") }

// Packaged gives the finding the package that a package URL names.
func (f *Finding) Packaged(purl string) error {
	p, err := packageurl.FromString(purl)
	if err != nil {
		return fmt.Errorf("reading the package URL %.80q: %w", purl, err)
	}
	f.PURL, f.Package, f.Class = purl, p.Name, Lang
	if distribution(p.Type) {
		f.Class = OS
	}
	if f.Installed == "" {
		f.Installed = p.Version
	}
	return nil
}
