package subject

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// site is an auditor beside a fake engine of another host, with one run of zlaunch's.
type site struct {
	*Auditor
	engine *podmantest.Server
	run    *launch.Run
	planWeb
}

type planWeb = *plan.Plan

func newSite(t *testing.T) *site {
	t.Helper()
	dir, s := t.TempDir(), podmantest.New(t)
	text := "schema = 1\n[profile.web]\nextends = \"base\"\nabout = \"a server\"\nkind = \"server\"\n[profile.web.container]\nimage = \"localhost/web:1\"\n"
	if err := os.WriteFile(filepath.Join(dir, "profiles.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sources, _, err := profile.Sources(profile.Dirs{User: dir, Home: dir})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := profile.Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Repeat("1", 64)
	s.Images["localhost/web:1"] = podmantest.Image{ID: id, Arch: "amd64", Config: map[string]any{"User": "1000:1000", "Entrypoint": []string{"/server"}}}
	s.Images[id] = s.Images["localhost/web:1"]
	engine := s.Connect(t)
	facts := &host.Facts{OS: "linux", Arch: "amd64", UID: 1001, EUID: 1001, GID: 1001, Username: "u", Conf: &host.Conf{}}
	dirs := record.Dirs{Runtime: filepath.Join(dir, "run"), State: filepath.Join(dir, "state"), Data: filepath.Join(dir, "data")}
	pl := &plan.Planner{Catalog: catalog, Host: facts, Engine: engine, Dirs: dirs, Version: "test"}
	p, err := pl.Plan(t.Context(), plan.Options{Profile: "web", Detach: true})
	if err != nil {
		t.Fatal(err)
	}
	run, err := (&launch.Runner{Planner: pl, Engine: engine, Host: facts, Dirs: dirs, Version: "test"}).Launch(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return &site{&Auditor{Planner: pl, Engine: engine, Host: facts, Dirs: dirs}, s, run, p}
}

// of is what an audit says of one control.
func of(a *Audited, id string) string {
	for _, f := range a.Findings {
		if f.Control.ID == id {
			return f.Verdict.String() + " " + f.Message
		}
	}
	return "nothing"
}

// What came of each of several containers is told in the order of their names, and an
// error that is not taken ends it.
func TestAuditContainers(t *testing.T) {
	s := newSite(t)
	names := []string{"zlaunch-web", "none", s.run.ID, "gone", "zlaunch-web"}
	stop := errors.New("enough")
	var told []string
	err := s.AuditContainers(t.Context(), names, func(name string, a *Audited, err error) error {
		told = append(told, name)
		if missing := name == "none" || name == "gone"; missing != errors.Is(err, podman.ErrNoContainer) || missing == (a != nil) {
			t.Errorf("%s: %v, %v", name, a, err)
		}
		if name == "gone" {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || !slices.Equal(told, names[:4]) {
		t.Errorf("%q, %v", told, err)
	}
}

// A container of an engine elsewhere is judged by its word, and nothing of it is
// called proved; what differs from the plan of its record fails.
func TestAuditContainer(t *testing.T) {
	s := newSite(t)
	a, err := s.AuditContainer(t.Context(), "zlaunch-web")
	if err != nil {
		t.Fatal(err)
	}
	if got := of(a, audit.EqualsPlan.ID); !strings.HasPrefix(got, "open") {
		t.Errorf("%s: %s", audit.EqualsPlan.ID, got)
	}
	if got := of(a, "ZL-201"); !strings.HasPrefix(got, "open only the engine says") {
		t.Errorf("ZL-201: %s", got)
	}
	if slices.ContainsFunc(a.Findings, func(f audit.Finding) bool { return f.Verdict == audit.Pass && f.Evidence >= container.OCI }) {
		t.Error("something is proved by an engine of another host")
	}
	if o := a.Observed; o.Plan == nil || o.Profile != "web" || o.Blind == "" || !strings.Contains(strings.Join(a.Notes, "\n"), podman.Elsewhere) {
		t.Errorf("%+v", o)
	}
	for what, lie := range map[string]struct {
		change func(reply map[string]any)
		want   string
	}{
		"privileged": {func(r map[string]any) { r["HostConfig"].(map[string]any)["Privileged"] = true }, "fail privileged"},
		"restarted": {func(r map[string]any) {
			r["HostConfig"].(map[string]any)["RestartPolicy"] = map[string]any{"Name": "always"}
		}, "fail restart"},
		"another's label": {func(r map[string]any) { labels(r)[plan.LabelLaunch] = strings.Repeat("a", 32) }, "fail no launch record"},
		"a twin":          {func(r map[string]any) { r["Id"] = strings.Repeat("b", 64) }, "fail its label names"},
		"foreign": {func(r map[string]any) {
			for k := range labels(r) {
				delete(labels(r), k)
			}
		}, "notApplicable"},
	} {
		s.engine.Inspect = func(_ *podmantest.Container, r map[string]any) { lie.change(r) }
		a, err := s.AuditContainer(t.Context(), s.run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if a.Run.Rung != container.Unknown || a.Run.Layer == "" != (a.Observed.trusted() == nil) {
			t.Errorf("%s: a policy is told %+v", what, a.Run)
		}
		if got := of(a, audit.EqualsPlan.ID); !strings.HasPrefix(strings.ReplaceAll(got, "_", " "), lie.want) && !strings.HasPrefix(got, lie.want) {
			t.Errorf("%s: %s, want %s", what, got, lie.want)
		}
	}
	s.engine.Inspect = nil
	if a, err = s.AuditContainer(t.Context(), s.run.ID); err != nil || a.Run.Profile != "web" || a.Run.Layer != container.LayerUser || a.Run.Rung != container.Inspected || a.Run.Signers == nil {
		t.Errorf("by its record: %+v, %v", a.Run, err)
	}
	if _, err := s.AuditContainer(t.Context(), "none"); !errors.Is(err, podman.ErrNoContainer) {
		t.Errorf("%v", err)
	}
	if all, err := s.AllContainers(t.Context()); err != nil || !slices.Equal(all, []string{"zlaunch-web"}) {
		t.Errorf("%q, %v", all, err)
	}
}

func labels(r map[string]any) map[string]string {
	return r["Config"].(map[string]any)["Labels"].(map[string]string)
}

// What a record of an audit holds is what the audit said.
func TestEvidenceOfContainer(t *testing.T) {
	s := newSite(t)
	a, err := s.AuditContainer(t.Context(), "zlaunch-web")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Complete(t.Context(), a.Observed); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "evidence.json")
	if err := WriteEvidence(file, a, "test", nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	back, err := AuditEvidence("evidence.json", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Findings {
		if got := of(back, f.Control.ID); f.Control != audit.InputUnderstood && f.Control != audit.WaiversAlive && !strings.HasPrefix(got, f.Verdict.String()) {
			t.Errorf("%s: %s, was %s %s", f.Control.ID, got, f.Verdict, f.Message)
		}
	}
}

// Plans and hosts are judged by the same catalogue.
func TestAuditPlanAndHost(t *testing.T) {
	s := newSite(t)
	a := s.AuditPlan(s.planWeb)
	for _, f := range a.Findings {
		if f.Verdict == audit.Fail && f.Severity >= audit.High {
			t.Errorf("%s: %s", f.Control.ID, f.Message)
		}
	}
	s.engine.Local = true // and this host gives the user no sub-ids
	s.Planner.Engine = s.engine.Connect(t)
	p, err := s.Planner.Plan(t.Context(), plan.Options{Profile: "web", Detach: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := of(s.AuditPlan(p), "ZL-105"); !strings.HasPrefix(got, "fail") {
		t.Errorf("ZL-105 of a host without sub-ids: %s", got)
	}
	if a.Kind != "plan" || a.Subject != "web" {
		t.Errorf("%+v", a)
	}
	if got := s.AuditHost(s.planWeb.Stated); got != nil {
		t.Errorf("an engine of another host is judged: %v", got)
	}
	s.Engine = nil
	if got := s.AuditHost(s.planWeb.Stated); len(got) < 5 {
		t.Errorf("%d findings of the host", len(got))
	}
	under, err := HostDefaults(s.Host)
	if err != nil {
		t.Fatal(err)
	}
	r, err := shell.Line("podman run --rm x")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := AuditReading(r, under), AuditReading(r, nil); len(a.Notes) != 0 || len(b.Notes) != 1 {
		t.Errorf("%q, %q", a.Notes, b.Notes)
	}
}

// A mended run passes what it was mended for, and stays what it was; what has no text
// is not mended.
func TestMend(t *testing.T) {
	r, err := shell.Line("podman run --privileged --name n -v /srv/m:/m x/y:1")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Files{}.Mend(r, AuditReading(r, nil).Findings)
	if err != nil || len(m.Done) == 0 || strings.Contains(m.Text, "--privileged ") || !strings.Contains(m.Text, "--name n") || !strings.Contains(m.Text, "x/y:1") {
		t.Fatalf("%+v, %v", m, err)
	}
	again, err := shell.Line(m.Text)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Done {
		if got := of(AuditReading(again, nil), f.Control.ID); strings.HasPrefix(got, "fail") && f.At == (container.Path{}) {
			t.Errorf("%s: %s", f.Control.ID, got)
		}
	}
	unit, err := quadlet.Read(fstest.MapFS{"x.container": {Data: []byte("[Container]\nImage=x/y:1\nPodmanArgs=--privileged\nVolume=/:/host\n")}}, "x.container", quadlet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m, err = (Files{}).Mend(unit, AuditReading(unit, nil).Findings); err != nil || len(m.Done) == 0 || strings.Contains(m.Text, "--privileged\n") {
		t.Errorf("%+v, %v", m, err)
	}
	if len(m.Taken) != 1 || m.Taken[0].At != (container.Path{Key: "volume", Elem: "/host"}) {
		t.Errorf("taken: %+v", m.Taken)
	}
	if _, err := (Files{}).Mend(nil, nil); err == nil {
		t.Error("what has no text was mended")
	}
	if a := UnreadContainer("n", errors.New("too much")); !a.Unread || a.Kind != "container" || !strings.Contains(of(a, audit.InputUnderstood.ID), "too much") {
		t.Errorf("%+v", a)
	}
}
