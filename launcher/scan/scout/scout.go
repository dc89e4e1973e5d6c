// Package scout reads what docker scout cves --format gitlab prints: a report of container
// scanning as GitLab's schema 15 has it. Of the formats of Docker Scout it is the one that
// names package, version and severity apart; its SARIF and Markdown do not.
//
// It says neither how many packages there were, nor of which day the database was, and what
// mends a vulnerability only as prose: what has one counts as fixed in a version of no name.
package scout

import (
	"errors"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Name is the tool's.
const Name = "docker-scout"

// major is the version of GitLab's schema that is read.
const major = "15."

// Keys are those of the report itself, by which it is told from others.
var Keys = []string{"version", "schema", "scan", "vulnerabilities", "remediations"}

// Read reads one report.
func Read(r io.Reader) (*scan.Scan, error) {
	d := &reader{Reader: jsonwalk.New(r, scan.MaxReport), scan: &scan.Scan{Tool: scan.Tool{Name: Name}, Packages: scan.Untold}}
	return d.scan, d.Document(d.top, d.check)
}

// reader is one report on its way.
type reader struct {
	*jsonwalk.Reader
	scan                          *scan.Scan
	found                         scan.Collector
	version, kind, status, id, by string
	lists                         bool // there are vulnerabilities, if none
}

func (d *reader) top(key string) error {
	switch key {
	case "version":
		return d.Text(&d.version)
	case "scan":
		return d.Object(d.about)
	case "vulnerabilities":
		d.lists = true
		return d.Array(d.vulnerability)
	}
	return d.Skip()
}

func (d *reader) about(key string) error {
	switch key {
	case "type":
		return d.Text(&d.kind)
	case "status":
		return d.Text(&d.status)
	case "end_time":
		return d.Time(&d.scan.Scanned)
	case "scanner":
		return d.Object(func(key string) error {
			switch key {
			case "id":
				return d.Text(&d.id)
			case "name":
				return d.Text(&d.by)
			case "version":
				return d.Text(&d.scan.Tool.Version)
			}
			return d.Skip()
		})
	}
	return d.Skip()
}

// check is what must be true of the report as a whole.
func (d *reader) check() error {
	switch {
	case !strings.HasPrefix(d.version, major):
		return hint.Errorf("use a Docker Scout that writes schema 15, or a newer zlaunch", "its version is %.40q, and GitLab's schema 15 is read", d.version)
	case !strings.Contains(strings.ToLower(d.id+" "+d.by), "scout"):
		return hint.Errorf("docker scout cves --format gitlab IMAGE", "it is a report of GitLab's form by %.40q, and not by Docker Scout", d.by)
	case d.kind != "container_scanning":
		return hint.Errorf("docker scout cves --format gitlab IMAGE", "it is a report about %.40q, and not about a container image", d.kind)
	case !d.lists:
		return errors.New("it has no list of vulnerabilities")
	}
	if d.status != "success" {
		d.scan.Failed = strings.TrimSpace("its status is " + d.status)
	}
	return d.found.Into(d.scan)
}

func (d *reader) vulnerability() error {
	f := scan.Finding{Class: scan.OS}
	name, label, mend := "", "", ""
	err := d.Object(func(key string) error {
		switch key {
		case "name":
			return d.Text(&name)
		case "severity":
			return d.Text(&label)
		case "solution":
			return d.Text(&mend)
		case "identifiers":
			return d.Array(func() error { return d.identifier(&f) })
		case "location":
			return d.Object(func(key string) error { return d.location(key, &f) })
		}
		return d.Skip()
	})
	if err != nil {
		return err
	}
	if f.ID == "" {
		f.ID = name
	}
	if mend != "" {
		f.State = scan.Fixed
	}
	f.Ratings = []scan.Rating{scan.NewRating(Name, label, "", 0)}
	return d.found.Add(f)
}

// identifier reads one name of a vulnerability: the first is its id, others are aliases.
func (d *reader) identifier(f *scan.Finding) error {
	kind, value := "", ""
	err := d.Object(func(key string) error {
		switch key {
		case "type":
			return d.Text(&kind)
		case "value":
			return d.Text(&value)
		}
		return d.Skip()
	})
	switch {
	case err != nil || kind != "cve" && kind != "ghsa":
		return err
	case f.ID == "":
		f.ID = value
	case len(f.Aliases) < scan.MaxList:
		f.Aliases = append(f.Aliases, value)
	default:
		return errors.New("more identifiers than any vulnerability has")
	}
	return nil
}

func (d *reader) location(key string, f *scan.Finding) error {
	switch key {
	case "image":
		return d.image()
	case "operating_system":
		system := ""
		err := d.Text(&system)
		if d.scan.Distro.ID == "" {
			d.scan.Distro.ID, d.scan.Distro.Version, _ = strings.Cut(system, " ")
		}
		return err
	case "dependency":
		return d.Object(func(key string) error {
			switch key {
			case "version":
				return d.Text(&f.Installed)
			case "package":
				return d.Object(func(key string) error {
					if key == "name" {
						return d.packaged(f)
					}
					return d.Skip()
				})
			}
			return d.Skip()
		})
	}
	return d.Skip()
}

// packaged reads the package, which is a package URL where Scout has it from an SBOM.
func (d *reader) packaged(f *scan.Finding) error {
	if err := d.Text(&f.Package); err != nil || !strings.HasPrefix(f.Package, "pkg:") {
		return err
	}
	return f.Packaged(f.Package)
}

// image takes the image that a vulnerability is in: NAME@DIGEST, or a bare name.
func (d *reader) image() error {
	text := ""
	if err := d.Text(&text); err != nil {
		return err
	}
	name, digest, ok := strings.Cut(text, "@")
	if d.scan.Name != "" && d.scan.Name != name || ok && d.scan.Image.Known() && d.scan.Image.Manifests[0] != digest {
		return errors.New("it is about more than one image")
	}
	if d.scan.Name = name; ok {
		d.scan.Image.Manifests = []string{digest}
	}
	return nil
}
