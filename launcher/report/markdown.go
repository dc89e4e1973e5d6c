package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Markdown writes the audit as GitHub flavoured Markdown: a table for each
// subject with its failures, what a person must look at, what is open and what is
// waived.
func (a Audit) Markdown(w io.Writer) error {
	var b strings.Builder
	t := &auditTable{marks: TextOptions{}.marks()}
	b.WriteString("# Audit\n\n")
	n := 0
	for _, r := range a.Results {
		n += reaching(r.Findings, a.FailOn)
	}
	fmt.Fprintf(&b, "Standard %s, catalogue %s, %s at %s or above in %s.\n", markdown(a.Standard.Name), audit.Version, plural(n, "failure"), a.FailOn,
		plural(len(a.Results), "subject"))
	if len(a.Results) > 1 {
		a.markdownSummary(&b)
	}
	for _, r := range a.Results {
		t.markdown(&b, r)
	}
	for i, note := range a.Notes {
		b.WriteString(pick(i == 0, "\n", "") + "- " + markdown(shown(note)) + "\n")
	}
	if left := a.unjudged(); left != "" {
		b.WriteString("\n" + markdown(strings.ToUpper(left[:1])+left[1:]) + ".\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a Audit) markdownSummary(b *strings.Builder) {
	b.WriteString("\n| Subject | Critical | High | Medium | Low | Review | Open | Waived | Exposure |\n|---|--:|--:|--:|--:|--:|--:|--:|---|\n")
	for _, r := range a.Results {
		c := count(r.Findings)
		fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d | %d | %s %s |\n", markdown(shown(r.Subject)), c.Critical, c.High, c.Medium, c.Low,
			c.Review, c.Open, c.Waived, tenths(audit.Score(r.Findings, false)), r.band())
	}
}

// markdown writes one subject.
func (t *auditTable) markdown(b *strings.Builder, r Result) {
	in := r.sorted()
	fmt.Fprintf(b, "\n## %s\n\n%s\n", markdown(shown(r.Subject)), markdown(strings.TrimSpace(strings.TrimPrefix(r.head(t.dot), shown(r.Subject)))))
	g := grid{more: t.more}
	t.findings(&g, r, in, nil)
	if len(g.rows) > 0 {
		b.WriteString("\n| | Control | | Severity | Exposure | Why and fix |\n|---|---|---|---|--:|---|\n")
	}
	for _, row := range g.rows {
		why := make([]string, len(row.why))
		for i, line := range row.why {
			why[i] = markdown(line)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", row.mark, row.id, markdown(row.control), row.severity, row.exposure, strings.Join(why, "<br>"))
	}
	c := count(in)
	fmt.Fprintf(b, "\n%s, %d passed, %d not applicable\n", markdown(r.exposure(", ")), c.Pass, c.NotApplicable)
	for i, d := range r.Drift {
		fmt.Fprintf(b, "%s- not as planned: %s: planned %s, effective %s (%s)\n", pick(i == 0, "\n", ""), markdown(shown(d.Path.String())),
			markdown(differing(d.Path, d.Planned)), markdown(differing(d.Path, d.Got)), d.Evidence)
	}
	for i, k := range r.Absent {
		fmt.Fprintf(b, "%s- no longer found: %s\n", pick(i == 0, "\n", ""), markdown(shown(strings.TrimSpace(k.Control+" "+k.Setting))))
	}
	for i, n := range r.Notes {
		fmt.Fprintf(b, "%s- %s\n", pick(i == 0, "\n", ""), markdown(shown(n)))
	}
}

// markdown escapes text so that nothing of it is markup: not Markdown's, not
// HTML's, not a table's.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range Escape(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|~#!{}", r):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
