package report

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// DiffSchema is the version of a comparison's JSON; docs/schema/diff-v1.json
// describes it.
const DiffSchema = "zlaunch.dev/diff/v1"

// Diff is how two subjects differ, setting by setting and verdict by verdict.
// Make it with [NewDiff].
type Diff struct {
	Schema    string        `json:"schema"`
	Catalogue string        `json:"catalogue"`
	A         DiffSide      `json:"a"`
	B         DiffSide      `json:"b"`
	Settings  []SettingDiff `json:"settings"`
	OnlyA     []string      `json:"only_a"` // settings that are known of a alone
	OnlyB     []string      `json:"only_b"`
	Verdicts  []VerdictDiff `json:"verdicts"`
	Held      *DiffHeld     `json:"held,omitempty"` // only of a plan and a container
}

// DiffSide names one of the two.
type DiffSide struct {
	Subject  string `json:"subject"`
	Kind     string `json:"kind"`
	File     string `json:"file"`
	Engine   string `json:"engine"`
	Exposure string `json:"exposure"` // "2.0 FAIR"
}

// SettingDiff is a setting with two values. Values that may be secrets are hidden,
// and may look the same.
type SettingDiff struct {
	Setting string             `json:"setting"`
	A       any                `json:"a"` // null: not there
	B       any                `json:"b"`
	OriginA []container.Origin `json:"a_origin"`
	OriginB []container.Origin `json:"b_origin"`

	path container.Path
}

// VerdictDiff is a control that does not say the same of both.
type VerdictDiff struct {
	Control  string         `json:"control"`
	Name     string         `json:"name"`
	Title    string         `json:"title"`
	Severity audit.Severity `json:"severity"`
	A        audit.Verdict  `json:"a"` // the worst, where it says several things
	B        audit.Verdict  `json:"b"`
	AtA      []string       `json:"a_settings"` // that the worst verdict is about
	AtB      []string       `json:"b_settings"`
}

// MarshalJSON writes the comparison so that no terminal can be driven by it.
func (d Diff) MarshalJSON() ([]byte, error) {
	type plain Diff
	return printing(plain(d))
}

// NewDiff compares two audited subjects.
func NewDiff(a, b Result) Diff {
	d := Diff{Schema: DiffSchema, Catalogue: audit.Version, A: side(a), B: side(b),
		Settings: []SettingDiff{}, OnlyA: []string{}, OnlyB: []string{}, Verdicts: verdictDiffs(a.Findings, b.Findings)}
	d.settings(orEmpty(a.Spec), orEmpty(b.Spec))
	return d
}

func orEmpty(s *container.Spec) *container.Spec {
	if s == nil {
		return &container.Spec{}
	}
	return s
}

func side(r Result) DiffSide {
	return DiffSide{container.MaskText(r.Subject), r.Kind, container.MaskText(r.File), container.MaskText(r.Engine),
		tenths(audit.Score(r.Findings, false)) + " " + r.band()}
}

// settings fills in how the specs differ. What kind of subject each is is no
// difference between them.
func (d *Diff) settings(a, b *container.Spec) {
	a, b = container.Alike(a, b)
	differ := map[container.Path][2]any{}
	for _, x := range container.Diff(b, a) {
		differ[x.Path] = [2]any{x.Got, x.Planned}
	}
	for _, x := range container.Diff(a, b) {
		differ[x.Path] = [2]any{x.Planned, x.Got}
	}
	for _, r := range container.All() {
		if r.Key() == container.Subject.Key() {
			continue
		}
		for _, p := range paths(r, a, b) {
			am, inA := a.MarkOf(p)
			bm, inB := b.MarkOf(p)
			if v, ok := differ[p]; ok {
				d.Settings = append(d.Settings, SettingDiff{container.MaskText(p.String()), maskedValue(v[0]), maskedValue(v[1]), origins(am.Origin), origins(bm.Origin), p})
				continue
			}
			switch {
			case inA && !inB:
				d.OnlyA = append(d.OnlyA, container.MaskText(p.String()))
			case inB && !inA:
				d.OnlyB = append(d.OnlyB, container.MaskText(p.String()))
			}
		}
	}
}

// paths are the settings of a row that either spec has, sorted.
func paths(r container.Row, specs ...*container.Spec) []container.Path {
	var out []container.Path
	for _, s := range specs {
		for _, set := range r.Settings(s) {
			out = append(out, set.Path)
		}
	}
	slices.SortFunc(out, func(x, y container.Path) int { return cmp.Compare(x.Elem, y.Elem) })
	return slices.Compact(out)
}

// judged is what one control says of a subject: the worst, and of which settings.
type judged struct {
	control  *audit.Control
	severity audit.Severity
	verdict  audit.Verdict
	at       []string
}

func judgements(in []audit.Finding) map[string]judged {
	out := map[string]judged{}
	for _, f := range in {
		j, ok := out[f.Control.ID]
		if !ok || f.Verdict < j.verdict {
			j = judged{control: f.Control, verdict: f.Verdict, severity: f.Severity, at: []string{}}
		}
		if f.Verdict == j.verdict {
			j.severity = max(j.severity, f.Severity)
			if at := f.At.String(); at != "" && !slices.Contains(j.at, at) {
				j.at = append(j.at, container.MaskText(at))
			}
		}
		slices.Sort(j.at)
		out[f.Control.ID] = j
	}
	return out
}

// verdictDiffs lists the controls that judge both and differ, by id.
func verdictDiffs(a, b []audit.Finding) []VerdictDiff {
	ja, jb := judgements(a), judgements(b)
	out := []VerdictDiff{}
	for _, id := range slices.Sorted(maps.Keys(ja)) {
		x := ja[id]
		y, both := jb[id]
		if !both || x.verdict == y.verdict && (x.verdict > audit.Waived || slices.Equal(x.at, y.at)) {
			continue
		}
		out = append(out, VerdictDiff{id, x.control.Name, titled(x.control), max(x.severity, y.severity), x.verdict, y.verdict, x.at, y.at})
	}
	return out
}

// Same tells that nothing differs; what is known of one alone is no difference.
func (d Diff) Same() bool {
	return len(d.Settings)+len(d.Verdicts) == 0 && (d.Held == nil || len(d.Held.Also) == 0)
}

// Open tells that a container could not be held against a plan with all evidence.
func (d Diff) Open() bool { return d.Held != nil && len(d.Held.Open) > 0 }

// Text writes the comparison for a person.
func (d Diff) Text(w io.Writer, on Screen) error {
	t := &page{style: Audit{}.style(TextOptions{Screen: on})}
	t.line("", "a: "+d.A.text())
	t.line("", "b: "+d.B.text())
	switch {
	case d.Same() && d.Held != nil && !d.Open():
		t.b.WriteString("\nas planned\n")
	case d.Same():
		t.b.WriteString("\nnothing differs\n")
	}
	settings := table{columns: []column{{title: "SETTING", most: 28}, {title: "A", most: 28, wraps: true}, {title: "B", most: 28, wraps: true},
		{title: "DECIDED BY (A / B)", wraps: true, below: true}}}
	for _, s := range d.Settings {
		settings.add(s.Setting, differing(s.path, s.A), differing(s.path, s.B), first(s.OriginA)+" / "+first(s.OriginB))
	}
	verdicts := table{columns: []column{{title: "CONTROL"}, {title: "SEVERITY", means: true}, {title: "A", means: true}, {title: "B", means: true},
		{title: "ABOUT", wraps: true, below: true}}}
	for _, v := range d.Verdicts {
		at := append(slices.Clone(v.AtA), v.AtB...)
		slices.Sort(at)
		verdicts.add(v.Control, v.Severity.String(), v.A.String(), v.B.String(), strings.TrimSuffix(v.Title+": "+strings.Join(slices.Compact(at), ", "), ": "))
	}
	for _, part := range []table{settings, verdicts} {
		if len(part.rows) > 0 {
			t.b.WriteString("\n")
			_ = part.write(&t.b, on) // a Builder takes everything
		}
	}
	if len(d.OnlyA)+len(d.OnlyB) > 0 {
		t.b.WriteString("\n")
	}
	if d.Held != nil {
		for _, text := range slices.Concat(d.Held.Also, d.Held.Open) {
			t.line("", shown(text))
		}
	}
	t.known("known of a alone", d.OnlyA)
	t.known("known of b alone", d.OnlyB)
	_, err := io.WriteString(w, t.b.String())
	return err
}

func (t *page) known(title string, settings []string) {
	if len(settings) > 0 {
		t.line("", title+": "+shown(strings.Join(settings, ", ")))
	}
}

func (s DiffSide) text() string {
	parts := []string{}
	for _, p := range []string{s.Subject, s.Kind, s.Engine, "exposure " + s.Exposure} {
		if p != "" {
			parts = append(parts, shown(p))
		}
	}
	return strings.Join(parts, ", ")
}

// first is who decided a value.
func first(in []container.Origin) string {
	if len(in) == 0 {
		return "-"
	}
	return shown(in[0].String())
}
