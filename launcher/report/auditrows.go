package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// fill fills a grid with findings, what is open by its reasons.
func (t style) fill(g *grid, in []weighed) {
	var judged []weighed
	var open []audit.Finding
	for _, f := range in {
		if f.Verdict == audit.Open {
			open = append(open, f.Finding)
		} else {
			judged = append(judged, f)
		}
	}
	rest := slices.IndexFunc(judged, func(f weighed) bool { return f.Verdict > audit.Open })
	if rest < 0 {
		rest = len(judged)
	}
	t.rows(g, judged[:rest])
	t.reasons(g, open, alone)
	t.rows(g, judged[rest:])
}

// rows writes one row for each finding; what to change stands behind the last
// failure of a control.
func (t style) rows(g *grid, in []weighed) {
	for i, f := range in {
		last := i+1 == len(in) || in[i+1].Control != f.Control || in[i+1].Verdict != f.Verdict
		row := t.row(f.Finding, f.exposure, last)
		if !row.brief {
			row.why = append(row.why, f.lines...)
		}
		g.add(row)
	}
}

// row is the row of one finding; fix tells to say what to change.
func (t style) row(f audit.Finding, exposure string, fix bool) gridRow {
	row := gridRow{paint: paintOf(f.Verdict, f.Severity), mark: t.of(f.Verdict), id: f.Control.ID, control: titled(f.Control), severity: f.Severity.String(), exposure: exposure}
	switch f.Verdict {
	case audit.Fail:
		row.why = []string{state(f.State) + f.Message}
		row.brief = f.Severity <= audit.Low
		if fix && !row.brief && cmp.Or(f.Fix, f.Control.Fix) != "" {
			row.why = append(row.why, "fix: "+cmp.Or(f.Fix, f.Control.Fix))
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

// paintOf is the colour of a finding's mark.
func paintOf(v audit.Verdict, s audit.Severity) paint {
	switch v {
	case audit.Fail:
		return meanings[s.String()]
	case audit.Waived, audit.NotApplicable:
		return dim
	case audit.Pass:
		return good
	}
	return unsure
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
func (t style) waived(f audit.Finding) string {
	w := f.Waiver
	if w == nil {
		return "waived"
	}
	out := pick(w.Decided, "decided", "waived") + t.until(w)
	if w.Owner != "" {
		out += " by " + w.Owner
	}
	return out + ": " + w.Reason + " - " + w.Origin.String()
}

// mostIDs is how many controls one line of open ones, or one word, names.
const mostIDs = 8

// reasons writes one row for each reason why controls are open: one for each message where
// all is asked for. A reason may stand in a finding that is not listed. beside says more of the
// findings of a row.
func (t style) reasons(g *grid, in []audit.Finding, beside func([]audit.Finding) string) {
	groups := causes(in)
	if t.All {
		groups = groups[:0]
		for _, r := range byReason(in) {
			groups = append(groups, cause{r[0].Message, r})
		}
	}
	for _, c := range groups {
		if c.findings = t.list.listed(c.findings); len(c.findings) == 0 {
			continue
		}
		f, ids := c.findings[0], alike(c.findings).ids()
		row := gridRow{paint: unsure, mark: t.of(audit.Open), id: ids[0], control: titled(f.Control), exposure: "-"}
		row.why = []string{pick(len(c.findings) > 1, fmt.Sprintf("%d open: ", len(c.findings)), "open: ") + c.why + beside(c.findings)}
		for _, other := range c.findings {
			f.Severity = max(f.Severity, other.Severity)
		}
		row.severity = f.Severity.String()
		if more := ids[1:]; len(more) > 0 {
			row.control = "and " + numbers(more, t.All)
		}
		g.add(row)
	}
}

// alone says nothing more of what is open.
func alone([]audit.Finding) string { return "" }

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
