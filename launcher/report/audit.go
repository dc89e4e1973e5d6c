package report

import (
	"cmp"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// Audit is what one call audits by. [Audit.Text], [Audit.JSON], [Audit.SARIF] and
// [Audit.Markdown] print the results.
type Audit struct {
	Tool     string // version of the program
	Standard audit.Standard
	FailOn   audit.Severity // the threshold in force, the standard's or the caller's
	// FailOnOpen tells that what is open counts for the status of the call.
	FailOnOpen bool
	// Walked tells, once all subjects were given, what became of the files of directories; nil:
	// there was none.
	Walked func() []Walked
	List   Listing // what is listed by [Audit.Text], [Audit.Markdown] and [Audit.HTML]
}

// Printer prints an audit, subject by subject, and keeps no more of one than it still
// has to tell.
type Printer interface {
	// Prepare does what can be done of a subject alone, of several at a time. What it
	// returns puts the subject behind those before it, one at a time.
	Prepare(Result) (add func() error)
	End() error // after the last
}

// Result is the audit of one subject.
type Result struct {
	Subject  string // as baselines and tables name it: "triton", "web.container", "command line"
	Kind     string // plan, container, line, unit, manifest, compose or record
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

// tally sums up what is told of all subjects together.
type tally struct {
	subjects, unread int
	failing, hidden  int    // subjects that reach the threshold; findings not listed
	open, openIn     int    // findings, and the subjects that have some
	reaching         int    // failures at or above the threshold
	first            string // the control of the first failure
}

func (t *tally) add(r Result, m measured) {
	t.subjects++
	t.open += m.Open
	t.hidden += m.hidden
	t.failing += pick(m.reaching > 0, 1, 0)
	t.reaching += m.reaching
	t.first = cmp.Or(t.first, m.first)
	if m.Open > 0 {
		t.openIn++
	}
	if r.Unread {
		t.unread++
	}
}

// unjudged says what is open, for the last line of a report; "" is nothing. A status
// counts it only where the caller asks for that.
func (t tally) unjudged(failOnOpen bool) string {
	if t.open == 0 {
		return ""
	}
	out := "not judged: " + pick(t.open == 1, "1 finding is", fmt.Sprintf("%d findings are", t.open)) + " open"
	if t.subjects > 1 {
		out += fmt.Sprintf(" in %d of %d subjects", t.openIn, t.subjects)
	}
	if t.unread > 0 {
		out += fmt.Sprintf(", %d of them unread", t.unread)
	}
	if failOnOpen {
		return out + "; that makes the status 4 where nothing fails"
	}
	return out + "; the status counts that with --fail-on-open"
}

// shown is what a person gets to read of text from outside. The settings hide
// their secrets themselves; a message that quotes one is caught here.
func shown(s string) string { return Escape(container.MaskText(s)) }

// titled names a control for a reader.
func titled(c *audit.Control) string { return cmp.Or(c.Title, c.Name) }

// sorted are the findings in reading order; those of r stay as they are.
func (r Result) sorted() []audit.Finding { return audit.Sorted(r.Findings) }
