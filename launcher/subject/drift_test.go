package subject

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// planned is what a planner on a host where everything is in order makes of o, and
// what the controls see of it.
func planned(t *testing.T, o plan.Options) (*plan.Plan, *container.Spec) {
	t.Helper()
	sources, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := profile.Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	pl := &plan.Planner{Catalog: catalog, Version: "test", Dirs: record.Dirs{Data: t.TempDir()},
		Host: &host.Facts{OS: "linux", Arch: "amd64", UID: 1001, EUID: 1001, GID: 1001, Conf: &host.Conf{},
			Cgroup: host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}}}
	p, err := pl.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p, pl.Judged(p)
}

// keptPlan is a plan as its launch record brings it back, beside the plan.
func keptPlan(t *testing.T, o plan.Options) (*record.Record, *container.Spec, *container.Spec) {
	t.Helper()
	p, judged := planned(t, o)
	r := &record.Record{Schema: record.Schema, Launch: strings.Repeat("0", 32)}
	if err := r.Keep(p.Effective, judged); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "s3cret") {
		t.Error("the record holds the value of a variable")
	}
	back := &record.Record{}
	if err := json.Unmarshal(data, back); err != nil {
		t.Fatal(err)
	}
	plan, err := back.Planned()
	if err != nil {
		t.Fatal(err)
	}
	return back, plan, p.Effective
}

// A plan comes back from its record as it was; of hidden values only whether they
// are the planned ones is known.
func TestRecordKeepsThePlan(t *testing.T) {
	r, kept, want := keptPlan(t, plan.Options{Profile: "triton", Arch: "s390x", Env: []string{"GREETING=s3cret"}})
	got := container.Clone(want)
	r.Reveal(kept, got)
	if d := container.Diff(kept, got); len(d) > 0 {
		t.Errorf("the plan and itself: %+v", d)
	}
	if m, _ := kept.MarkOf(container.Path{Key: "read_only"}); m.Why == "" {
		t.Error("the reasons are lost")
	}
	r, kept, _ = keptPlan(t, plan.Options{Profile: "triton", Arch: "s390x", Env: []string{"GREETING=s3cret"}})
	container.Env.Set(got, "GREETING", "elsewhere", container.Mark{Evidence: container.OCI})
	r.Reveal(kept, got)
	if d := container.Diff(kept, got); len(d) != 1 || d[0].Path.String() != "env[GREETING]" || strings.Contains(driftMessage(d[0]), "elsewhere") {
		t.Errorf("another value: %+v", d)
	}
}

func TestDriftFindings(t *testing.T) {
	ours := map[string]string{plan.LabelProfile: "web"}
	for name, c := range map[string]struct {
		o    *Observed
		want audit.Verdict
		says string
	}{
		"foreign":      {&Observed{}, audit.NotApplicable, "not started by zlaunch"},
		"no record":    {&Observed{labels: ours, claims: []string{"no launch record knows it"}}, audit.Fail, "no launch record"},
		"old record":   {&Observed{labels: ours, record: &record.Record{}}, audit.Open, "does not hold the plan"},
		"not running":  {&Observed{labels: ours, record: &record.Record{}, Plan: &container.Spec{}, Blind: "it is exited"}, audit.Open, "exited"},
		"as planned":   {&Observed{labels: ours, record: &record.Record{}, Plan: &container.Spec{}}, audit.Pass, ""},
		"a hook":       {&Observed{labels: ours, record: &record.Record{}, Plan: &container.Spec{}, unasked: []string{"hook prestart /x"}}, audit.Fail, "hook"},
		"a difference": {&Observed{labels: ours, record: &record.Record{}, Plan: &container.Spec{}, Drift: []container.Difference{{Path: container.Path{Key: "pid"}, Planned: "private", Got: "host"}}}, audit.Fail, "pid must be as planned, private; it is host"},
	} {
		got := DriftFindings(c.o)
		if len(got) != 1 || got[0].Verdict != c.want || !strings.Contains(got[0].Message, c.says) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
