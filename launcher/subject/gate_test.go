package subject

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// audited is a line that fails ZL-901, judged anew each time.
func audited(t *testing.T) *Audited {
	t.Helper()
	pending, err := Files{}.Line([]string{"podman", "run", "x:1"})
	if err != nil {
		t.Fatal(err)
	}
	return pending[0]()
}

func TestGate(t *testing.T) {
	all, err := audit.StandardNamed("ibm-z")
	if err != nil {
		t.Fatal(err)
	}
	waiver := audit.Waiver{Control: "ZL-901", Reason: "a test", Expires: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)}
	gate := Gate{Standard: all, FailOn: audit.High, Waivers: []audit.Waiver{waiver}}
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

	a := audited(t)
	gate.Apply(a, now)
	if got := verdictOf(a, "ZL-901"); got != "waived" {
		t.Errorf("under a waiver ZL-901 is %s", got)
	}
	if gate.Outcome(a) != Stopped {
		t.Error("a run with failures passes")
	}

	strict := gate
	strict.NoWaivers = true
	a = audited(t)
	strict.Apply(a, now)
	if got := verdictOf(a, "ZL-901"); got != "fail" {
		t.Errorf("without waivers ZL-901 is %s", got)
	}

	known := gate
	known.Baseline = Baseline{a.Subject: audit.Snapshot(a.Subject, a.Findings)}
	a = audited(t)
	known.Apply(a, now)
	if known.Outcome(a) != Passed {
		t.Error("what the baseline knows stops")
	}
	known.FailOnOpen = true
	if known.Outcome(a) != Incomplete {
		t.Error("evidence is missing, and that counts")
	}
}

// Limits that a run goes without are waived as long as the waiver of its launch holds, and
// for nobody who wants none.
func TestGateTakesLimitsWaiversBack(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	unlimited := &container.Spec{}
	container.Memory.Set(unlimited, 0, container.Mark{Evidence: container.Kernel})
	for name, c := range map[string]struct {
		expires time.Time
		none    bool
		want    audit.Verdict
	}{
		"it holds":    {now.AddDate(0, 0, 1), false, audit.Waived},
		"it expired":  {now.AddDate(0, 0, -2), false, audit.Fail},
		"none counts": {now.AddDate(0, 0, 1), true, audit.Fail},
	} {
		w := audit.Waiver{Control: audit.LimitsEnforceable.ID, Reason: "a test", Expires: c.expires}
		a := &Audited{Kind: "container", Findings: plan.WithoutLimits(unlimited, &w, nil)}
		(&Gate{Standard: audit.Standards()[0], FailOn: audit.High, NoWaivers: c.none}).Apply(a, now)
		if got := verdictOf(a, "ZL-801"); got != c.want.String() {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A baseline keeps what is known of other subjects, and is read only where nobody else
// can write.
func TestRemember(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.json")
	a := audited(t)
	for _, subject := range []string{"one", "two"} {
		if err := Remember(path, audit.Snapshot(subject, a.Findings), []string{subject}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := ReadBaseline(path)
	if err != nil || len(b["one"]) == 0 || len(b["one"]) != len(b["two"]) {
		t.Fatalf("%d and %d known, %v", len(b["one"]), len(b["two"]), err)
	}
	for text, want := range map[string]string{"{": "unexpected end", `{"schema":"x"}`: "is not"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadBaseline(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBaseline(path); err == nil {
		t.Error("a baseline that anybody can write is read")
	}
	if _, err := ReadBaseline(path + ".none"); err == nil {
		t.Error("a baseline that is not there is read")
	}
}
