// Package trivy reads the JSON that trivy image --format json prints, of schema version 2.
//
// The report does not say of which day the database was; see trivy's metadata.json for that.
// How many packages there were it says with --list-all-pkgs. What was left out by --severity
// or --ignore-unfixed cannot be seen in it; what --show-suppressed lists is a finding all the same.
package trivy

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Name is the tool's.
const Name = "trivy"

// schema is the version of the report's format that is read; trivy has had it since 0.20.
const schema = 2

// Keys are those of the report itself, by which it is told from others.
var Keys = []string{"SchemaVersion", "Trivy", "ReportID", "CreatedAt", "ArtifactID", "ArtifactName", "ArtifactType", "Metadata", "Results"}

// Read reads one report.
func Read(r io.Reader) (*scan.Scan, error) {
	d := &reader{Reader: jsonwalk.New(r, scan.MaxReport), scan: &scan.Scan{Tool: scan.Tool{Name: Name}}}
	return d.scan, d.Document(d.top, d.check)
}

// reader is one report on its way.
type reader struct {
	*jsonwalk.Reader
	scan     *scan.Scan
	found    scan.Collector
	version  int
	artifact string
	untold   bool // some result does not list its packages
}

func (d *reader) top(key string) error {
	switch key {
	case "SchemaVersion":
		return d.Int(&d.version)
	case "Trivy":
		return d.Object(func(key string) error {
			if key == "Version" {
				return d.Text(&d.scan.Tool.Version)
			}
			return d.Skip()
		})
	case "CreatedAt":
		return d.Time(&d.scan.Scanned)
	case "ArtifactName":
		return d.Text(&d.scan.Name)
	case "ArtifactType":
		return d.Text(&d.artifact)
	case "Metadata":
		return d.Object(d.metadata)
	case "Results":
		return d.Array(func() error { return d.result() })
	}
	return d.Skip()
}

// check is what must be true of the report as a whole.
func (d *reader) check() error {
	switch {
	case d.version != schema:
		return hint.Errorf("use a trivy whose reports have SchemaVersion 2, or a newer zlaunch", "its SchemaVersion is %d, and %d is read", d.version, schema)
	case d.artifact != "container_image":
		return hint.Errorf("trivy image --format json IMAGE", "it is a report about %.40q and not about a container image", d.artifact)
	}
	if d.untold && d.scan.Packages == 0 {
		d.scan.Packages = scan.Untold
	}
	return d.found.Into(d.scan)
}

func (d *reader) metadata(key string) error {
	switch key {
	case "OS":
		return d.Object(func(key string) error {
			var ended bool
			switch key {
			case "Family":
				return d.Text(&d.scan.Distro.ID)
			case "Name":
				return d.Text(&d.scan.Distro.Version)
			case "EOSL":
				err := d.Bool(&ended)
				if ended {
					d.scan.Distro.Life = scan.Ended
				}
				return err
			}
			return d.Skip()
		})
	case "ImageID":
		return d.Text(&d.scan.Image.Config)
	case "RepoDigests":
		return d.digests()
	case "ImageConfig":
		return d.Object(func(key string) error {
			switch key {
			case "architecture":
				return d.Text(&d.scan.Arch)
			case "created":
				return d.Time(&d.scan.Created)
			}
			return d.Skip()
		})
	}
	return d.Skip()
}

// digests are those of NAME@DIGEST.
func (d *reader) digests() error {
	var names []string
	err := d.Texts(&names, scan.MaxList)
	for _, name := range names {
		if _, digest, ok := strings.Cut(name, "@"); ok {
			d.scan.Image.Manifests = append(d.scan.Image.Manifests, digest)
		}
	}
	return err
}

// classes are those of results that are about packages.
var classes = map[string]scan.Class{"os-pkgs": scan.OS, "lang-pkgs": scan.Lang}

// result reads what was found in one place: the packages of the distribution, or one
// language's.
func (d *reader) result() error {
	class, listed, behind, packages := "", false, false, 0
	kinds := map[string]int{}
	err := d.Object(func(key string) error {
		switch key {
		case "Class":
			if behind {
				return errors.New("it stands behind the findings")
			}
			return d.Text(&class)
		case "Packages":
			listed = true
			return d.Array(func() error {
				packages++
				return d.pack(kinds)
			})
		case "Vulnerabilities":
			behind = true
			return d.Array(func() error {
				f, err := d.vulnerability()
				if err != nil {
					return err
				}
				return d.add(f, class)
			})
		case "ExperimentalModifiedFindings":
			behind = true
			return d.Array(func() error { return d.modified(class) })
		}
		return d.Skip()
	})
	d.untold = d.untold || !listed && classes[class] != ""
	if classes[class] != "" {
		d.scan.Packages += packages
	}
	if classes[class] == scan.OS {
		for kind, n := range kinds {
			d.scan.Saw(kind, n)
		}
	}
	return err
}

// add takes in a vulnerability that stands in a result of a class.
func (d *reader) add(f scan.Finding, class string) error {
	if f.Class = classes[class]; f.Class == "" {
		return fmt.Errorf("a vulnerability in a result of class %.40q", class)
	}
	return d.found.Add(f)
}

// states are trivy's words for whether there is a fix.
var states = map[string]scan.FixState{
	"fixed": scan.Fixed, "affected": scan.NotFixed, "fix_deferred": scan.NotFixed, "will_not_fix": scan.WontFix, "end_of_life": scan.WontFix,
}

func (d *reader) vulnerability() (f scan.Finding, err error) {
	var fixed, status string
	label := scan.Rating{Source: Name}
	ratings := ratings{}
	err = d.Object(func(key string) error {
		switch key {
		case "VulnerabilityID":
			return d.Text(&f.ID)
		case "VendorIDs":
			return d.Texts(&f.Aliases, scan.MaxList)
		case "PkgName":
			return d.Text(&f.Package)
		case "PkgPath":
			f.Paths = make([]string, 1)
			return d.Text(&f.Paths[0])
		case "PkgIdentifier":
			return d.Object(func(key string) error {
				if key == "PURL" {
					return d.Text(&f.PURL)
				}
				return d.Skip()
			})
		case "InstalledVersion":
			return d.Text(&f.Installed)
		case "FixedVersion":
			return d.Text(&fixed)
		case "Status":
			return d.Text(&status)
		case "Severity":
			return d.Text(&label.Label)
		case "VendorSeverity":
			return d.Object(func(source string) error { return ratings.level(d.Reader, source) })
		case "CVSS":
			return d.Object(func(source string) error { return ratings.cvss(d.Reader, source) })
		}
		return d.Skip()
	})
	for v := range strings.SplitSeq(fixed, ",") {
		f.Fixed = append(f.Fixed, strings.TrimSpace(v))
	}
	f.State = states[status]
	if strings.Trim(fixed, ", ") != "" {
		f.State = scan.Fixed // whatever the word beside it says
	}
	label.Level = scan.LevelOf(label.Label)
	f.Ratings = append(ratings.list(), label)
	return f, err
}
