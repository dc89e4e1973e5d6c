package report

import (
	"fmt"

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
	// FailOnOpen tells that what is open counts for the status of the call.
	FailOnOpen bool
	Results    []Result
	Notes      []string // what holds for all of them: the host's findings, cited once
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
	Unread   bool // something runs there that nobody can read
	Beside   bool // a part of its file is unread
}

// band names the exposure. Beside what was not read no good name is given.
func (r Result) band() string {
	b := audit.Band(r.Findings)
	if (r.Unread || r.Beside) && (b == "HARDENED" || b == "GOOD") {
		return "UNKNOWN"
	}
	return b
}

// unjudged says what is open, for the last line of a report; "" is nothing. A status
// counts it only where the caller asks for that.
func (a Audit) unjudged() string {
	n, in, unread := 0, 0, 0
	for _, r := range a.Results {
		open := count(r.Findings).Open
		if n += open; open > 0 {
			in++
		}
		if r.Unread {
			unread++
		}
	}
	if n == 0 {
		return ""
	}
	out := "not judged: " + pick(n == 1, "1 finding is", fmt.Sprintf("%d findings are", n)) + " open"
	if len(a.Results) > 1 {
		out += fmt.Sprintf(" in %d of %d subjects", in, len(a.Results))
	}
	if unread > 0 {
		out += fmt.Sprintf(", %d of them unread", unread)
	}
	if a.FailOnOpen {
		return out + "; that makes the status 4 where nothing fails"
	}
	return out + "; the status counts that with --fail-on-open"
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
