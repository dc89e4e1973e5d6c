package grype

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// ofDistribution are grype's words for packages that a distribution brings, which are also those
// of package URLs. Treat it as a constant.
var ofDistribution = []string{"deb", "rpm", "apk", "alpm", "portage"}

// match is one vulnerability in one package.
type match struct {
	scan.Finding
	kind string // of the package
	by   []bool // which of [headers] left it out
}

// match reads one.
func (d *reader) match() (m match, err error) {
	m.by = make([]bool, len(headers))
	f := &m.Finding
	err = d.Object(func(key string) error {
		switch key {
		case "vulnerability":
			v, err := d.vulnerability(f)
			f.ID = v.id
			f.Ratings = append(f.Ratings, v.ratings()...)
			f.Ratings = append(f.Ratings, scan.NewRating(Name, v.severity, "", 0))
			return err
		case "relatedVulnerabilities":
			return d.Array(func() error {
				v, err := d.vulnerability(nil)
				f.Aliases = append(f.Aliases, v.id)
				f.Ratings = append(f.Ratings, v.ratings()...)
				return within(len(f.Aliases), len(f.Ratings), err)
			})
		case "artifact":
			return d.artifact(f, &m.kind)
		case "appliedIgnoreRules":
			return d.Array(func() error {
				r, err := d.rule()
				if i := r.byItself(); i >= 0 {
					m.by[i] = true
				}
				return err
			})
		}
		return d.Skip()
	})
	f.Class = scan.Lang
	if slices.Contains(ofDistribution, m.kind) {
		f.Class, f.Paths = scan.OS, nil // of the database of packages
	}
	return m, err
}

func within(a, b int, err error) error {
	if err == nil && (a > scan.MaxList || b > scan.MaxList) {
		err = fmt.Errorf("more than %d of them", scan.MaxList)
	}
	return err
}

// vulnerability is what one source says.
type vulnerability struct {
	id, namespace, severity string
	vector                  string
	score                   float64
}

// ratings are its word and its score, by the source that its namespace names; grype's own where it names none.
func (v vulnerability) ratings() []scan.Rating {
	source, _, _ := strings.Cut(v.namespace, ":")
	switch source {
	case "":
		source = Name
	case "github":
		source = "ghsa"
	}
	return []scan.Rating{scan.NewRating(source, v.severity, v.vector, v.score)}
}

// states are grype's words for whether there is a fix.
var states = map[string]scan.FixState{"fixed": scan.Fixed, "not-fixed": scan.NotFixed, "wont-fix": scan.WontFix}

// vulnerability reads one; f, where it is not nil, takes what is of the match itself.
func (d *reader) vulnerability(f *scan.Finding) (v vulnerability, err error) {
	err = d.Object(func(key string) error {
		switch key {
		case "id":
			return d.Text(&v.id)
		case "namespace":
			return d.Text(&v.namespace)
		case "severity":
			return d.Text(&v.severity)
		case "cvss":
			return d.Array(func() error { return d.cvss(&v) })
		}
		switch {
		case f == nil:
		case key == "fix":
			return d.fix(f)
		case key == "knownExploited":
			return d.Array(func() error {
				f.KEV = true
				return d.Skip()
			})
		case key == "epss":
			return d.Array(func() error { return d.epss(f) })
		}
		return d.Skip()
	})
	return v, err
}

// cvss reads a score; the highest of a source stays.
func (d *reader) cvss(v *vulnerability) error {
	vector, score := "", 0.0
	err := d.Object(func(key string) error {
		switch key {
		case "vector":
			return d.Text(&vector)
		case "metrics":
			return d.Object(func(key string) error {
				if key == "baseScore" {
					return d.Number(&score)
				}
				return d.Skip()
			})
		}
		return d.Skip()
	})
	if score = scan.Score(score); score > v.score {
		v.vector, v.score = vector, score
	}
	return err
}

// fix reads which versions mend it; where there are any, it is mended whatever the word beside them says.
func (d *reader) fix(f *scan.Finding) error {
	state := ""
	err := d.Object(func(key string) error {
		switch key {
		case "versions":
			return d.Texts(&f.Fixed, scan.MaxList)
		case "state":
			return d.Text(&state)
		}
		return d.Skip()
	})
	f.State = states[state]
	if slices.ContainsFunc(f.Fixed, func(v string) bool { return v != "" }) {
		f.State = scan.Fixed
	}
	return err
}

func (d *reader) epss(f *scan.Finding) error {
	p := 0.0
	err := d.Object(func(key string) error {
		if key == "epss" {
			return d.Number(&p)
		}
		return d.Skip()
	})
	if p > 0 && p <= 1 {
		f.EPSS = max(f.EPSS, p)
	}
	return err
}

// artifact reads the package.
func (d *reader) artifact(f *scan.Finding, kind *string) error {
	return d.Object(func(key string) error {
		switch key {
		case "name":
			return d.Text(&f.Package)
		case "version":
			return d.Text(&f.Installed)
		case "type":
			return d.Text(kind)
		case "purl":
			return d.Text(&f.PURL)
		case "locations":
			return d.Array(func() error {
				path := ""
				err := d.Object(func(key string) error {
					if key == "path" {
						return d.Text(&path)
					}
					return d.Skip()
				})
				f.Paths = append(f.Paths, path)
				return within(len(f.Paths), 0, err)
			})
		case "upstreams":
			return d.Array(func() error {
				return d.Object(func(key string) error {
					if key == "name" && f.Source == "" {
						return d.Text(&f.Source)
					}
					return d.Skip()
				})
			})
		}
		return d.Skip()
	})
}
