package ecr

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// number is that of a text; 0 where it is none.
func number(text string) float64 {
	if text == "" {
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		f = -1
	}
	return scan.Score(f)
}

// pack is one of the packages that a finding of an enhanced scan is about.
type pack struct{ manager, name, version, release, epoch, fixed, path string }

// details are what Inspector says of a vulnerability.
type details struct {
	source, vendor string
	scores         []score
	aliases        []string
	packages       []pack
}

// score is one of CVSS, and whose it is.
type score struct {
	rater, vector string
	base          float64
}

// enhanced reads a finding of an enhanced scan, and adds one for each of its packages. What somebody had
// Inspector suppress is a finding all the same; what it closed is in the image no more.
func (d *reader) enhanced() error {
	var v details
	var id, label, fix, status string
	score := 0.0
	err := d.Object(func(key string) error {
		switch key {
		case "severity":
			return d.Text(&label)
		case "score":
			return d.Number(&score)
		case "fixAvailable":
			return d.Text(&fix)
		case "status":
			return d.Text(&status)
		case "packageVulnerabilityDetails":
			return d.Object(func(key string) error { return d.details(key, &id, &v) })
		}
		return d.Skip()
	})
	if err != nil || status == "CLOSED" {
		return err
	}
	if err := d.listed.add(label, status != "SUPPRESSED"); err != nil {
		return err
	}
	if len(v.packages) == 0 {
		return fmt.Errorf("the finding %.40q names no package", id)
	}
	for _, p := range v.packages {
		f := p.finding(id, fix)
		f.Aliases = v.aliases
		f.Ratings = append(v.ratings(), scan.NewRating(Enhanced, label, "", score))
		if err := d.found.Add(f); err != nil {
			return err
		}
	}
	return nil
}

// vendor is a source as others call it: Inspector has DEBIAN_CVE.
func vendor(source string) string { return strings.TrimSuffix(strings.ToLower(source), "_cve") }

// ratings are the word of the source, and all scores with who gave them: Inspector itself where nobody is named.
func (v *details) ratings() (out []scan.Rating) {
	own := false
	for _, s := range v.scores {
		label := ""
		if s.rater == v.source {
			label, own = v.vendor, true
		}
		out = append(out, scan.NewRating(cmp.Or(s.rater, Enhanced), label, s.vector, s.base))
	}
	if v.source != "" && !own {
		out = append(out, scan.NewRating(v.source, v.vendor, "", 0))
	}
	return out
}

func (d *reader) details(key string, id *string, v *details) error {
	switch key {
	case "vulnerabilityId":
		return d.Text(id)
	case "source":
		err := d.Text(&v.source)
		v.source = vendor(v.source)
		return err
	case "vendorSeverity":
		return d.Text(&v.vendor)
	case "relatedVulnerabilities":
		return d.Texts(&v.aliases, scan.MaxList)
	case "cvss":
		return d.Array(func() error {
			var of score
			err := d.Object(func(key string) error {
				switch key {
				case "source":
					return d.Text(&of.rater)
				case "scoringVector":
					return d.Text(&of.vector)
				case "baseScore":
					return d.Number(&of.base)
				}
				return d.Skip()
			})
			of.rater = vendor(of.rater)
			if v.scores = append(v.scores, of); err == nil && len(v.scores) >= scan.MaxList {
				err = fmt.Errorf("%d scores of one finding", scan.MaxList)
			}
			return err
		})
	case "vulnerablePackages":
		return d.Array(func() error {
			p, err := d.pack()
			if v.packages = append(v.packages, p); err == nil && len(v.packages) > scan.MaxList {
				err = fmt.Errorf("more than %d packages of one finding", scan.MaxList)
			}
			return err
		})
	}
	return d.Skip()
}

func (d *reader) pack() (p pack, err error) {
	err = d.Object(func(key string) error {
		switch key {
		case "packageManager":
			return d.Text(&p.manager)
		case "name":
			return d.Text(&p.name)
		case "version":
			return d.Text(&p.version)
		case "release":
			return d.Text(&p.release)
		case "epoch":
			return d.Word(&p.epoch)
		case "fixedInVersion":
			return d.Text(&p.fixed)
		case "filePath":
			return d.Text(&p.path)
		}
		return d.Skip()
	})
	return p, err
}

// kinds are the types of packages, as a package URL has them, of Inspector's managers.
var kinds = map[string]string{
	"PYTHONPKG": "pypi", "PIP": "pypi", "PIPENV": "pypi", "POETRY": "pypi", "NODEPKG": "npm", "NPM": "npm", "YARN": "npm", "PNPM": "npm",
	"JAR": "maven", "POM": "maven", "GRADLE": "maven", "GOBINARY": "golang", "GOMOD": "golang", "GO": "golang", "BUNDLER": "gem", "GEMSPEC": "gem", "GENERIC": "generic", "CARGO": "cargo", "RUSTBINARY": "cargo", "COMPOSER": "composer", "NUGET": "nuget", "DOTNET": "nuget", "WORDPRESS": "generic", "CONDA": "conda",
}

// finding is that of one package. What is the manager's of no language is the distribution's.
func (p pack) finding(id, fix string) scan.Finding {
	f := scan.Finding{ID: id, Package: p.name, Installed: p.version, Class: scan.OS}
	if kind, ok := kinds[strings.ToUpper(p.manager)]; ok {
		f.Class, f.Paths = scan.Lang, []string{p.path}
		f.PURL = scan.PURL(kind, "", p.name, p.version)
	} else if p.release != "" {
		f.Installed += "-" + p.release
	}
	if p.epoch != "" && p.epoch != "0" && f.Class == scan.OS {
		f.Installed = p.epoch + ":" + f.Installed
	}
	switch {
	case p.fixed != "" && p.fixed != "NotAvailable":
		f.Fixed, f.State = []string{p.fixed}, scan.Fixed
	case fix == "YES":
		f.State = scan.Fixed
	case fix == "NO" || p.fixed == "NotAvailable":
		f.State = scan.NotFixed
	}
	return f
}
