package grype

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Seen is which packages grype saw in an image, as it prints them with --output
// cyclonedx-json: its own report names those alone in which it found something.
type Seen struct {
	Manifest string         // digest of the image's manifest
	OS, Lang int            // packages of the distribution, and others
	Kinds    map[string]int // those of the distribution by the type of their package URL
}

// ReadSeen reads what grype --output cyclonedx-json prints about an image.
func ReadSeen(r io.Reader) (*Seen, error) {
	d := &bom{Reader: jsonwalk.New(r, scan.MaxReport), seen: Seen{Kinds: map[string]int{}}}
	return &d.seen, d.Document(d.top, d.check)
}

// bom is one such document on its way.
type bom struct {
	*jsonwalk.Reader
	seen         Seen
	format, kind string
	tools        []string
}

func (d *bom) top(key string) error {
	switch key {
	case "bomFormat":
		return d.Text(&d.format)
	case "metadata":
		return d.Object(d.metadata)
	case "components":
		return d.Array(d.component)
	}
	return d.Skip()
}

// metadata tells which tool looked at what.
func (d *bom) metadata(key string) error {
	switch key {
	case "tools":
		return d.Object(func(key string) error {
			if key != "components" {
				return d.Skip()
			}
			return d.Array(func() error {
				name := ""
				err := d.Object(only(d.Reader, "name", &name))
				if d.tools = append(d.tools, name); len(d.tools) > scan.MaxList && err == nil {
					err = errors.New("too many tools")
				}
				return err
			})
		})
	case "component":
		return d.Object(func(key string) error {
			switch key {
			case "type":
				return d.Text(&d.kind)
			case "version":
				return d.Text(&d.seen.Manifest)
			}
			return d.Skip()
		})
	}
	return d.Skip()
}

// only reads one key of an object and skips the others.
func only(d *jsonwalk.Reader, want string, to *string) func(string) error {
	return func(key string) error {
		if key == want {
			return d.Text(to)
		}
		return d.Skip()
	}
}

// component counts one that is a package: those have a package URL, and files and the
// distribution itself have none.
func (d *bom) component() error {
	purl := ""
	err := d.Object(only(d.Reader, "purl", &purl))
	kind := scan.KindOf(purl)
	switch {
	case !strings.HasPrefix(purl, "pkg:"):
	case slices.Contains(ofDistribution, kind):
		d.seen.OS++
		d.seen.Kinds[kind]++
	default:
		d.seen.Lang++
	}
	return err
}

func (d *bom) check() error {
	switch {
	case d.format != "CycloneDX":
		return errors.New("it is no document of CycloneDX")
	case !slices.Contains(d.tools, Name):
		return errors.New("it is by another tool than grype")
	case d.kind != "container" || !bounded.Digest(d.seen.Manifest):
		return errors.New("it is about no image that is known by a digest")
	}
	return nil
}
