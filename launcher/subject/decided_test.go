package subject

import (
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// What a profile decided with a reason, and the launch makes up for, is waived as
// decided: of low and medium alone, of what is as planned, and by nobody but the
// profiles that may waive.
func TestDecided(t *testing.T) {
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	off := container.Path{Key: container.NoHealthcheck.Key()}
	health := audit.ByID("ZL-811")
	grave := *health
	grave.Severity = audit.High
	silent := *health
	silent.Launch = ""
	mark := func(l container.Layer) container.Mark {
		m := container.From(container.Origin{Layer: l, Key: "container.no_healthcheck"})
		m.Why = "the endpoint is asked"
		return m
	}
	for _, c := range []struct {
		name    string
		layer   container.Layer
		control *audit.Control
		id      string
		drift   []container.Difference
		want    bool
	}{
		{"built in", container.LayerBuiltIn, health, "c1", nil, true},
		{"a system profile", container.LayerSystem, health, "c1", nil, true},
		{"a user's profile", container.LayerUser, health, "c1", nil, true},
		{"a project's profile", container.LayerProject, health, "c1", nil, false},
		{"the command line", container.LayerCommandLine, health, "c1", nil, false},
		{"the image", container.LayerImage, health, "c1", nil, false},
		{"the host", container.LayerHost, health, "c1", nil, false},
		{"a grave control", container.LayerBuiltIn, &grave, "c1", nil, false},
		{"nothing makes up for it", container.LayerBuiltIn, &silent, "c1", nil, false},
		{"another container", container.LayerBuiltIn, health, "twin", nil, false},
		{"not as planned", container.LayerBuiltIn, health, "c1", []container.Difference{{Path: off}}, false},
	} {
		plan := &container.Spec{}
		container.NoHealthcheck.Set(plan, true, mark(c.layer))
		o := &Observed{ID: c.id, Plan: plan, record: &record.Record{ID: "c1"}, Drift: c.drift}
		got := decided(o, []audit.Finding{{Control: c.control, Verdict: audit.Fail, Severity: c.control.Severity, At: off}}, now)
		if (len(got) == 1) != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
		if c.want && (got[0].Reason != "the endpoint is asked" || !got[0].Decided || got[0].Origin.Layer != c.layer) {
			t.Errorf("%s: %+v", c.name, got[0])
		}
	}
	if got := decided(&Observed{}, nil, now); got != nil {
		t.Errorf("without a plan: %+v", got)
	}
	for _, c := range audit.Catalogue() {
		if c.Launch != "" && c.Severity > audit.Medium {
			t.Errorf("%s is %s: no profile decides that", c.ID, c.Severity)
		}
	}
}

// A decision is a waiver for whoever wants none.
func TestDecidedIsNoPass(t *testing.T) {
	f := audit.Finding{Control: audit.ByID("ZL-815"), Verdict: audit.Fail, Severity: audit.Info, At: container.Path{Key: container.Rm.Key()}}
	w := audit.Waiver{Control: "ZL-815", At: "rm", Reason: "the launch removes it", Origin: container.Origin{Layer: container.LayerDerived}, Decided: true}
	for _, none := range []bool{false, true} {
		a := &Audited{Kind: "container", Findings: []audit.Finding{f}, Waivers: []audit.Waiver{w}}
		(&Gate{Standard: audit.Standards()[0], FailOn: audit.High, NoWaivers: none}).Apply(a, time.Now())
		got := a.Findings[0]
		if none != (got.Verdict == audit.Fail) || !none && (got.Waiver == nil || !strings.Contains(got.Waiver.Reason, "removes it")) {
			t.Errorf("no waivers %v: %+v", none, got)
		}
	}
}
