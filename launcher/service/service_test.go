package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

// manager is a service manager that starts what the unit files say: an image called bad
// does not come up.
type manager struct {
	units string
	log   []string
	fail  map[string]error // by verb: the process is killed there, or the manager is gone
	loads string
	runs  string // the image that runs
	other string // the unit that systemd has of that name; "" the service's own
	gate  func() // what a start that comes up has: the gate's look at it
	calls int
	dies  int // the call at which the process is killed; 0 never
}

func (m *manager) do(verb string) error {
	m.log = append(m.log, verb)
	if m.calls++; m.calls == m.dies {
		panic(errKilled)
	}
	name, _, _ := strings.Cut(verb, " ")
	return m.fail[name]
}

func (m *manager) image() string {
	image := ""
	for _, f := range []string{"web.container", "web.container.d/10-image.conf"} {
		text, _ := os.ReadFile(filepath.Join(m.units, f))
		for line := range strings.Lines(string(text)) {
			if v, ok := strings.CutPrefix(line, "Image="); ok {
				image = strings.TrimSpace(v)
			}
		}
	}
	return image
}

func (m *manager) Reload(context.Context) error              { m.loads = m.image(); return m.do("reload") }
func (m *manager) Start(ctx context.Context, u string) error { return m.Restart(ctx, u) }
func (m *manager) Forgive(_ context.Context, u string)       { _ = m.do("forgive " + u) }

func (m *manager) Restart(_ context.Context, u string) error {
	if err := m.do("restart " + u); err != nil {
		return err
	}
	if m.runs = m.loads; strings.HasPrefix(m.runs, "bad") {
		m.runs = ""
		return errors.New("Job for web.service failed")
	}
	m.gate()
	return nil
}

func (m *manager) Stop(_ context.Context, u ...string) error {
	m.runs = ""
	return m.do("stop " + strings.Join(u, " "))
}

func (m *manager) State(context.Context, string) (systemd.State, error) {
	if m.other != "" {
		return systemd.State{Load: "loaded", Source: m.other}, nil
	}
	if m.image() == "" {
		return systemd.State{Load: "not-found", Active: "inactive"}, nil
	}
	return systemd.State{Load: "loaded", Source: filepath.Join(m.units, "web.container")}, nil
}

// keeper is an engine of which only the tags are known.
type keeper map[string]bool

func (k keeper) Keep(_ context.Context, _, tag string) error { k[tag] = true; return nil }
func (k keeper) LetGo(_ context.Context, tag string) error   { delete(k, tag); return nil }
func (k keeper) RemoveNetwork(context.Context, string) error { return nil }

func store(t *testing.T) (*Store, *manager, keeper) {
	t.Helper()
	dir := t.TempDir() + "/[a]*" // no pattern is made of a path
	dirs := record.Dirs{State: dir + "/state", Runtime: dir + "/run"}
	m, k := &manager{units: dir + "/units", fail: map[string]error{}}, keeper{}
	starts := 0
	m.gate = func() { // which launch the container is of does not matter here
		starts++
		files, _ := os.ReadDir(dirs.State + "/launches")
		for _, f := range files {
			r, err := dirs.Load(strings.TrimSuffix(f.Name(), ".json"))
			if err == nil {
				r.ID = fmt.Sprintf("%064x", starts)
				err = dirs.Save(r)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	return &Store{Records: Records{dirs}, Units: Units(m.units), Manager: m, Keeper: k}, m, k
}

func version(t *testing.T, n int, image string) *Version {
	t.Helper()
	v := &Version{Named: Named{Launch: fmt.Sprintf("%032x", n), Plan: fmt.Sprintf("sha256:%064x", n), Image: image}, Keep: image + ":kept", Within: time.Minute}
	v.Main = v.Named
	gate, err := Gate("web", "/usr/bin/zlaunch", v.Within, []string{"what it cannot hold"})
	if err != nil {
		t.Fatal(err)
	}
	v.Files = NewFiles(&form.Document{Files: []form.File{{Name: "web.container", Data: []byte("[Container]\nImage=" + image + "\n")}, {Name: "web.network", Data: []byte("[Network]\n")}}}, gate)
	v.record = &record.Record{Schema: record.Schema, Launch: v.Launch}
	return v
}

func installed(t *testing.T) (*Store, *manager, keeper) {
	t.Helper()
	st, m, k := store(t)
	if err := st.Install(t.Context(), &Service{Name: "web", Network: "n", Next: version(t, 1, "good@sha256:1")}); err != nil {
		t.Fatal(err)
	}
	return st, m, k
}

func left(t *testing.T, st *Store) (out []string) {
	t.Helper()
	for _, dir := range []string{string(st.Units), st.Dirs.State} {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				out = append(out, strings.TrimPrefix(path, filepath.Dir(string(st.Units))+"/"))
			}
			return nil
		})
	}
	return out
}

func TestInstall(t *testing.T) {
	st, m, k := installed(t)
	s, err := st.Load("web")
	if err != nil || s.Now == nil || s.Next != nil || m.runs != "good@sha256:1" || !k["good@sha256:1:kept"] {
		t.Fatalf("%+v, %v, runs %q", s, err, m.runs)
	}
	if names := st.Names(); !slices.Equal(names, []string{"web"}) {
		t.Error(names)
	}
	if err := st.Install(t.Context(), &Service{Name: "web", Next: version(t, 2, "good@sha256:2")}); err == nil || !strings.Contains(err.Error(), "it is installed") {
		t.Errorf("again: %v", err)
	}
	if m.runs != "good@sha256:1" {
		t.Error("a refused installation changed what runs")
	}
}

// An installation that does not come up, or finds files of others, leaves nothing of its own.
func TestInstallFails(t *testing.T) {
	st, m, k := store(t)
	err := st.Install(t.Context(), &Service{Name: "web", Next: version(t, 1, "bad")})
	if err == nil || len(left(t, st)) > 0 || len(k) > 0 {
		t.Errorf("%v; left %q %v", err, left(t, st), k)
	}
	m.log = nil
	if err := record.WriteFile(filepath.Join(string(st.Units), "web.network"), []byte("mine")); err != nil {
		t.Fatal(err)
	}
	err = st.Install(t.Context(), &Service{Name: "web", Next: version(t, 1, "good")})
	if err == nil || !strings.Contains(err.Error(), "web.network: it is there") || !slices.Equal(left(t, st), []string{"units/web.network"}) || len(m.log) > 0 {
		t.Errorf("%v; left %q; did %q", err, left(t, st), m.log)
	}
}

// upgrade is a change to an image that nothing but the image is new of.
func upgrade(t *testing.T, n int, image string) func(*Service) (*Version, error) {
	return func(s *Service) (*Version, error) {
		v := version(t, n, image)
		return v, s.Laid(v, version(t, n, s.Now.Main.Image).Files)
	}
}

func TestUpgrade(t *testing.T) {
	st, m, k := installed(t)
	if err := st.Change(t.Context(), "web", upgrade(t, 2, "good@sha256:2")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(string(st.Units), "web.container.d/10-image.conf"))
	if err != nil || m.runs != "good@sha256:2" || !strings.Contains(string(text), "\nImage=good@sha256:2\nLabel=io.zlaunch.launch="+fmt.Sprintf("%032x", 2)+"\n") {
		t.Fatalf("runs %q: %v %s", m.runs, err, text)
	}
	main, _ := os.ReadFile(filepath.Join(string(st.Units), "web.container"))
	if !strings.Contains(string(main), "Image=good@sha256:1") {
		t.Errorf("the unit itself was changed: %s", main)
	}
	if err := st.Change(t.Context(), "web", upgrade(t, 3, "good@sha256:3")); err != nil {
		t.Fatal(err)
	}
	if k["good@sha256:1:kept"] || !k["good@sha256:2:kept"] {
		t.Errorf("kept %v: the last two are", k)
	}
	if _, err := st.Dirs.Load(fmt.Sprintf("%032x", 1)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the launch record of what no rollback returns to stays: %v", err)
	}
	back := func(s *Service) (*Version, error) { v := *s.Before; return &v, nil }
	if err := st.Change(t.Context(), "web", back); err != nil || m.runs != "good@sha256:2" {
		t.Errorf("rollback: %v, runs %q", err, m.runs)
	}
	if err := st.Change(t.Context(), "web", back); err != nil || m.runs != "good@sha256:3" {
		t.Errorf("rollback of it: %v, runs %q", err, m.runs)
	}
}

// What does not come up is taken back, and the record knows nothing of it any more.
func TestUpgradeFails(t *testing.T) {
	st, m, k := installed(t)
	before := left(t, st)
	err := st.Change(t.Context(), "web", upgrade(t, 2, "bad@sha256:2"))
	var back *BackError
	if !errors.As(err, &back) || back.Back != nil || m.runs != "good@sha256:1" || !slices.Equal(left(t, st), before) || len(k) != 1 {
		t.Errorf("%v; runs %q; left %q; kept %v", err, m.runs, left(t, st), k)
	}
	if s, err := st.Load("web"); err != nil || s.Next != nil || s.Before != nil {
		t.Errorf("%+v, %v", s, err)
	}
	refused := errors.New("refused by its plan")
	if err := st.Change(t.Context(), "web", func(*Service) (*Version, error) { return nil, refused }); !errors.Is(err, refused) || m.runs != "good@sha256:1" {
		t.Errorf("%v; runs %q", err, m.runs)
	}
}

// Where more than the image differs, the unit itself is written anew.
func TestUpgradeOfUnit(t *testing.T) {
	st, m, _ := installed(t)
	err := st.Change(t.Context(), "web", func(s *Service) (*Version, error) {
		v, same := version(t, 2, "good@sha256:2"), version(t, 2, s.Now.Main.Image)
		same.Files[0] = newFile("web.container", append(same.Files[0].Data, "User=7\n"...))
		return v, s.Laid(v, same.Files)
	})
	if err != nil || m.runs != "good@sha256:2" || slices.Contains(left(t, st), "units/web.container.d/10-image.conf") {
		t.Errorf("%v; runs %q; left %q", err, m.runs, left(t, st))
	}
}

// errKilled stands for the end of the process: what it would do afterwards is not done.
var errKilled = errors.New("killed")

// dying runs a change whose process is killed at the nth thing asked of the manager.
func (m *manager) dying(n int, change func() error) (died bool) {
	defer func() { died, m.dies = recover() != nil, 0 }()
	m.calls, m.dies = 0, n
	_ = change() // it ends by itself where n is more than it asks
	return
}

// Wherever an upgrade is killed, the next command puts back what ran before, unless it was done.
func TestKilledUpgrade(t *testing.T) {
	for n := 1; ; n++ {
		st, m, k := installed(t)
		before := left(t, st)
		if !m.dying(n, func() error { return st.Change(t.Context(), "web", upgrade(t, 2, "good@sha256:2")) }) {
			if n < 4 {
				t.Errorf("an upgrade asks the manager for %d things alone", n-1)
			}
			return
		}
		s, err := st.Repair(t.Context(), "web")
		if err != nil || s.Next != nil || m.runs != "good@sha256:1" || !slices.Equal(left(t, st), before) || len(k) != 1 {
			t.Errorf("killed at %d: %v; %+v; runs %q; left %q; kept %v", n, err, s, m.runs, left(t, st), k)
		}
	}
}

// An upgrade that is killed before, between and after its files ends as any other, and so does
// the repair of one that is killed itself.
func TestKilledBetweenFiles(t *testing.T) {
	for n := range 6 {
		st, m, k := installed(t)
		before := left(t, st)
		s, err := st.Load("web")
		if err != nil {
			t.Fatal(err)
		}
		if s.Next, err = upgrade(t, 2, "good@sha256:2")(s); err != nil {
			t.Fatal(err)
		}
		part := *s.Next
		part.Files = part.Files[:min(n, len(part.Files))]
		if err := errors.Join((&change{st, s}).begin(), st.Units.put(&Service{}, &part)); err != nil {
			t.Fatal(err)
		}
		m.dying(n, func() error { _, err := st.Repair(t.Context(), "web"); return err })
		s, err = st.Repair(t.Context(), "web")
		if err != nil || s.Next != nil || m.runs != "good@sha256:1" || !slices.Equal(left(t, st), before) || len(k) != 1 {
			t.Errorf("killed at %d: %v; %+v; runs %q; left %q; kept %v", n, err, s, m.runs, left(t, st), k)
		}
	}
}

// Where the manager cannot be reached to put a version back, the record goes on to tell of it.
func TestBackWithoutManager(t *testing.T) {
	st, m, _ := installed(t)
	before := left(t, st)
	gone := errors.New("the manager is gone")
	m.fail["reload"] = gone
	var back *BackError
	if err := st.Change(t.Context(), "web", upgrade(t, 2, "good@sha256:2")); !errors.As(err, &back) || !errors.Is(back.Back, gone) {
		t.Fatal(err)
	}
	if s, err := st.Load("web"); err != nil || s.Next == nil || s.Of(s.Next.Launch) == nil {
		t.Errorf("%+v, %v: what may still run is of no plan", s, err)
	}
	delete(m.fail, "reload")
	if s, err := st.Repair(t.Context(), "web"); err != nil || s.Next != nil || m.runs != "good@sha256:1" || !slices.Equal(left(t, st), before) {
		t.Errorf("%v; %+v; runs %q; left %q", err, s, m.runs, left(t, st))
	}
}

// What somebody wrote by hand after a command was killed is not written over, or removed.
func TestRepairOfEdited(t *testing.T) {
	for what, at := range map[string]int{"an installation": 4, "an upgrade": 1} { // the start of it; what follows its files
		st, m, _ := store(t)
		change := func() error {
			return st.Install(t.Context(), &Service{Name: "web", Next: version(t, 1, "good@sha256:1")})
		}
		if what == "an upgrade" {
			if err := change(); err != nil {
				t.Fatal(err)
			}
			change = func() error { return st.Change(t.Context(), "web", upgrade(t, 2, "good@sha256:2")) }
		}
		if !m.dying(at, change) {
			t.Fatal(what + " went on")
		}
		unit := filepath.Join(string(st.Units), "web.container")
		if err := os.WriteFile(unit, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := st.Repair(t.Context(), "web")
		text, _ := os.ReadFile(unit)
		if err == nil || !strings.Contains(err.Error(), "somebody changed "+unit) || string(text) != "mine" {
			t.Errorf("%s: %v; it is %q", what, err, text)
		}
	}
}

// A unit of the same name that is not the one that zlaunch wrote is no service of zlaunch's,
// and a start that no gate looked at is none that was held.
func TestAnotherUnit(t *testing.T) {
	st, m, _ := installed(t)
	for name, c := range map[string]struct {
		other, says string
		gate        func()
	}{
		"above it":     {"/etc/passwd", "systemd has another of that name", m.gate},
		"without gate": {"", "nothing held it", func() {}},
	} {
		m.other = c.other
		gate := m.gate
		m.gate = c.gate
		err := st.Change(t.Context(), "web", upgrade(t, 2, "good@sha256:2"))
		var back *BackError
		if !errors.As(err, &back) || !strings.Contains(back.Why.Error(), c.says) || back.Back == nil || !strings.Contains(back.Back.Error(), c.says) {
			t.Errorf("%s: %v", name, err) // of the version that was held before a start unseen is none either
		}
		m.other, m.gate = "", gate
		if s, err := st.Repair(t.Context(), "web"); err != nil || s.Now.Image != "good@sha256:1" {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	st, m, _ = store(t)
	m.other = "/etc/passwd"
	if err := st.Install(t.Context(), &Service{Name: "web", Next: version(t, 1, "good")}); err == nil || !strings.Contains(err.Error(), "there is a unit web.service") || len(left(t, st)) > 0 {
		t.Errorf("installed over another's: %v; left %q", err, left(t, st))
	}
	if !slices.Equal(m.log, []string{"reload"}) {
		t.Errorf("did %q: what nobody has read yet is no unit to systemd", m.log)
	}
}

// An installation and an uninstallation that were killed end with nothing left.
func TestKilledInstall(t *testing.T) {
	st, _, _ := store(t)
	s := &Service{Name: "web", Next: version(t, 1, "good")}
	if err := errors.Join((&change{st, s}).begin(), st.Units.put(s, s.Next)); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Repair(t.Context(), "web"); !errors.Is(err, ErrNone) || len(left(t, st)) > 0 {
		t.Errorf("%v; left %q", err, left(t, st))
	}
	st, m, _ := installed(t)
	m.fail["stop"] = errKilled
	if _, _, err := st.Uninstall(t.Context(), "web", false); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	delete(m.fail, "stop")
	if _, err := st.Repair(t.Context(), "web"); !errors.Is(err, ErrNone) || len(left(t, st)) > 0 {
		t.Errorf("%v; left %q", err, left(t, st))
	}
}

func TestUninstall(t *testing.T) {
	st, m, k := installed(t)
	own := filepath.Join(string(st.Units), "web.container.d/50-own.conf")
	unit := filepath.Join(string(st.Units), "web.container")
	for path, text := range map[string]string{own: "[Service]\n", unit: "[Container]\nImage=mine\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := st.Uninstall(t.Context(), "web", false); err == nil || !strings.Contains(err.Error(), "somebody changed "+unit) || m.runs == "" {
		t.Errorf("a changed file: %v; runs %q", err, m.runs)
	}
	_, beside, err := st.Uninstall(t.Context(), "web", true)
	if err != nil || !slices.Equal(beside, []string{own}) || !slices.Equal(left(t, st), []string{"units/web.container.d/50-own.conf"}) || m.runs != "" || len(k) > 0 {
		t.Errorf("%v; beside %q; left %q; runs %q", err, beside, left(t, st), m.runs)
	}
	if !slices.Contains(m.log, "stop web.service web-network.service") {
		t.Errorf("did %q", m.log)
	}
	if _, _, err := st.Uninstall(t.Context(), "web", true); !errors.Is(err, ErrNone) {
		t.Errorf("again: %v", err)
	}
}

// A unit that somebody changed is not written over.
func TestUpgradeOfEdited(t *testing.T) {
	st, m, _ := installed(t)
	unit := filepath.Join(string(st.Units), "web.container")
	if err := os.WriteFile(unit, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := st.Change(t.Context(), "web", upgrade(t, 2, "good@sha256:2")); err == nil || !strings.Contains(err.Error(), "somebody changed "+unit) || m.runs != "good@sha256:1" {
		t.Errorf("%v; runs %q", err, m.runs)
	}
}

// What is no record of this package's is an error, and no path is made of it.
func TestLoadHostile(t *testing.T) {
	st, _, _ := installed(t)
	text, err := os.ReadFile(st.path("web"))
	if err != nil {
		t.Fatal(err)
	}
	for was, is := range map[string]string{
		`"name": "web.container"`: `"name": "../../x"`, `"name": "web.container.d/20-zlaunch.conf"`: `"name": "a/b/c"`,
		`"schema": "`: `"schema": "x`, `"name": "web",`: `"name": "bew",`, `"launch": "0`: `"launch": "/`, `"data": "W`: `"data": "X`, `{`: `[`,
	} {
		changed := strings.Replace(string(text), was, is, 1)
		if changed == string(text) {
			t.Fatalf("%s is not in the record", was)
		}
		if err := os.WriteFile(st.path("web"), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := st.Load("web"); err == nil {
			t.Errorf("%s: %+v", is, s)
		}
	}
	for _, name := range []string{"", "..", "../web", "a b", "%i", "web.service", "-x", "a\n", "web-"} {
		if CheckName(name) == nil {
			t.Errorf("%q is a name", name)
		}
		if _, err := st.Load(name); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A service that never comes up is failed before the limit of its starts is forgotten.
func TestGate(t *testing.T) {
	f, err := Gate("web", "/usr/bin/zlaunch", 5*time.Minute, []string{"first", "second"})
	if err != nil {
		t.Fatal(err)
	}
	var interval, burst, pause, start int
	for line := range strings.Lines(string(f.Data)) {
		for key, to := range map[string]*int{"StartLimitIntervalSec=%d": &interval, "StartLimitBurst=%d": &burst, "RestartSec=%d": &pause, "TimeoutStartSec=%d": &start} {
			_, _ = fmt.Sscanf(line, key, to)
		}
	}
	if interval < burst*(2*start+pause) || burst == 0 || start < 5*60 { // starting and start-post may each take as long
		t.Errorf("%d starts of 2x%d s and %d s between are not in %d s", burst, start, pause, interval)
	}
	if !strings.Contains(string(f.Data), "\nExecStartPost=/usr/bin/zlaunch prove --ready web\n") || !strings.Contains(string(f.Data), "\n# second\n") {
		t.Errorf("%s", f.Data)
	}
	for _, path := range []string{"/a b/zlaunch", "/a%i", "/$x", "/a\nExecStart=x", `/"`, ""} {
		if _, err := Gate("web", path, 0, nil); err == nil {
			t.Errorf("%q stands in a unit", path)
		}
	}
}
