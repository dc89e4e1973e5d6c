package subject

import (
	"errors"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// What there is nothing to hold against is an error that says why, and what to type.
func TestHeldRefuses(t *testing.T) {
	ours := map[string]string{plan.LabelProfile: "web"}
	rec := &record.Record{Profile: "web"}
	for why, o := range map[string]*Observed{
		"not started by zlaunch":      {State: "running"},
		"no launch record knows it":   {State: "running", labels: ours, claims: []string{"no launch record knows it"}},
		"schema":                      {State: "running", labels: ours, unreadable: errors.New("schema \"x\" is not"), claims: []string{"no launch record"}},
		"does not hold the plan":      {State: "running", labels: ours, record: rec},
		"it is exited, and only what": {State: "exited", labels: ours, record: rec, Plan: &container.Spec{}, proof: &observe.Proof{}},
	} {
		o.Name = "w"
		h, err := (&Audited{Observed: o}).Held()
		if err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "comparing w with its") || !strings.Contains(hint.Of(err), "zlaunch ") {
			t.Errorf("%s: %+v, %v, %q", why, h, err, hint.Of(err))
		}
	}
}

// A container whose evidence is another host's is as planned as far as anybody can tell
// here, and no further; and each change is told at its setting, alone.
func TestHeld(t *testing.T) {
	s := newSite(t)
	look := func() *Held {
		t.Helper()
		a, err := s.AuditContainer(t.Context(), "zlaunch-web")
		if err != nil {
			t.Fatal(err)
		}
		h, err := a.Held()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if h := look(); len(h.Drift)+len(h.Also) != 0 || len(h.Open) != 1 || h.Profile != "web" || h.Launched.IsZero() || len(h.Proof) < 20 {
		t.Errorf("untouched: %+v", h)
	}
	hostConfig := func(r map[string]any) map[string]any { return r["HostConfig"].(map[string]any) }
	for at, change := range map[string]func(r map[string]any){
		"privileged":             func(r map[string]any) { hostConfig(r)["Privileged"] = true },
		"restart":                func(r map[string]any) { hostConfig(r)["RestartPolicy"] = map[string]any{"Name": "always"} },
		"name":                   func(r map[string]any) { r["Name"] = "other" },
		"label[io.zlaunch.plan]": func(r map[string]any) { labels(r)[plan.LabelPlan] = "sha256:0" },
		"label[more]":            func(r map[string]any) { labels(r)["more"] = "x" },
	} {
		s.engine.Inspect = func(_ *podmantest.Container, r map[string]any) { change(r) }
		if h := look(); len(h.Drift) != 1 || h.Drift[0].Path.String() != at || len(h.Also) != 0 {
			t.Errorf("%s: %+v %q", at, h.Drift, h.Also)
		}
	}
	s.engine.Inspect = func(_ *podmantest.Container, r map[string]any) { r["Id"] = strings.Repeat("b", 64) }
	if h := look(); len(h.Drift) != 0 || len(h.Also) != 1 || !strings.Contains(h.Also[0], "twin") {
		t.Errorf("a twin: %+v", h)
	}
}

// The container of a run is what its profile plans today; one that zlaunch did not
// start is held against the plain plan, and neither its name nor what labels a launch
// has are differences.
func TestHoldTo(t *testing.T) {
	s := newSite(t)
	hold := func() *Held {
		t.Helper()
		a, err := s.AuditContainer(t.Context(), s.run.ID)
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.HoldTo(a, s.planWeb)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if h := hold(); len(h.Drift)+len(h.Also) != 0 || !h.Launched.IsZero() {
		t.Errorf("untouched: %+v", h)
	}
	for profile, detached := range map[string]bool{"web": true, "other": false} {
		a, err := s.AuditContainer(t.Context(), s.run.ID)
		if o := a.Observed.Options(profile); err != nil || o.Detach != detached {
			t.Errorf("options of %s: %+v, %v", profile, o, err)
		}
	}
	s.engine.Inspect = func(_ *podmantest.Container, r map[string]any) {
		r["Name"] = "web"
		for l := range labels(r) {
			if strings.HasPrefix(l, "io.zlaunch.") {
				delete(labels(r), l)
			}
		}
		r["HostConfig"].(map[string]any)["Privileged"] = true
	}
	if h := hold(); len(h.Drift) != 1 || h.Drift[0].Path.String() != "privileged" {
		t.Errorf("foreign: %+v", h.Drift)
	}
}

// A container says what another subject says in the other's words.
func TestInWordsOf(t *testing.T) {
	s := newSite(t)
	a, err := s.AuditContainer(t.Context(), s.run.ID)
	if err != nil {
		t.Fatal(err)
	}
	entrypoint, _, _ := container.Entrypoint.Get(a.Spec)
	args, _, _ := container.Args.Get(a.Spec)
	argv := append(append([]string{}, entrypoint...), args...)
	for n := range len(argv) + 1 {
		words := &container.Spec{}
		container.Entrypoint.Set(words, argv[:n], container.Mark{})
		container.Args.Set(words, argv[n:], container.Mark{})
		in, err := a.InWordsOf(words)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := container.Entrypoint.Get(in.Spec); strings.Join(got, " ") != strings.Join(argv[:n], " ") {
			t.Errorf("%q of %q: %q", argv[:n], argv, got)
		}
	}
	line := &Audited{Spec: &container.Spec{}}
	if same, err := line.InWordsOf(a.Spec); err != nil || same != line {
		t.Errorf("a line: %+v, %v", same, err)
	}
}
