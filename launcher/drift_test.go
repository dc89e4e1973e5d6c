package launcher

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/claim"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// keptPlan is a plan as its launch record brings it back, beside the plan.
func keptPlan(t *testing.T, o Options) (*Record, *container.Spec, *container.Spec) {
	t.Helper()
	l := planner(t)
	p, err := l.Plan(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	r := &Record{Schema: recordSchema, Launch: strings.Repeat("0", 32)}
	if err := r.keepPlan(p, l.judged(p)); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "s3cret") {
		t.Error("the record holds the value of a variable")
	}
	back := &Record{}
	if err := json.Unmarshal(data, back); err != nil {
		t.Fatal(err)
	}
	plan, err := back.planned()
	if err != nil {
		t.Fatal(err)
	}
	return back, plan, p.Effective
}

// A plan comes back from its record as it was; of hidden values only whether they
// are the planned ones is known.
func TestRecordKeepsThePlan(t *testing.T) {
	r, plan, want := keptPlan(t, Options{Profile: "triton", Arch: "s390x", Env: []string{"GREETING=s3cret"}})
	got := container.Clone(want)
	r.reveal(plan, got)
	if d := container.Diff(plan, got); len(d) > 0 {
		t.Errorf("the plan and itself: %+v", d)
	}
	if m, _ := plan.MarkOf(container.Path{Key: "read_only"}); m.Why == "" {
		t.Error("the reasons are lost")
	}
	r, plan, _ = keptPlan(t, Options{Profile: "triton", Arch: "s390x", Env: []string{"GREETING=s3cret"}})
	container.Env.Set(got, "GREETING", "elsewhere", container.Mark{Evidence: container.OCI})
	r.reveal(plan, got)
	if d := container.Diff(plan, got); len(d) != 1 || d[0].Path.String() != "env[GREETING]" || strings.Contains(driftMessage(d[0]), "elsewhere") {
		t.Errorf("another value: %+v", d)
	}
}

func TestDriftFindings(t *testing.T) {
	if audit.ByID(planEqual) == nil {
		t.Fatal("there is no control " + planEqual)
	}
	ours := map[string]string{LabelProfile: "web"}
	for name, c := range map[string]struct {
		o    *Observed
		want audit.Verdict
		says string
	}{
		"foreign":      {&Observed{}, audit.NotApplicable, "not started by zlaunch"},
		"no record":    {&Observed{labels: ours, claims: []string{"no launch record knows it"}}, audit.Fail, "no launch record"},
		"old record":   {&Observed{labels: ours, record: &Record{}}, audit.Open, "does not hold the plan"},
		"not running":  {&Observed{labels: ours, record: &Record{}, Plan: &container.Spec{}, Blind: "it is exited"}, audit.Open, "exited"},
		"as planned":   {&Observed{labels: ours, record: &Record{}, Plan: &container.Spec{}}, audit.Pass, ""},
		"a hook":       {&Observed{labels: ours, record: &Record{}, Plan: &container.Spec{}, unasked: []string{"hook prestart /x"}}, audit.Fail, "hook"},
		"a difference": {&Observed{labels: ours, record: &Record{}, Plan: &container.Spec{}, Drift: []container.Difference{{Path: container.Path{Key: "pid"}, Planned: "private", Got: "host"}}}, audit.Fail, "pid must be as planned, private; it is host"},
	} {
		got := DriftFindings(c.o)
		if len(got) != 1 || got[0].Verdict != c.want || !strings.Contains(got[0].Message, c.says) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// An attached run's record is found while it runs, and goes when nothing is left of
// its launch.
func TestAttachedRecord(t *testing.T) {
	l := planner(t)
	launch := strings.Repeat("a", 32)
	r := &Record{Schema: recordSchema, Launch: launch, ID: "x"}
	if err := l.saveAttached(r); err != nil {
		t.Fatal(err)
	}
	if got, err := l.LoadRecord(launch); err != nil || got.ID != "x" {
		t.Errorf("%+v, %v", got, err)
	}
	k, err := l.tryLock("launch-" + launch)
	if err != nil {
		t.Fatal(err)
	}
	there := func(want bool, when string) {
		t.Helper()
		if err := l.reapAttached(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(l.attachedPath(launch)); (err == nil) != want {
			t.Errorf("%s: its record is there %t, want %t", when, !want, want)
		}
	}
	there(true, "under way")
	k.release()
	c := claim.Claim{Kind: claim.Container, Token: launch, Name: "n", ID: strings.Repeat("1", 64)}
	if err := l.claims().Put(c); err != nil {
		t.Fatal(err)
	}
	there(true, "its container is claimed")
	if err := l.claims().Drop(c.Kind, c.Token); err != nil {
		t.Fatal(err)
	}
	there(false, "nothing is left")
	if left, _ := filepath.Glob(filepath.Join(l.Dirs.Runtime, "*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
