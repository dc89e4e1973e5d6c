package report

import (
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// Audit is what one call audited: a standard and one result for each subject.
// [Audit.Text], [Audit.Document], [Audit.SARIF] and [Audit.Markdown] print it.
type Audit struct {
	Tool     string // version of the program
	Standard audit.Standard
	FailOn   audit.Severity // the threshold in force, the standard's or the caller's
	Results  []Result
	Notes    []string // what holds for all of them: the host's findings, cited once
}

// Result is the audit of one subject.
type Result struct {
	Subject  string // as baselines and tables name it: "triton", "web.container", "command line"
	Kind     string // plan, container, line, unit or record
	File     string // where it stands; "" nowhere
	Engine   string // "podman 5.4.2 rootless", for the head of the table
	Identity string // "uid 1000 = uid 1001 (you) on the host"; "" not known
	Spec     *container.Spec
	Findings []audit.Finding // of the standard's controls, waivers and baseline applied
	Absent   []audit.Known
	Drift    []container.Difference // against the plan, where there is one
	Reading  *form.Reading          // of a line or unit: its words; nil elsewhere
	Notes    []string
}

// shown is what a person gets to read of text from outside. The settings hide
// their secrets themselves; a message that quotes one is caught here.
func shown(s string) string { return Escape(container.MaskText(s)) }

// titled names a control for a reader.
func titled(c *audit.Control) string {
	if c.Title == "" {
		return c.Name
	}
	return c.Title
}

// sorted are the findings in reading order; those of r stay as they are.
func (r Result) sorted() []audit.Finding {
	out := append([]audit.Finding(nil), r.Findings...)
	audit.Sort(out)
	return out
}
