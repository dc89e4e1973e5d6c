package subject

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
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
		if h := look(); len(h.Drift) != 1 || h.Drift[0].Path.String() != at || (len(h.Also) != 0) != strings.HasSuffix(at, plan.LabelPlan+"]") {
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

// A record that was changed, swapped or shortened by hand is told, whether or not its
// digest was made anew, and permits nothing any more.
func TestHeldByAnEditedRecord(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(r map[string]any)
		anew bool // saved by who knows the digest
		says string
	}{
		"a plan's hash":           {func(r map[string]any) { r["plan"] = "sha256:0" }, true, "its label names plan"},
		"another launch":          {func(r map[string]any) { r["launch"] = strings.Repeat("b", 32) }, true, "another launch"},
		"a waiver":                {func(r map[string]any) { r["waivers"] = []any{map[string]any{"control": "ZL-201", "reason": "x"}} }, false, "its digest is another"},
		"a value":                 {func(r map[string]any) { r["name"] = "other" }, false, "its digest is another"},
		"a setting of the plan":   {func(r map[string]any) { without(r, "spec", "read_only") }, true, "lacks read_only"},
		"a setting that is shown": {func(r map[string]any) { without(r, "settings", "ulimit[core]") }, true, "lacks ulimit[core]"},
		"one of its lists alone":  {func(r map[string]any) { without(r, "spec", "ulimit[core]") }, true, "lacks ulimit[core]"},
		"a proof": {func(r map[string]any) {
			without(r, "proof", "cap_drop")
			without(r, "proof", "capabilities")
			without(r, "unproved", "capabilities")
		}, true, "lacks the proof of capabilities"},
		"all lists alike": {func(r map[string]any) {
			for _, list := range []string{"spec", "settings", "proof", "unproved"} {
				without(r, list, "privileged")
			}
		}, true, "lacks privileged"},
		"the digest": {func(r map[string]any) { delete(r, "digest") }, false, "no digest"},
	} {
		s := newSite(t)
		path := filepath.Join(s.Dirs.State, "launches", s.run.Launch+".json")
		rewrite(t, s.Dirs, path, c.edit, c.anew)
		a, err := s.AuditContainer(t.Context(), "zlaunch-web")
		if err != nil {
			t.Fatal(name, err)
		}
		h, err := a.Held()
		if err != nil {
			t.Fatal(name, err)
		}
		if said := strings.Join(append(h.Also, h.Open...), "\n"); !strings.Contains(said, c.says) {
			t.Errorf("%s: diff says %q", name, said)
		}
		if got := of(a, audit.EqualsPlan.ID); !strings.Contains(got, c.says) {
			t.Errorf("%s: audit says %q", name, got)
		}
		if len(a.Waivers) != 0 {
			t.Errorf("%s: it permits %+v", name, a.Waivers)
		}
	}
}

// Models that a launch held against a digest, nobody reads from another host: it is said.
func TestHeldModelsElsewhere(t *testing.T) {
	s := newSite(t)
	path := filepath.Join(s.Dirs.State, "launches", s.run.Launch+".json")
	rewrite(t, s.Dirs, path, func(r map[string]any) {
		r["models"] = map[string]any{"target": "/models", "digest": "sha256:" + strings.Repeat("a", 64)}
	}, true)
	a, err := s.AuditContainer(t.Context(), "zlaunch-web")
	if err != nil {
		t.Fatal(err)
	}
	said := slices.ContainsFunc(a.Findings, func(f audit.Finding) bool {
		return f.Control == audit.ModelDigest && f.Verdict == audit.Open && strings.Contains(f.Message, "nobody can read them from here")
	})
	if !said || a.Run.Models != nil {
		t.Errorf("%v", a.Findings)
	}
}

// without takes a setting out of a list of a record.
func without(r map[string]any, list, setting string) {
	in, _ := r[list].([]any)
	r[list] = slices.DeleteFunc(in, func(e any) bool { return e.(map[string]any)["setting"] == setting })
}

// rewrite edits the record in a file, by hand or, anew, as zlaunch writes it.
func rewrite(t *testing.T, dirs record.Dirs, path string, edit func(map[string]any), anew bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	var fields map[string]any
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err != nil {
		t.Fatal(err)
	}
	edit(fields)
	if text, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile(path, text, 0o600); err != nil || !anew {
		return
	}
	var r record.Record
	if err = json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if err = dirs.Save(&r); err != nil {
		t.Fatal(err)
	}
	if saved := filepath.Join(filepath.Dir(path), r.Launch+".json"); saved != path {
		err = os.Rename(saved, path)
	}
	if err != nil {
		t.Fatal(err)
	}
}
