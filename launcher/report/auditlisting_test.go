package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// told is what the table tells of an audit where a listing is asked for.
func told(t *testing.T, l report.Listing, results ...report.Result) string {
	t.Helper()
	var b bytes.Buffer
	p := report.Audit{Standard: audit.Standards()[0], FailOn: audit.High, List: l}.Text(&b, report.TextOptions{})
	for _, r := range results {
		if err := p.Prepare(r)(); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is not listed is counted and said, and changes no score and no count.
func TestListingSaysWhatItHides(t *testing.T) {
	full := told(t, report.Listing{}, line())
	exposure := full[strings.Index(full, "exposure 9.3"):strings.Index(full, "  evidence")]
	for _, c := range []struct {
		list report.Listing
		has  string
		not  string
		n    int
	}{
		{report.Listing{Least: audit.Critical}, "ZL-201", "✗  ZL-203", 8},
		{report.Listing{Only: []string{"ZL-505"}}, "ZL-505", "✗  ZL-201", 8},
		{report.Listing{Least: audit.High, Only: []string{"ZL-809", "ZL-505"}}, "ZL-505", "✗  ZL-809", 8},
		{report.Listing{Summary: true}, "critical ZL-201 +3", "  ✗", 0},
	} {
		got := told(t, c.list, line())
		if !strings.Contains(got, c.has) || strings.Contains(got, c.not) {
			t.Errorf("%+v: %s", c.list, got)
		}
		if says := fmt.Sprintf("%d findings not listed", c.n); c.n > 0 && (!strings.Contains(got, says) || !strings.Contains(got, exposure)) {
			t.Errorf("%+v says not %q: %s", c.list, says, got)
		}
		if !strings.Contains(got, "at high or above: 3") {
			t.Errorf("%+v: the threshold counts less: %s", c.list, got)
		}
	}
}

// What is open is told by what leaves it open, a line each, and a word that was not
// understood is that for all that its setting decides.
func TestOpenIsToldByCause(t *testing.T) {
	open := func(c *audit.Control, key, elem, message string) audit.Finding {
		return audit.Finding{Control: c, Verdict: audit.Open, Severity: c.Severity, At: at(key, elem), Message: message}
	}
	r := line()
	r.Findings = []audit.Finding{
		open(audit.InputUnderstood, "volume", "/m", "$X is expanded by the shell"),
		open(audit.InputUnderstood, "image", "", "$IMAGE is expanded by the shell"),
		open(readOnlyMounts, "volume", "/m", "which path $X is, is not known"),
		open(bound, "image", "", "image is not known"),
		open(authenticated, "image_user", "", "image_user is not known"),
		open(confined, "host_selinux", "", "whether SELinux enforces on the host is not known"),
		open(engineKnown, "", "", "it is judged on the host that runs it"),
	}
	got := told(t, report.Listing{}, r)
	for _, want := range []string{"2 open: $X is expanded by the shell", "3 open: $IMAGE is expanded by the shell", "2 open: facts of the host are missing"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
	if n := strings.Count(got, " open: "); n != 3 {
		t.Errorf("%d lines: %s", n, got)
	}
	r.Findings = r.Findings[2:]
	if got := told(t, report.Listing{Least: audit.High}, r); !strings.Contains(got, "open: facts of the image are missing") {
		t.Errorf("no word is to blame: %s", got)
	}
}

// However many subjects there are, what is told in brief fits a screen, and the gravest
// are on it; all of them stand in the summary.
func TestBriefIsOneScreen(t *testing.T) {
	var in []report.Result
	for i := range 200 {
		in = append(in, unit(fmt.Sprintf("%03d.container", i)))
	}
	worst := line()
	worst.Subject = "worst"
	in = append(in, worst)
	got := told(t, report.Listing{Brief: true}, in...)
	if n := strings.Count(got, "\n"); n > 48 || !strings.Contains(strings.Split(got, "\n")[1], "worst") || !strings.Contains(got, "and 177 more") {
		t.Errorf("%d lines: %s", n, got)
	}
	if !strings.Contains(got, "200 of 201: ZL-203") && !strings.Contains(got, "201 of 201: ZL-203") {
		t.Errorf("what they share is not told: %s", got)
	}
	if all := told(t, report.Listing{Summary: true, Brief: true}, in...); strings.Count(all, ".container") != 200 {
		t.Errorf("the summary leaves some out: %s", all)
	}
	if one := told(t, report.Listing{Brief: true}, line()); one != told(t, report.Listing{}, line()) {
		t.Errorf("one subject is told in brief: %s", one)
	}
}
