package subject

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Mended is what mending makes of a run.
type Mended struct {
	Reading *form.Reading
	Spec    *container.Spec // as stated after it
	Was     string          // the command, or all of the unit, as it is; "" where it cannot be written out
	Text    string          // the same, mended
	Done    []audit.Finding // failures that are none any more
	Stays   []Stay          // failures that are left
	Taken   []Taken         // settings that the run has no more
	ByHand  string          // why [Files.Patch] left it as it is in its file; "" where it did not
}

// Stay is a failure that is left, and why.
type Stay struct {
	audit.Finding
	Why string
}

// Taken is a setting of a run that a mend of a control takes away.
type Taken struct {
	At  container.Path
	For *audit.Control
}

// Mend writes a foreign run anew, with every failure mended that options can mend, and
// tells which ones are left: a mend that the engine has no option for, and one of a
// mere fact (info), for the run stays what its author meant. It is judged again: what
// still fails was not mended, whatever was changed. What was observed has no text.
func (f Files) Mend(r *form.Reading, findings []audit.Finding) (*Mended, error) {
	if r == nil {
		return nil, hint.Errorf("zlaunch explain CONTROL says what to change; a command line and a unit have a text", "mending what has no text")
	}
	m := &Mended{Reading: r, Spec: container.Clone(r.Spec)}
	why := ""
	if y := yamlOf(r); y != nil {
		m.Was = strings.Join(r.Lines, "\n")
		mending{f, m, findings, func(s *container.Spec) (string, error) { return "", y.sayable(form.Anew{Reading: r, Want: s}) }}.all("")
		m.Text, m.ByHand = inPlace(m)
		return m, nil
	}
	if known, _, _ := container.PodKnown.Get(r.Spec); r.Pod != nil || known && !r.Unit {
		m.Was, why = asWritten(r), "not rewritten: several lines decide what a pod and its members are"
	} else if text, err := f.rewritten(r, m.Spec); err != nil {
		why = "not rewritten: " + whyNot(err)
	} else {
		m.Was = text
	}
	m.Text = m.Was
	mending{f, m, findings, func(s *container.Spec) (string, error) { return f.rewritten(r, s) }}.all(why)
	return m, nil
}

// Harden is [Files.Mend] of a run that is to be written in another form: what its own text
// could not say is mended too, and there is no text.
func (f Files) Harden(r *form.Reading, findings []audit.Finding) *Mended {
	m := &Mended{Reading: r, Spec: container.Clone(r.Spec)}
	mending{f, m, findings, func(*container.Spec) (string, error) { return "", nil }}.all("")
	return m
}

// mending mends the failures of one run.
type mending struct {
	files    Files
	m        *Mended
	findings []audit.Finding
	write    func(*container.Spec) (string, error) // the text of a spec, or why it has none
}

// all mends what can be, unless why says why nothing can.
func (g mending) all(why string) {
	m, findings := g.m, g.findings
	refused := map[*audit.Control]string{}
	left := failures(findings)
	for pass := 0; pass < maxPasses && why == ""; pass++ {
		for _, fi := range left {
			if fi.Severity != audit.Info && fi.Control.Mend != nil {
				if err := g.mend(fi); err != nil {
					refused[fi.Control] = whyNot(err)
				}
			}
		}
		before := len(left)
		if left = g.files.left(m, findings); len(left) >= before {
			break
		}
	}
	for _, fi := range g.files.left(m, findings) {
		m.Stays = append(m.Stays, Stay{fi, cmp.Or(why, refused[fi.Control], whyLeft(fi))})
	}
	m.Done = slices.DeleteFunc(failures(findings), func(fi audit.Finding) bool {
		return slices.ContainsFunc(m.Stays, func(s Stay) bool { return samePlace(s.Finding, fi) })
	})
}

// maxPasses bounds how often is mended what a mend before made a failure: a root
// filesystem that is read-only has a /tmp that is judged.
const maxPasses = 3

// mend mends one failure.
func (g mending) mend(fi audit.Finding) error {
	m := g.m
	next := container.Clone(m.Spec)
	fi.Control.Mend(next, fi.At)
	unstateEmpty(next)
	text, err := g.write(next)
	if err != nil {
		return err
	}
	for _, set := range container.Settings(m.Spec) {
		if _, still := next.MarkOf(set.Path); !still && len(m.Reading.At[set.Path]) > 0 {
			m.Taken = append(m.Taken, Taken{set.Path, fi.Control})
		}
	}
	m.Spec, m.Text = next, text
	return nil
}

// left are the failures of the mended run, among those of the controls of findings, and
// of findings what no run can meet: a dead waiver.
func (f Files) left(m *Mended, findings []audit.Finding) []audit.Finding {
	after := *m.Reading
	after.Spec = m.Spec
	out := failures(AuditReading(&after, f.Under).Findings)
	out = slices.DeleteFunc(out, func(fi audit.Finding) bool {
		return !slices.ContainsFunc(findings, func(was audit.Finding) bool {
			return was.Control == fi.Control && !(was.Verdict == audit.Waived && was.At == fi.At)
		})
	})
	for _, fi := range failures(findings) {
		if fi.Control == audit.WaiversAlive {
			out = append(out, fi)
		}
	}
	audit.Sort(out)
	return out
}

// failures are those of findings that fail.
func failures(in []audit.Finding) []audit.Finding {
	return slices.DeleteFunc(slices.Clone(in), func(f audit.Finding) bool { return f.Verdict != audit.Fail })
}

func samePlace(a, b audit.Finding) bool { return a.Control == b.Control && a.At == b.At }

// whyLeft says why a failure stays that nothing hindered from being mended.
func whyLeft(fi audit.Finding) string {
	switch {
	case fi.Control.Mend == nil:
		return "no option mends it of itself"
	case fi.Severity == audit.Info:
		return "mending it would change what the run does"
	}
	return "options alone do not meet it"
}

// whyNot is what hindered a mend.
func whyNot(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(text, "mending ") {
		return after
	}
	return text
}

// asWritten is the text of a pod, or of a line that joins one, as it is: what decides
// stands in several lines, and no mend of one is a mend of all.
func asWritten(r *form.Reading) string {
	if r.Unit {
		return strings.Join(r.Lines, "\n")
	}
	var out []string
	for _, w := range r.Words {
		out = append(out, w.Raw)
	}
	return strings.Join(out, " ")
}

// unstateEmpty leaves away what a mend emptied: no option says an empty list.
func unstateEmpty(s *container.Spec) {
	for _, row := range container.All() {
		for _, set := range row.Settings(s) {
			if list, ok := set.Value.([]string); ok && len(list) == 0 {
				row.Clear(s)
			}
		}
	}
}

// rewritten is the text of a run that is mended.
func (f Files) rewritten(r *form.Reading, mended *container.Spec) (string, error) {
	if r.Unit {
		lines, err := quadlet.Fix(r, mended, quadlet.Options{Version: f.Version})
		return strings.Join(lines, "\n"), err
	}
	words, err := shell.Fix(r, mended)
	return strings.Join(words, " "), err
}
