package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// findings fills the grid of one subject, and returns how many findings it left
// out because they stand above.
func (t *auditTable) findings(g *grid, r Result, in []audit.Finding, common map[likeness]bool) (above int) {
	var own []weighed
	var open []audit.Finding
	for _, f := range weigh(in) {
		like, _ := likenessOf(f.Finding)
		switch {
		case common[like]:
			above++
		case f.Verdict == audit.Open:
			open = append(open, f.Finding)
		case f.Verdict <= audit.Waived || t.All:
			own = append(own, f)
		}
	}
	rest := slices.IndexFunc(own, func(f weighed) bool { return f.Verdict > audit.Open })
	if rest < 0 {
		rest = len(own)
	}
	t.rows(g, r, own[:rest])
	t.open(g, open)
	t.rows(g, r, own[rest:])
	return above
}

// rows writes one row for each finding; what to change stands behind the last
// failure of a control.
func (t *auditTable) rows(g *grid, r Result, in []weighed) {
	words := r.masked()
	for i, f := range in {
		last := i+1 == len(in) || in[i+1].Control != f.Control || in[i+1].Verdict != f.Verdict
		row := t.row(f.Finding, f.exposure, last)
		if !row.brief {
			row.why = append(row.why, r.line(f.Finding, words)...)
		}
		g.add(row)
	}
}

// row is the row of one finding; fix tells to say what to change.
func (t *auditTable) row(f audit.Finding, exposure string, fix bool) gridRow {
	row := gridRow{mark: t.of(f.Verdict), id: f.Control.ID, control: titled(f.Control), severity: f.Severity.String(), exposure: exposure}
	switch f.Verdict {
	case audit.Fail:
		row.why = []string{state(f.State) + f.Message}
		row.brief = f.Severity <= audit.Low
		if fix && !row.brief && f.Control.Fix != "" {
			row.why = append(row.why, "fix: "+f.Control.Fix)
		}
	case audit.Review:
		row.why = []string{"look yourself: " + f.Message}
	case audit.Waived:
		row.why = []string{t.waived(f), f.Message}
	case audit.NotApplicable:
		row.severity, row.why, row.brief = "-", []string{strings.TrimSuffix("n/a: "+f.Message, ": ")}, true
	case audit.Pass:
		row.severity, row.why, row.brief = "-", []string{strings.TrimSuffix("passed, by "+f.Evidence.String(), ", by unknown")}, true
	}
	return row
}

// state says what a baseline knows of a failure.
func state(s audit.State) string {
	switch s {
	case audit.New:
		return "new: "
	case audit.Unchanged:
		return "in the baseline: "
	}
	return ""
}

// waived says who permits a failure, for how long, and why.
func (t *auditTable) waived(f audit.Finding) string {
	w := f.Waiver
	if w == nil {
		return "waived"
	}
	out := "waived" + t.until(w)
	if w.Owner != "" {
		out += " by " + w.Owner
	}
	return out + ": " + w.Reason + " - " + w.Origin.String()
}

// mostIDs is how many controls one line of open ones names.
const mostIDs = 8

// open writes one row for each reason why controls are open.
func (t *auditTable) open(g *grid, in []audit.Finding) {
	listed, quiet := in, []audit.Finding(nil)
	if !t.All {
		listed, quiet = parted(in)
	}
	defer t.quiet(g, quiet)
	for _, r := range byReason(listed) {
		f, ids := r.findings[0], r.ids()
		row := gridRow{mark: t.of(audit.Open), id: ids[0], control: titled(f.Control), exposure: "-", why: []string{"open: " + f.Message}}
		for _, other := range r.findings {
			f.Severity = max(f.Severity, other.Severity)
		}
		row.severity = f.Severity.String()
		if more := ids[1:]; len(more) > 0 {
			row.control = "and " + numbers(more, t.All)
		}
		g.add(row)
	}
}

// parted parts what is open into what a person should know at once, and the rest:
// below high, unless it says that the input was not understood.
func parted(in []audit.Finding) (listed, quiet []audit.Finding) {
	for _, f := range in {
		if f.Severity >= audit.High || f.Control == audit.InputUnderstood {
			listed = append(listed, f)
		} else {
			quiet = append(quiet, f)
		}
	}
	if len(quiet) == 1 { // it takes a line either way
		return in, nil
	}
	return listed, quiet
}

// quiet writes what is open and weighs little in one row.
func (t *auditTable) quiet(g *grid, in []audit.Finding) {
	if len(in) == 0 {
		return
	}
	ids := alike{findings: in}.ids()
	g.add(gridRow{mark: t.of(audit.Open), id: ids[0], control: "and " + numbers(ids[1:], false), severity: in[0].Severity.String(), exposure: "-",
		why: []string{fmt.Sprintf("open: %d more below high (--all to list)", len(in))}})
}

// numbers lists controls by their numbers, a few of them unless all are wanted.
func numbers(ids []string, all bool) string {
	var out []string
	for _, id := range ids {
		out = append(out, strings.TrimPrefix(id, "ZL-"))
	}
	if !all && len(out) > mostIDs {
		return strings.Join(out[:mostIDs], ", ") + fmt.Sprintf(" and %d more", len(out)-mostIDs)
	}
	return strings.Join(out, ", ")
}

// likeness is equal for findings that say the same of two subjects.
type likeness struct {
	control  string
	verdict  audit.Verdict
	severity audit.Severity
	at       container.Path
	message  string
	state    audit.State
}

// likenessOf is what a finding says; false for one that asks nothing of a reader.
func likenessOf(f audit.Finding) (likeness, bool) {
	return likeness{f.Control.ID, f.Verdict, f.Severity, f.At, f.Message, f.State}, f.Verdict <= audit.Open
}

// shared writes the findings that several subjects have in common, and returns
// what they are like.
func (t *auditTable) shared(a Audit) map[likeness]bool {
	at, like := map[likeness]int{}, []alike{}
	type mention struct {
		like    int
		subject string
	}
	seen := map[mention]bool{}
	for _, r := range a.Results {
		for _, f := range r.Findings {
			key, asks := likenessOf(f)
			if !asks {
				continue
			}
			i, ok := at[key]
			if !ok {
				i = len(like)
				at[key] = i
				like = append(like, alike{})
			}
			if m := (mention{i, r.Subject}); !seen[m] {
				seen[m] = true
				like[i].findings, like[i].subjects = append(like[i].findings, f), append(like[i].subjects, r.Subject)
			}
		}
	}
	like = slices.DeleteFunc(like, func(l alike) bool { return len(l.subjects) < 2 })
	return t.together(like, len(a.Results))
}

// together writes findings with the subjects that share them.
func (t *auditTable) together(like []alike, of int) map[likeness]bool {
	common, by := map[likeness]bool{}, map[likeness]alike{}
	var in []audit.Finding
	for _, l := range like {
		key, _ := likenessOf(l.findings[0])
		common[key], by[key] = true, l
		in = append(in, l.findings[0])
	}
	audit.Sort(in)
	g := grid{width: t.Width, more: t.more}
	var open []audit.Finding
	for _, f := range in {
		key, _ := likenessOf(f)
		who := by[key].subjects
		names := fmt.Sprintf("in %d of %d: %s", len(who), of, strings.Join(who, ", "))
		if f.Verdict == audit.Open {
			f.Message += " (" + fmt.Sprintf("%d of %d", len(who), of) + ")"
			open = append(open, f)
			continue
		}
		row := t.row(f, "-", true)
		row.why = append(row.why, t.short(names))
		if row.brief {
			row.why = []string{row.why[0] + " - " + row.why[1]}
		}
		g.add(row)
	}
	t.open(&g, open)
	if len(g.rows) > 0 {
		t.b.WriteString("\nin several subjects:\n")
		g.write(&t.b)
	}
	return common
}

// mostNames bounds the names of subjects behind a finding, in characters.
const mostNames = 160

func (t *auditTable) short(names string) string {
	if r := []rune(names); !t.All && len(r) > mostNames {
		return string(r[:mostNames]) + t.more
	}
	return names
}

// summary is one line for each subject: its failures by severity, what is open,
// and its exposure.
func (t *auditTable) summary(a Audit) {
	g := table{header: []string{"SUBJECT", "KIND", "CRITICAL", "HIGH", "MEDIUM", "LOW", "REVIEW", "OPEN", "WAIVED", "EXPOSURE"},
		most: []int{30, 9, 8, 8, 8, 8, 8, 8, 8}}
	for _, r := range a.Results {
		c := count(r.Findings)
		cells := []string{shown(r.Subject), shown(r.Kind)}
		for _, n := range []int{c.Critical, c.High, c.Medium, c.Low, c.Review, c.Open, c.Waived} {
			cells = append(cells, fmt.Sprint(n))
		}
		g.add(append(cells, tenths(audit.Score(r.Findings, false))+" "+r.band())...)
	}
	_ = g.write(&t.b, t.Width) // a Builder takes everything
}
