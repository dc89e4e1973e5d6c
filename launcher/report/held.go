package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// HeldSchema is the version of the JSON of a container held against a plan;
// docs/schema/held-v1.json describes it.
const HeldSchema = "zlaunch.dev/held/v1"

// Held is a container held against a plan, as its report tells of it.
type Held struct {
	Container Result    // audited as it is now
	Profile   string    // that was planned
	Launched  time.Time // zero: it is held against a plan of today
	Drift     []container.Difference
	Also      []string // sentences: what is not as planned and no setting can hold
	Open      []string // sentences: why no more can be known
	Proof     []observe.Proved
	Unproved  []observe.Unproved
}

// Same tells that nothing was seen that is not as planned.
func (h Held) Same() bool { return len(h.Drift)+len(h.Also) == 0 }

// AsPlanned tells that all evidence was in reach and the container is as planned.
func (h Held) AsPlanned() bool { return h.Same() && len(h.Open) == 0 }

// HeldDocument is the JSON of a [Held].
type HeldDocument struct {
	Schema    string             `json:"schema"`
	Catalogue string             `json:"catalogue"`
	Container DiffSide           `json:"container"`
	Profile   string             `json:"profile"`
	Launched  *time.Time         `json:"launched"` // null: it is held against a plan of today
	Verdict   string             `json:"verdict"`  // planned, drifted, open
	Drift     []HeldDrift        `json:"drift"`
	Also      []string           `json:"also"`
	Open      []string           `json:"open"`
	Proved    []observe.Proved   `json:"proved"`
	Unproved  []observe.Unproved `json:"unproved"`
}

// HeldDrift is one setting that is not as planned, and what the controls say of it
// as it is now, the gravest first.
type HeldDrift struct {
	DriftDocument
	By       string        `json:"by,omitempty"` // the process that shows it, where it is not the first one
	Controls []HeldControl `json:"controls"`
}

// HeldControl is the verdict of a control on a setting that drifted.
type HeldControl struct {
	Control  string         `json:"control"`
	Title    string         `json:"title"`
	Severity audit.Severity `json:"severity"`
	Verdict  audit.Verdict  `json:"verdict"`
}

// Document is what JSON prints.
func (h Held) Document() HeldDocument {
	d := HeldDocument{Schema: HeldSchema, Catalogue: audit.Version, Container: side(h.Container), Profile: container.MaskText(h.Profile), Verdict: "open",
		Drift: []HeldDrift{}, Also: append([]string{}, masked(h.Also)...), Open: append([]string{}, masked(h.Open)...),
		Proved: append([]observe.Proved{}, h.Proof...), Unproved: append([]observe.Unproved{}, h.Unproved...)}
	if !h.Launched.IsZero() {
		d.Launched = &h.Launched
	}
	switch {
	case !h.Same():
		d.Verdict = "drifted"
	case h.AsPlanned():
		d.Verdict = "planned"
	}
	for _, x := range h.Drift {
		row := DriftDocument{container.MaskText(x.Path.String()), maskedValue(x.Planned), maskedValue(x.Got), x.Evidence}
		d.Drift = append(d.Drift, HeldDrift{row, container.MaskText(x.By), controlsOf(x.Path, h.Container.Findings)})
	}
	return d
}

// MarshalJSON writes the document so that no terminal can be driven by it.
func (d HeldDocument) MarshalJSON() ([]byte, error) {
	type plain HeldDocument
	return printing(plain(d))
}

// controlsOf are the controls whose reason is a setting, with what they say of it:
// those that fail, are open or waived come first, by severity.
func controlsOf(at container.Path, in []audit.Finding) []HeldControl {
	out := []HeldControl{}
	for _, f := range in {
		reads := slices.ContainsFunc(f.Control.Reads, func(r container.Row) bool { return r.Key() == at.Key })
		about := f.At.Key == at.Key && (f.At.Elem == at.Elem || f.At.Elem == "" || at.Elem == "")
		if f.Control == audit.EqualsPlan || f.Verdict == audit.NotApplicable || !about && (!reads || f.At.Key == at.Key) {
			continue
		}
		i := slices.IndexFunc(out, func(c HeldControl) bool { return c.Control == f.Control.ID })
		switch c := (HeldControl{f.Control.ID, titled(f.Control), f.Severity, f.Verdict}); {
		case i < 0:
			out = append(out, c)
		case c.Verdict < out[i].Verdict:
			out[i] = c
		}
	}
	slices.SortStableFunc(out, func(a, b HeldControl) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(b.Severity, a.Severity))
	})
	return out
}

// Text writes the report for a person: as planned, or exactly what is not.
func (h Held) Text(w io.Writer, o TextOptions) error {
	t := &page{style: Audit{}.style(o)}
	against := "as it would be planned today"
	if !h.Launched.IsZero() {
		against = "launched " + record.When(h.Launched)
	}
	t.line("", shown(strings.Join([]string{h.Container.Subject, "profile " + h.Profile, against}, ", ")))
	switch {
	case h.AsPlanned():
		t.line(t.paint(good, t.pass)+" ", fmt.Sprintf("as planned: %d settings, %s", len(h.Proof), provedBy(h.Proof)))
	case h.Same():
		t.line(t.paint(unsure, t.ask)+" ", "nothing seen that is not as planned; not all could be seen")
	default:
		t.line(t.paint(bad, t.fail)+" ", "not as planned: "+Plural(len(h.Drift)+len(h.Also), "difference"))
		h.rows(t)
	}
	for _, text := range h.Also {
		t.line("  ", shown(text))
	}
	for _, text := range h.Open {
		t.line(t.paint(unsure, t.ask)+" ", shown(text))
	}
	for _, text := range grouped(h.Unproved) {
		t.line("  ", "not shown by any evidence: "+shown(text))
	}
	if !h.Same() {
		t.line("  ", "next: zlaunch audit --container "+shown(h.Container.Subject)+"; zlaunch stop "+shown(h.Container.Subject)+", and run it again")
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// rows writes a row for every setting that drifted: planned, now, how it is known, and
// the gravest that a control says of it.
func (h Held) rows(t *page) {
	if len(h.Drift) == 0 {
		return
	}
	rows := table{columns: []column{{title: "SETTING", most: 28}, {title: "PLANNED", most: 28, wraps: true}, {title: "NOW", most: 28, wraps: true},
		{title: "EVIDENCE", wraps: true}, {title: "CONTROL", wraps: true, below: true}}}
	for _, d := range h.Drift {
		evidence, says := d.Evidence.String(), "no control judges it"
		if d.By != "" {
			evidence += ", " + d.By
		}
		if all := controlsOf(d.Path, h.Container.Findings); len(all) > 0 {
			c := all[0]
			says = fmt.Sprintf("%s %s, %s: %s", c.Control, c.Verdict, c.Severity, c.Title)
		}
		planned, now := differing(d.Path, d.Planned), differing(d.Path, d.Got)
		if planned == now {
			now = "another value"
		}
		rows.add(container.MaskText(d.Path.String()), planned, now, evidence, says)
	}
	_ = rows.write(&t.b, t.Screen) // a Builder takes everything
}

// DiffHeld is what is said of a container that was held against the plan beside it.
type DiffHeld struct {
	Also []string `json:"also"` // what is not as planned and no setting can hold
	Open []string `json:"open"` // why no more can be known
}

// NewHeldDiff compares a plan and a container that was held against it, b or else a:
// only what is not as planned differs, and of the verdicts those on just that. What is
// known of one alone is no matter: a plan has no processes, and a container no profile.
func NewHeldDiff(a, b Result, h Held) Diff {
	d := NewDiff(a, b)
	d.OnlyA, d.OnlyB, d.Settings = []string{}, []string{}, []SettingDiff{}
	d.Held = &DiffHeld{append([]string{}, masked(h.Also)...), append([]string{}, masked(h.Open)...)}
	drifted := map[string]bool{}
	for _, x := range h.Drift {
		drifted[x.Path.Key] = true
		am, _ := orEmpty(a.Spec).MarkOf(x.Path)
		bm, _ := orEmpty(b.Spec).MarkOf(x.Path)
		s := SettingDiff{container.MaskText(x.Path.String()), maskedValue(x.Planned), maskedValue(x.Got), origins(am.Origin), origins(bm.Origin), x.Path}
		if a.Kind == "container" {
			s.A, s.B = s.B, s.A
		}
		d.Settings = append(d.Settings, s)
	}
	d.Verdicts = slices.DeleteFunc(d.Verdicts, func(v VerdictDiff) bool {
		return !slices.ContainsFunc(audit.ByID(v.Control).Reads, func(r container.Row) bool { return drifted[r.Key()] })
	})
	return d
}
