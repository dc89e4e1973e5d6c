// Package grype reads the JSON that grype --output json prints, of grype 0.x with a database
// of schema 5 or 6.
//
// The report says of which day the database was, and not how many packages there were; those
// [ReadSeen] counts, in another form of what grype prints. What grype was told to ignore is a finding
// all the same, and a report whose configuration says that it was told so is one in part.
package grype

import (
	"errors"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Name is the tool's.
const Name = "grype"

// Keys are those of the report itself, by which it is told from others.
var Keys = []string{"matches", "ignoredMatches", "alertsByPackage", "source", "distro", "descriptor"}

// Read reads one report.
func Read(r io.Reader) (*scan.Scan, error) {
	d := &reader{Reader: jsonwalk.New(r, scan.MaxReport), scan: &scan.Scan{Tool: scan.Tool{Name: Name}, Packages: scan.Untold}}
	return d.scan, d.Document(d.top, d.check)
}

// reader is one report on its way.
type reader struct {
	*jsonwalk.Reader
	scan       *scan.Scan
	found      scan.Collector
	tool, kind string
	schema     string // of the database
	manifest   string
	matched    bool     // there is a list of matches
	invalid    bool     // the database calls itself so
	told       []string // keys of its configuration by which something was left out
}

func (d *reader) top(key string) error {
	switch key {
	case "matches":
		d.matched = true
		return d.Array(func() error {
			m, err := d.match()
			if err != nil {
				return err
			}
			return d.found.Add(m.Finding)
		})
	case "ignoredMatches":
		return d.Array(d.ignored)
	case "alertsByPackage":
		return d.Array(func() error { return d.Object(d.alerts) })
	case "source":
		return d.Object(d.source)
	case "distro":
		return d.Object(func(key string) error {
			switch key {
			case "name":
				return d.Text(&d.scan.Distro.ID)
			case "version":
				return d.Text(&d.scan.Distro.Version)
			}
			return d.Skip()
		})
	case "descriptor":
		return d.Object(d.descriptor)
	}
	return d.Skip()
}

// alerts reads what grype warns of at a package; at one of a distribution that is no longer mended it does
// so by the type that grype/presenter/models/alert.go has.
func (d *reader) alerts(key string) error {
	if key != "alerts" {
		return d.Skip()
	}
	return d.Array(func() error {
		kind := ""
		err := d.Object(func(key string) error {
			if key == "type" {
				return d.Text(&kind)
			}
			return d.Skip()
		})
		if kind == "distro-eol" {
			d.scan.Distro.Life = scan.Ended
		}
		return err
	})
}

// check is what must be true of the report as a whole.
func (d *reader) check() error {
	major, _, _ := strings.Cut(d.schema, ".")
	switch {
	case !d.matched:
		return errors.New("it has no list of matches")
	case d.tool != Name:
		return hint.Errorf("grype --output json IMAGE", "its descriptor names the tool %.40q and not grype", d.tool)
	case !strings.HasPrefix(d.scan.Tool.Version, "0."):
		return hint.Errorf("use a grype 0.x, or a newer zlaunch", "it is by grype %.40q, and reports of grype 0.x are read", d.scan.Tool.Version)
	case major != "v6" && major != "6" && major != "5":
		return hint.Errorf("use a grype with a database of schema 6, or a newer zlaunch", "its database has schema %.40q, and 5 and 6 are read", d.schema)
	case d.kind != "image":
		return hint.Errorf("grype --output json IMAGE", "it is a report about %.40q and not about an image", d.kind)
	}
	if d.invalid && d.scan.Failed == "" {
		d.scan.Failed = "its database is not valid"
	}
	d.scan.Partial = filtered(d.told)
	if d.manifest != "" {
		d.scan.Image.Manifests = append(d.scan.Image.Manifests, d.manifest)
	}
	return d.found.Into(d.scan)
}

func (d *reader) source(key string) error {
	switch key {
	case "type":
		return d.Text(&d.kind)
	case "target":
		return d.Object(func(key string) error {
			switch key {
			case "userInput":
				return d.Text(&d.scan.Name)
			case "imageID":
				return d.Text(&d.scan.Image.Config)
			case "manifestDigest":
				return d.Text(&d.manifest)
			case "architecture":
				return d.Text(&d.scan.Arch)
			case "repoDigests":
				var names []string
				err := d.Texts(&names, scan.MaxList)
				for _, name := range names {
					if _, digest, ok := strings.Cut(name, "@"); ok && digest != d.manifest {
						d.scan.Image.Manifests = append(d.scan.Image.Manifests, digest)
					}
				}
				return err
			}
			return d.Skip()
		})
	}
	return d.Skip()
}

func (d *reader) descriptor(key string) error {
	switch key {
	case "name":
		return d.Text(&d.tool)
	case "version":
		return d.Text(&d.scan.Tool.Version)
	case "timestamp":
		return d.Time(&d.scan.Scanned)
	case "db":
		return d.Object(d.database)
	case "configuration":
		return d.Object(d.configuration)
	}
	return d.Skip()
}

// database reads what the report says of it: in "status" with schema 6, by itself with 5,
// where the schema is a number.
func (d *reader) database(key string) error {
	switch key {
	case "status":
		return d.Object(d.database)
	case "schemaVersion":
		return d.Word(&d.schema)
	case "built":
		return d.Time(&d.scan.Built)
	case "error":
		return d.Text(&d.scan.Failed)
	case "valid":
		var valid bool
		err := d.Bool(&valid)
		d.invalid = !valid
		return err
	}
	return d.Skip()
}
