package audit_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// some are n failures of a severity, each of a control of its own.
func some(n int, s audit.Severity) []audit.Finding {
	var out []audit.Finding
	for _, c := range audit.Catalogue() {
		if len(out) < n {
			out = append(out, audit.Finding{Control: c, Verdict: audit.Fail, Severity: s})
		}
	}
	return out
}

// The score of some findings, in tenths, in whatever order they stand.
func TestScore(t *testing.T) {
	sample := slices.Concat(some(5, audit.High), some(4, audit.Medium), some(7, audit.Low))
	for _, c := range []struct {
		name string
		in   []audit.Finding
		want int
		band string
	}{
		{"nothing", nil, 0, "HARDENED"},
		{"one info", some(1, audit.Info), 0, "HARDENED"},
		{"one low", some(1, audit.Low), 2, "HARDENED"},
		{"two lows", some(2, audit.Low), 4, "HARDENED"},
		{"one medium", some(1, audit.Medium), 10, "GOOD"},
		{"one high", some(1, audit.High), 20, "FAIR"},
		{"one critical", some(1, audit.Critical), 85, "DANGEROUS"},
		{"IBM's TF Serving line", sample, 82, "WEAK"},
		{"the same, privileged", append(some(1, audit.Critical), sample...), 98, "DANGEROUS"},
	} {
		if got := audit.Score(c.in, false); got != c.want || audit.Band(c.in) != c.band {
			t.Errorf("%s: %d %s, want %d %s", c.name, got, audit.Band(c.in), c.want, c.band)
		}
		slices.Reverse(c.in)
		if got := audit.Score(c.in, false); got != c.want {
			t.Errorf("%s: another order gives %d, want %d", c.name, got, c.want)
		}
	}
	waived := some(1, audit.High)
	waived[0].Verdict = audit.Waived
	if audit.Score(waived, false) != 0 || audit.Score(waived, true) != 20 {
		t.Errorf("waived: %d and %d", audit.Score(waived, false), audit.Score(waived, true))
	}
	for _, v := range []audit.Verdict{audit.Pass, audit.Open, audit.Review, audit.NotApplicable} {
		if other := some(9, audit.Critical); audit.Score(slices.DeleteFunc(other, func(f audit.Finding) bool { return f.Verdict != v }), true) != 0 {
			t.Errorf("%s counts", v)
		}
	}
}

var today = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// failing are two failures of ZL-503 and one each of ZL-203 and ZL-204, and the
// pass of ZL-003.
func failing() []audit.Finding {
	fail := func(id, key, elem string) audit.Finding {
		c := audit.ByID(id)
		return audit.Finding{Control: c, Verdict: audit.Fail, Severity: c.Severity, At: Path{Key: key, Elem: elem}}
	}
	return []audit.Finding{
		{Control: audit.ByID("ZL-003"), Verdict: audit.Pass, Severity: audit.Low},
		fail("ZL-203", "cap_drop", ""), fail("ZL-204", "cap_add", ""), fail("ZL-503", "tmpfs", "/run"), fail("ZL-503", "tmpfs", "/tmp"),
	}
}

func TestWaive(t *testing.T) {
	user, line := Origin{Layer: LayerUser, File: "f"}, Origin{Layer: LayerCommandLine}
	for _, c := range []struct {
		name   string
		w      audit.Waiver
		waived []string
		dead   string
	}{
		{"the whole control", audit.Waiver{Control: "ZL-503", Origin: user}, []string{"tmpfs[/run]", "tmpfs[/tmp]"}, ""},
		{"at a place", audit.Waiver{Control: "ZL-503", At: "tmpfs[/tmp]", Origin: user}, []string{"tmpfs[/tmp]"}, ""},
		{"a place as profiles write it", audit.Waiver{Control: "ZL-503", At: "tmpfs /run", Origin: user}, []string{"tmpfs[/run]"}, ""},
		{"another place", audit.Waiver{Control: "ZL-503", At: "tmpfs[/var]", Origin: user}, nil, "permits nothing"},
		{"unused", audit.Waiver{Control: "ZL-207", Origin: line}, nil, "permits nothing"},
		{"high on the command line", audit.Waiver{Control: "ZL-203", Origin: line}, []string{"cap_drop"}, ""},
		{"high in a profile", audit.Waiver{Control: "ZL-203", Origin: user}, nil, "is not allowed"},
		{"critical", audit.Waiver{Control: "ZL-204", Origin: line}, nil, "is not allowed"},
		{"a project", audit.Waiver{Control: "ZL-503", Origin: Origin{Layer: LayerProject}}, nil, "is not allowed"},
		{"its last day", audit.Waiver{Control: "ZL-503", Origin: user, Expires: today.Add(time.Hour)}, []string{"tmpfs[/run]", "tmpfs[/tmp]"}, ""},
		{"a day late", audit.Waiver{Control: "ZL-503", Origin: user, Expires: today.AddDate(0, 0, -1)}, nil, "expired 2026-11-20"},
		{"more than a year", audit.Waiver{Control: "ZL-503", Origin: user, Expires: today.AddDate(1, 1, 0)}, nil, "is not allowed"},
	} {
		var waived []string
		dead := ""
		for _, f := range audit.Waive(failing(), []audit.Waiver{c.w}, today) {
			if f.Verdict == audit.Waived {
				waived = append(waived, f.At.String())
			}
			if f.Control.ID == "ZL-003" && f.Verdict == audit.Fail {
				dead = f.Message
			}
		}
		if !slices.Equal(waived, c.waived) || (dead == "") != (c.dead == "") || !strings.Contains(dead, c.dead) {
			t.Errorf("%s: waived %v, dead %q", c.name, waived, dead)
		}
	}
}

// Two dead waivers are two findings, in place of one pass.
func TestDeadWaivers(t *testing.T) {
	w := []audit.Waiver{{Control: "ZL-207", Origin: Origin{Layer: LayerCommandLine}}, {Control: "ZL-999", Origin: Origin{Layer: LayerCommandLine}}}
	var got []audit.Verdict
	for _, f := range audit.Waive(failing(), w, today) {
		if f.Control.ID == "ZL-003" {
			got = append(got, f.Verdict)
		}
	}
	if !slices.Equal(got, []audit.Verdict{audit.Fail, audit.Fail}) {
		t.Errorf("%v", got)
	}
}

// A failure graded above its control's own severity keeps its grade under a waiver.
func TestWaiverKeepsGrade(t *testing.T) {
	in := []audit.Finding{{Control: audit.ByID("ZL-206"), Verdict: audit.Fail, Severity: audit.Critical}}
	if got := audit.Waive(in, []audit.Waiver{{Control: "ZL-206", Origin: Origin{Layer: LayerCommandLine}}}, today); got[0].Verdict != audit.Fail {
		t.Errorf("a critical failure is %s", got[0].Verdict)
	}
}

func TestBaseline(t *testing.T) {
	before := audit.Snapshot("web.container", failing())
	if len(before) != 4 {
		t.Fatalf("%d of 4 failures are kept", len(before))
	}
	now := failing()
	now[1].Verdict = audit.Pass  // mended
	now[4].At.Elem = "/var/tmp"  // another place
	now[2].Severity = audit.High // graded otherwise
	absent := audit.Compare("web.container", now, before)
	states := []audit.State{now[0].State, now[1].State, now[2].State, now[3].State, now[4].State}
	if want := []audit.State{"", "", audit.New, audit.Unchanged, audit.New}; !slices.Equal(states, want) {
		t.Errorf("%q, want %q", states, want)
	}
	if len(absent) != 3 || absent[0].Setting != "cap_drop" || absent[1].Severity != audit.Critical || absent[2].Setting != "tmpfs[/tmp]" {
		t.Errorf("absent: %v", absent)
	}
	other := failing()
	if absent := audit.Compare("copy/web.container", other, before); absent != nil || other[1].State != audit.New {
		t.Errorf("the same finding in another file is %q, absent %v", other[1].State, absent)
	}
}

// What is graver, or another value, is another finding; a critical one is never
// accepted, and what changes of a secret shows nowhere.
func TestFingerprint(t *testing.T) {
	f := failing()[1]
	f.Message = `cap_add must be empty, it holds ["NET_RAW"]`
	graver, more, moved := f, f, f
	graver.Severity = audit.Critical
	more.Message = `cap_add must be empty, it holds ["NET_RAW" "SYS_ADMIN"]`
	moved.Origin = []Origin{{Layer: LayerUser, File: "other"}}
	print := audit.Fingerprint("web", f)
	if audit.Fingerprint("web", graver) == print || audit.Fingerprint("web", more) == print || audit.Fingerprint("web", moved) != print {
		t.Error("severity and values make another finding, lines do not")
	}
	one, other := f, f
	one.Message, other.Message = "must not be --token=abc", "must not be --token=xyz"
	if audit.Fingerprint("web", one) != audit.Fingerprint("web", other) {
		t.Error("a fingerprint holds a secret")
	}
	in := []audit.Finding{graver}
	if absent := audit.Compare("web", in, audit.Snapshot("web", in)); in[0].State != audit.New || absent != nil {
		t.Errorf("a known critical failure is %q, absent %v", in[0].State, absent)
	}
}

func TestBaselineMerge(t *testing.T) {
	a, b := audit.Snapshot("a", failing()), audit.Snapshot("b", failing())
	both := audit.Merge(a, b, []string{"b"})
	if len(both) != 8 || both[0].Subject != "a" || both[7].Subject != "b" {
		t.Errorf("merged: %v", both)
	}
	if again := audit.Merge(both, b, []string{"b"}); !reflect.DeepEqual(again, both) {
		t.Errorf("merged twice: %v", again)
	}
	if less := audit.Merge(both, b[:1], []string{"b"}); len(less) != 5 {
		t.Errorf("what is mended stays: %v", less)
	}
	if !reflect.DeepEqual(audit.Merge(b, a, []string{"a"}), both) {
		t.Error("the order of updates shows")
	}
}

func TestStandards(t *testing.T) {
	digests := map[string]bool{}
	for _, s := range audit.Standards() {
		n, again := len(s.Controls()), s.Digest()
		if n == 0 || s.Digest() != again || digests[s.Digest()] || !strings.HasPrefix(s.Digest(), "sha256:") {
			t.Errorf("%s: %d controls, %s", s.Name, n, s.Digest())
		}
		digests[s.Digest()] = true
		if got, err := audit.StandardNamed(s.Name); err != nil || got.Digest() != s.Digest() {
			t.Errorf("%s: %v", s.Name, err)
		}
		for _, f := range s.Select(audit.Judge(hardened())) {
			if !slices.Contains(s.Controls(), f.Control) {
				t.Errorf("%s selects a finding of %s", s.Name, f.Control.ID)
			}
		}
	}
	if len(audit.Standards()[0].Controls()) != len(audit.Catalogue()) {
		t.Error("the default leaves controls out")
	}
	if _, err := audit.StandardNamed("pss-restrictd"); err == nil {
		t.Error("an unknown standard was found")
	}
}
