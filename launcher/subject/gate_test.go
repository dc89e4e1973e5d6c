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
	"github.com/zlaunch/zlaunch/launcher/policy"
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

	file, err := policy.Parse("site.toml", []byte("schema = 1\n[require]\nread_only = true\n"))
	if err != nil {
		t.Fatal(err)
	}
	under := gate
	under.Policy = policy.Set{file}
	a = audited(t)
	under.Apply(a, now)
	under.Baseline = Baseline{a.Subject: audit.Snapshot(a.Subject, a.Findings)}
	under.Apply(a, now)
	if under.Outcome(a) != Stopped {
		t.Error("a baseline lets through what a policy forbids")
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

// What an option may say that nobody could read meets no check of a policy, where the line
// states the setting itself, too; also in the record of such an audit.
func TestPolicyOfWhatIsOpen(t *testing.T) {
	file, err := policy.Parse("site.toml", []byte("schema = 1\n[require]\nread_only = true\n[at_most]\nmemory = \"1g\"\n[only]\nmount_root = [\"/srv\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := audit.StandardNamed("ibm-z")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	broken := func(a *Audited) (out []string) {
		gate := Gate{Standard: all, Policy: policy.Set{file}}
		for _, c := range gate.Broken(a, now) {
			out = append(out, c.Key)
		}
		return out
	}
	const line = "podman run --read-only --memory=1g -v /srv/m:/m:ro "
	for words, want := range map[string]string{
		"x:1": "", "$OPTS x:1": "require.read_only at_most.memory only.mount_root", "--cgroup-conf=memory.max=max x:1": "at_most.memory",
		"--chrootdirs=/a x:1": "only.mount_root", "-v $DIR:/y x:1": "only.mount_root", "--memory=$M x:1": "at_most.memory",
	} {
		name := filepath.Join(t.TempDir(), "run.sh")
		if err := os.WriteFile(name, []byte(line+words+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		pending, err := Files{}.Path(name)
		if err != nil || len(pending) != 1 {
			t.Fatalf("%d, %v", len(pending), err)
		}
		a := pending[0]()
		if got := strings.Join(broken(a), " "); got != want {
			t.Errorf("%s: %q, want %q", words, got, want)
		}
		e, err := NewEvidence(a, a.Findings, "test", now)
		if err != nil {
			t.Fatal(err)
		}
		again, err := e.audited("record.json", Unsigned)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(broken(again), " "); got != want {
			t.Errorf("the record of %s: %q, want %q", words, got, want)
		}
		e.Doubted = nil // as an older zlaunch wrote it
		older, err := e.audited("record.json", Unsigned)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(broken(older), " "); got != want && !strings.HasPrefix(words, "--") {
			t.Errorf("the older record of %s: %q, want %q", words, got, want)
		}
	}
}

// A pod answers for what pods decide; what it leaves to its containers, these are asked for,
// who are subjects of their own. Of what it states itself it is asked.
func TestPolicyOfPods(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"web.pod":     "[Pod]\nNetwork=none\n",
		"wide.pod":    "[Pod]\nNetwork=host\nVolume=/etc:/e\n",
		"open.pod":    "[Pod]\nNetwork=none\nPodmanArgs=$MORE\n",
		"a.container": "[Container]\nImage=icr.io/x:1\nPod=web.pod\nReadOnly=true\n",
		"b.container": "[Container]\nImage=icr.io/x:1\nPod=web.pod\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, err := policy.Parse("site.toml", []byte("schema = 1\n[require]\nread_only = true\n[at_most]\nstop_timeout = 20\n[only]\nnetwork = [\"none\"]\nmount_root = [\"/srv\"]\n[signer]\nprofile = [\"*\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	gate := Gate{Standard: audit.Standards()[0], Policy: policy.Set{file}}
	for name, want := range map[string]string{
		"web.pod": "signer.profile", "open.pod": "only.network only.mount_root signer.profile", "wide.pod": "only.network only.mount_root signer.profile", "a.container": "signer.profile", "b.container": "require.read_only signer.profile",
	} {
		pending, err := Files{}.Path(filepath.Join(dir, name))
		if err != nil || len(pending) != 1 {
			t.Fatalf("%s: %d, %v", name, len(pending), err)
		}
		var got []string
		for _, c := range gate.Broken(pending[0](), time.Now()) {
			got = append(got, c.Key)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
