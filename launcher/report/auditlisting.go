package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Listing is what of an audit a person asked to see; the zero value is every finding. It
// chooses what is listed: status, counts, exposure and machine output hold all.
type Listing struct {
	Least audit.Severity // nothing below it is listed
	// Only are the controls that are listed, by id; nil is all.
	Only []string
	// Summary is one line for each subject and no findings.
	Summary bool
	// Brief is one screen for many subjects, the gravest first, with what most of them
	// have in common. A single subject is told in full.
	Brief bool
}

// shows tells whether a finding is listed.
func (l Listing) shows(f audit.Finding) bool {
	return f.Severity >= l.Least && (l.Only == nil || slices.Contains(l.Only, f.Control.ID))
}

// listed are the findings that are; in itself, where all are.
func (l Listing) listed(in []audit.Finding) []audit.Finding {
	hidden := func(f audit.Finding) bool { return !l.shows(f) }
	if !slices.ContainsFunc(in, hidden) {
		return in
	}
	return slices.DeleteFunc(slices.Clone(in), hidden)
}

// unlisted counts those which ask something of a reader and are not listed.
func (l Listing) unlisted(in []audit.Finding) int {
	n := 0
	for _, f := range in {
		n += pick(f.Verdict <= audit.Waived && !l.shows(f), 1, 0)
	}
	return n
}

// hides says what n findings are hidden by; "" for none.
func (l Listing) hides(n int) string {
	if n == 0 {
		return ""
	}
	var by []string
	if l.Least > audit.Info {
		by = append(by, "--severity "+l.Least.String())
	}
	if l.Only != nil {
		by = append(by, "--only")
	}
	return fmt.Sprintf("%s not listed, by %s; status and exposure count all", Plural(n, "finding"), strings.Join(by, " and "))
}

// verdict is what an audit says of a subject in a word.
func (m measured) verdict(unread bool) string {
	switch {
	case m.reaching > 0:
		return "fail"
	case unread:
		return "unread"
	case m.Open > 0:
		return "open"
	}
	return "pass"
}

// worst names the gravest failures, or what else asks for a look.
func (m measured) worst() string {
	switch {
	case m.unknown() > 0:
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", m.gravest, m.first, pick(m.unknown() > 1, fmt.Sprintf("+%d", m.unknown()-1), "")))
	case m.Review > 0:
		return fmt.Sprintf("%d to look at", m.Review)
	}
	return "-"
}
