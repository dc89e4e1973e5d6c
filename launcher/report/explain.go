package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// ControlSchema is the version of the JSON of controls; docs/schema/control-v1.json
// describes it.
const ControlSchema = "zlaunch.dev/control/v1"

// ControlList is controls of the catalogue as JSON. Make it with
// [ControlsDocument] or [CatalogueDocument].
type ControlList struct {
	Schema    string            `json:"schema"`
	Catalogue string            `json:"catalogue"`
	Controls  []ControlDocument `json:"controls"`
	NotBuilt  []UnbuiltDocument `json:"not_built"`
}

// ControlDocument is one entry of the catalogue.
type ControlDocument struct {
	ID         string              `json:"id"`
	Name       string              `json:"name"`
	Title      string              `json:"title"`
	Severity   audit.Severity      `json:"severity"`
	Weight     int64               `json:"weight"` // of one failure, in thousandths
	Why        string              `json:"why"`
	Fix        string              `json:"fix"`
	Breaks     string              `json:"breaks"` // "" nothing that is known
	References []ReferenceDocument `json:"references"`
	Reads      []string            `json:"reads"`    // settings it judges
	Mendable   bool                `json:"mendable"` // zlaunch audit --fix can meet it
}

// ReferenceDocument is what else asks for a control.
type ReferenceDocument struct {
	Scheme string `json:"scheme"` // "" is none of the known ones
	ID     string `json:"id"`
	Title  string `json:"title"`
}

// UnbuiltDocument is a control that is known and not judged.
type UnbuiltDocument struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Title    string         `json:"title"`
	Severity audit.Severity `json:"severity"`
	Because  string         `json:"because"`
}

// CatalogueDocument is the whole catalogue, and what it does not judge yet.
func CatalogueDocument() ControlList {
	d := ControlsDocument(audit.Catalogue())
	for _, u := range audit.NotBuilt() {
		d.NotBuilt = append(d.NotBuilt, UnbuiltDocument(u))
	}
	return d
}

// ControlsDocument is some controls.
func ControlsDocument(in []*audit.Control) ControlList {
	d := ControlList{Schema: ControlSchema, Catalogue: audit.Version, Controls: []ControlDocument{}, NotBuilt: []UnbuiltDocument{}}
	for _, c := range in {
		d.Controls = append(d.Controls, controlDocument(c))
	}
	return d
}

func controlDocument(c *audit.Control) ControlDocument {
	d := ControlDocument{ID: c.ID, Name: c.Name, Title: titled(c), Severity: c.Severity, Weight: c.Severity.Weight(), Why: c.Why, Fix: c.Fix,
		Breaks: c.Breaks, References: []ReferenceDocument{}, Reads: reads(c), Mendable: c.Mendable()}
	for _, text := range c.Refs {
		ref := parseReference(text)
		rd := ReferenceDocument{ID: ref.id, Title: ref.spelled()}
		if ref.scheme >= 0 {
			rd.Scheme = schemes[ref.scheme].name
		}
		d.References = append(d.References, rd)
	}
	return d
}

// reads are the settings a control judges.
func reads(c *audit.Control) []string {
	out := []string{}
	for _, r := range c.Reads {
		out = append(out, r.Key())
	}
	return out
}

// Explain prints the catalogue's entry of a control for a person.
func Explain(w io.Writer, c *audit.Control, on Screen) error {
	t := table{columns: []column{{title: c.ID}, {title: titled(c), wraps: true}}}
	field := func(name string, values ...string) {
		for i, v := range values {
			if v != "" {
				t.add(pick(i == 0, name, ""), v)
			}
		}
	}
	field("name", c.Name)
	field("severity", fmt.Sprintf("%s; one failure alone is an exposure of %s", c.Severity, scored(c.Severity)))
	field("why", c.Why)
	field("fix", c.Fix)
	field("may break", c.Breaks)
	field("reads", strings.Join(reads(c), ", "))
	field("judged", pick(c.Judge != nil, "on the settings, wherever they come from", "where the host or the data can be seen"))
	field("mended", pick(c.Mendable(), "by zlaunch audit --fix", "by hand: no change of options alone meets it"))
	field("waived by", waivableBy(c.Severity))
	var refs []string
	for _, ref := range c.Refs {
		refs = append(refs, parseReference(ref).spelled())
	}
	field("asked for by", refs...)
	if err := t.write(w, on); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// scored is the score of one failure alone, in tenths, as a text.
func scored(s audit.Severity) string { return tenths(int(s.Weight()+9) / 10) }

// waivableBy says where a failure may be permitted.
func waivableBy(s audit.Severity) string {
	switch {
	case s == audit.Critical:
		return "nothing: what it forbids is changed, or not run"
	case s == audit.High:
		return "--waive on the command line"
	}
	return "a profile, or --waive on the command line"
}

// ExplainAll prints one line for each control, by id, those included that zlaunch
// knows and does not judge.
func ExplainAll(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "ID"}, {title: "NAME"}, {title: "SEVERITY", means: true}, {title: "TITLE", wraps: true, below: true}}}
	for _, c := range audit.Catalogue() {
		t.add(c.ID, c.Name, c.Severity.String(), titled(c))
	}
	unbuilt := audit.NotBuilt()
	for _, u := range unbuilt {
		t.add(u.ID, u.Name, u.Severity.String(), u.Title+" - not built: "+u.Because)
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\ncatalogue %s: %s, %d not built\n", audit.Version, Plural(len(audit.Catalogue()), "control"), len(unbuilt))
	return err
}
