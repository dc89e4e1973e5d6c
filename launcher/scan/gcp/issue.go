package gcp

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// vulnerability is what an occurrence says of one.
type vulnerability struct {
	severity, effective string
	score               float64
	fix                 fixable
	issues              []issue
}

// issue is one package that has it.
type issue struct {
	cpe, name, kind, path, effective string
	installed, fixed                 version
	fix                              fixable
}

// fixable is whether there is a fix, where that is told.
type fixable struct{ told, is bool }

func (d *reader) fixable(to *fixable) error {
	to.told = true
	return d.Bool(&to.is)
}

func (d *reader) vulnerability(key string, v *vulnerability) error {
	switch key {
	case "severity":
		return d.Text(&v.severity)
	case "effectiveSeverity":
		return d.Text(&v.effective)
	case "fixAvailable":
		return d.fixable(&v.fix)
	case "cvssScore":
		return d.score(v)
	case "cvssv3", "cvssV3", "cvssV2", "cvssv2", "cvssV4", "cvssv4":
		return d.Object(func(key string) error {
			if key == "baseScore" {
				return d.score(v)
			}
			return d.Skip()
		})
	case "packageIssue":
		return d.Array(func() error {
			i, err := d.issue()
			if v.issues = append(v.issues, i); err == nil && len(v.issues) > scan.MaxList {
				err = fmt.Errorf("more than %d packages of one vulnerability", scan.MaxList)
			}
			return err
		})
	}
	return d.Skip()
}

// score reads one; the highest stays, of whichever version of CVSS.
func (d *reader) score(v *vulnerability) error {
	n := 0.0
	err := d.Number(&n)
	v.score = max(v.score, scan.Score(n))
	return err
}

func (d *reader) issue() (i issue, err error) {
	err = d.Object(func(key string) error {
		switch key {
		case "affectedCpeUri":
			return d.Text(&i.cpe)
		case "affectedPackage":
			return d.Text(&i.name)
		case "affectedVersion":
			return d.version(&i.installed)
		case "fixedVersion":
			return d.version(&i.fixed)
		case "fixAvailable":
			return d.fixable(&i.fix)
		case "packageType":
			return d.Text(&i.kind)
		case "effectiveSeverity":
			return d.Text(&i.effective)
		case "fileLocation":
			return d.Array(func() error {
				return d.Object(func(key string) error {
					if key == "filePath" && i.path == "" {
						return d.Text(&i.path)
					}
					return d.Skip()
				})
			})
		}
		return d.Skip()
	})
	return i, err
}

// version is one as the API parts it.
type version struct {
	epoch                         int
	name, revision, kind, written string
}

func (d *reader) version(v *version) error {
	return d.Object(func(key string) error {
		switch key {
		case "epoch":
			return d.Int(&v.epoch)
		case "name":
			return d.Text(&v.name)
		case "revision":
			return d.Text(&v.revision)
		case "kind":
			return d.Text(&v.kind)
		case "fullName":
			return d.Text(&v.written)
		}
		return d.Skip()
	})
}

// String is the version as a package manager writes it. MINIMUM and MAXIMUM are none: the
// latter is that of a fix which is not there.
func (v version) String() string {
	out := v.written
	switch {
	case v.kind == "MAXIMUM" || v.kind == "MINIMUM":
		return ""
	case out != "":
		return out
	}
	out = v.name
	if v.revision != "" {
		out += "-" + v.revision
	}
	if v.epoch > 0 {
		out = fmt.Sprintf("%d:%s", v.epoch, out)
	}
	return out
}

// kinds are the types of packages, as a package URL has them, of the API's.
var kinds = map[string]string{"PYPI": "pypi", "NPM": "npm", "MAVEN": "maven", "GO": "golang", "GO_STDLIB": "golang", "RUBYGEMS": "gem", "RUST": "cargo", "COMPOSER": "composer", "NUGET": "nuget"}

// finding is that of a package.
func (i issue) finding(id string, v *vulnerability) scan.Finding {
	f := scan.Finding{ID: id, Package: i.name, Installed: i.installed.String(), Class: scan.OS, State: scan.FixUnknown}
	if kind, ok := kinds[i.kind]; ok {
		f.Class, f.Paths, f.PURL = scan.Lang, []string{i.path}, scan.PURL(kind, "", i.name, f.Installed)
	}
	switch fixed := i.fixed.String(); {
	case fixed != "":
		f.Fixed, f.State = []string{fixed}, scan.Fixed
	case i.fix.is || v.fix.is:
		f.State = scan.Fixed
	case i.fixed.kind == "MAXIMUM" || i.fix.told || v.fix.told:
		f.State = scan.NotFixed
	}
	f.Ratings = []scan.Rating{scan.NewRating(Name, i.worse(v), "", 0), scan.NewRating("nvd", v.severity, "", v.score)}
	return f
}

// worse is the worse word of those that are known for the package and for the vulnerability.
func (i issue) worse(v *vulnerability) string {
	own, all := scan.LevelOf(i.effective), scan.LevelOf(v.effective)
	if own == scan.Unknown || all != scan.Unknown && !own.AtLeast(all) {
		return v.effective
	}
	return i.effective
}

// distro is the one that a CPE names, as cpe:/o:debian:debian_linux:11.
func (i issue) distro() scan.Distro {
	parts := strings.Split(i.cpe, ":")
	if len(parts) < 5 || parts[1] != "/o" {
		return scan.Distro{}
	}
	return scan.Distro{ID: strings.ToLower(parts[2]), Version: parts[4]}
}
