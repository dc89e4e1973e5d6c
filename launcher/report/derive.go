package report

import (
	"io"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/derive"
)

// DeriveSchema is the version of the JSON of how an image is mended.
const DeriveSchema = "zlaunch.dev/derive/v1"

// Derive is how an image is mended, as JSON.
type Derive struct {
	Schema  string `json:"schema"`
	Image   string `json:"image"`             // as it was named
	Profile string `json:"profile,omitempty"` // whose image it is
	Size    int64  `json:"size"`              // of the base, in bytes
	*derive.Plan
	Containerfile string `json:"containerfile"`
}

// NewDerive is the document of a plan.
func NewDerive(b derive.Base, profile string, p *derive.Plan) Derive {
	return Derive{DeriveSchema, b.Ref, profile, b.Size, p, p.Containerfile()}
}

// Text writes what is upgraded, and what a newer version mends and stays.
func (d Derive) Text(w io.Writer, on Screen) error {
	user := d.User
	if user == "" {
		user = "root, for its base names none"
	}
	head := table{columns: []column{{}, {wraps: true}}}
	head.add("base", d.From+", "+units.HumanSize(float64(d.Size)))
	head.add("user", user)
	head.add("by", strings.Join(d.tools(), ", "))
	if err := head.write(w, on); err != nil {
		return err
	}
	up := table{columns: []column{{title: "UPGRADED", most: 40}, {title: "INSTALLED", most: 24}, {title: "MENDED IN", most: 40}, {title: "MENDS", wraps: true, below: true}}}
	for _, f := range d.Packages {
		up.add(f.Package, f.Installed, strings.Join(f.Fixed, ", "), strings.Join(f.IDs, ", "))
	}
	for _, f := range d.Python {
		up.add(f.Package+" ("+f.Python+")", f.Installed, f.To, strings.Join(f.IDs, ", "))
	}
	left := table{columns: []column{{title: "LEFT", most: 28}, {title: "WHICH", most: 20}, {title: "WHY", wraps: true, below: true}}}
	for _, l := range d.Left {
		left.add(l.Package, l.ID, l.Why)
	}
	for _, t := range []table{up, left} {
		if len(t.rows) == 0 {
			continue
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
		if err := t.write(w, on); err != nil {
			return err
		}
	}
	return nil
}

// tools are what upgrades.
func (d Derive) tools() (out []string) {
	if len(d.Packages) > 0 {
		out = append(out, d.Manager)
	}
	if len(d.Python) > 0 {
		out = append(out, "pip")
	}
	if len(out) == 0 {
		out = append(out, "nothing: all that a newer version mends is left")
	}
	return out
}
