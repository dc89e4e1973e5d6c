package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// finding judges one.
func (j *judgement) finding(f *scan.Finding) {
	rule, text, open := j.against(f)
	switch {
	case rule == "":
		return
	case f.Suppressed():
		j.out.Suppressed = append(j.out.Suppressed, *f)
		return
	}
	out := Reason{Rule: rule, Text: text, Hint: mend(f), Finding: f, Open: open}
	if out.Waiver = j.permits(f); out.Waiver != nil {
		j.out.Waived = append(j.out.Waived, out)
		return
	}
	j.out.Reasons = append(j.out.Reasons, out)
}

// against is the rule that a finding breaks, and how; "" none. open: nothing but what is not
// known breaks it.
func (j *judgement) against(f *scan.Finding) (rule Rule, text string, open bool) {
	what := fmt.Sprintf("%s in %s %s", bounded.Shown(f.Canonical()), bounded.Shown(f.Package), bounded.Shown(f.Installed))
	what = strings.TrimSpace(what)
	if j.rules.KEV && f.KEV {
		return KEV, what + " is known to be exploited", false
	}
	level := j.rules.Order.Severity(f, j.out.Distro)
	switch {
	case j.rules.Severity == "" || !level.AtLeast(j.rules.Severity):
		return "", "", false
	case j.rules.FixableOnly && f.State != scan.Fixed && f.State != scan.FixUnknown:
		return "", "", false
	}
	text = fmt.Sprintf("%s is %s", what, level)
	if level == scan.Unknown {
		text = what + " is of no known severity, which counts as high"
	}
	switch f.State {
	case scan.Fixed:
		text += ", and " + fixed(f) + " mends it"
	case scan.FixUnknown:
		text += ", and whether anything mends it is not known"
	}
	return Severity, text, level == scan.Unknown || j.rules.FixableOnly && f.State == scan.FixUnknown
}

// fixed are the versions that mend a finding.
func fixed(f *scan.Finding) string {
	if len(f.Fixed) == 0 {
		return "a newer version"
	}
	const most = 3
	return bounded.Shown(strings.Join(f.Fixed[:min(most, len(f.Fixed))], " or "))
}

// mend is what to do about a finding.
func mend(f *scan.Finding) string {
	waive := ""
	for _, id := range f.Called() {
		waive += fmt.Sprintf(` --waive %s@%s="reason"`, audit.ScanTolerance.ID, bounded.Shown(id))
	}
	if f.State != scan.Fixed {
		return "take another image, or waive it:" + waive
	}
	return fmt.Sprintf("take an image with %s %s, or waive it:%s", bounded.Shown(f.Package), fixed(f), waive)
}

// permits is the waiver that permits a finding: it holds still, and names one of its ids,
// alone or with the package: "CVE-2022-40897 setuptools". Of a finding of several CVEs each is
// permitted, or the advisory by its own name; the waiver is the last that it takes.
func (j *judgement) permits(f *scan.Finding) (out *audit.Waiver) {
	all := f.Wholly(func(name string) bool {
		i := slices.IndexFunc(j.waivers, func(w audit.Waiver) bool { return j.holds(w, name, f.Package) })
		if i >= 0 {
			out = &j.waivers[i]
		}
		return i >= 0
	})
	if !all {
		return nil
	}
	return out
}

// holds tells whether a waiver permits a vulnerability in a package now.
func (j *judgement) holds(w audit.Waiver, name, pkg string) bool {
	id, of, _ := strings.Cut(strings.TrimSpace(w.At), " ")
	return w.Control == audit.ScanTolerance.ID && id == name && (of == "" || of == pkg) && w.Reason != "" && w.Check(j.now) == nil
}
