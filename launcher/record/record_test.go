package record

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

func dirs(t *testing.T) Dirs {
	t.Helper()
	dir := t.TempDir()
	return Dirs{Runtime: filepath.Join(dir, "run"), State: filepath.Join(dir, "state"), Data: filepath.Join(dir, "data")}
}

// An attached run's record is found while it runs, and goes when nothing is left of
// its launch.
func TestAttachedRecord(t *testing.T) {
	d := dirs(t)
	launch := strings.Repeat("a", 32)
	r := &Record{Schema: Schema, Launch: launch, ID: "x"}
	if err := d.SaveAttached(r); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Load(launch); err != nil || got.ID != "x" {
		t.Errorf("%+v, %v", got, err)
	}
	k, err := d.Locks().Try("launch-" + launch)
	if err != nil {
		t.Fatal(err)
	}
	there := func(want bool, when string) {
		t.Helper()
		if err := d.ReapAttached(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(d.attached(launch)); (err == nil) != want {
			t.Errorf("%s: its record is there %t, want %t", when, !want, want)
		}
	}
	there(true, "under way")
	k.Release()
	c := claim.Claim{Kind: claim.Container, Token: launch, Name: "n", ID: strings.Repeat("1", 64)}
	if err := d.Claims().Put(c); err != nil {
		t.Fatal(err)
	}
	there(true, "its container is claimed")
	if err := d.Claims().Drop(c.Kind, c.Token); err != nil {
		t.Fatal(err)
	}
	there(false, "nothing is left")
	if left, _ := filepath.Glob(filepath.Join(d.Runtime, "*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// A record comes back as it was saved, or not at all: what is broken, of another
// schema, or named by no launch is an error.
func TestLoad(t *testing.T) {
	d, launch := dirs(t), strings.Repeat("a", 32)
	if err := d.Save(&Record{Schema: Schema, Launch: launch, ID: "x"}); err != nil {
		t.Fatal(err)
	}
	if r, err := d.Load(launch); err != nil || r.ID != "x" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, text := range []string{"{broken", `{"schema":"zlaunch.dev/launch/v9"}`, ""} {
		if err := WriteFile(d.path(launch), []byte(text)); err != nil {
			t.Fatal(err)
		}
		if r, err := d.Load(launch); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
	if err := d.Forget(launch); err != nil {
		t.Fatal(err)
	}
	for _, none := range []string{launch, "", "../../etc/passwd", strings.Repeat("g", 32), strings.Repeat("a", 33)} {
		if none != launch && IsLaunch(none) {
			t.Errorf("%q names a launch", none)
		}
		if _, err := d.Load(none); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", none, err)
		}
	}
}

// A place that others may write is not read from.
func TestLoadFromOthers(t *testing.T) {
	d, launch := dirs(t), strings.Repeat("a", 32)
	if err := d.Save(&Record{Schema: Schema, Launch: launch}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(d.path(launch)), 0o777); err != nil {
		t.Fatal(err)
	}
	if r, err := d.Load(launch); err == nil {
		t.Errorf("%+v", r)
	}
}

// What cannot be written is an error, and leaves nothing half written.
func TestSaveFails(t *testing.T) {
	d := dirs(t)
	if err := os.WriteFile(d.State, nil, 0o600); err != nil { // no directory
		t.Fatal(err)
	}
	if err := d.Save(&Record{Launch: "x"}); err == nil {
		t.Error("saved below a file")
	}
	if err := os.WriteFile(d.Runtime, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.SaveAttached(&Record{Launch: "x"}); err == nil {
		t.Error("saved below a file")
	}
	if _, err := d.Locks().Try("x"); err == nil {
		t.Error("locked below a file")
	}
}

// A plan comes back from its record as it was; of hidden values only whether they
// are the planned ones is known.
func TestKeep(t *testing.T) {
	want := &container.Spec{}
	container.ReadOnly.Set(want, true, container.Mark{Why: "nothing is written"})
	container.Env.Set(want, "API_TOKEN", "s3cret", container.Mark{})
	container.Args.Set(want, []string{"--password", "s3cret"}, container.Mark{})
	judged := container.Clone(want)
	container.Dns.Set(judged, []string{"1.1.1.1"}, container.Mark{})
	r := &Record{Schema: Schema}
	if err := r.Keep(want, judged); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), "s3cret") {
		t.Errorf("the record holds a secret: %v", err)
	}
	for _, c := range []struct {
		token string
		same  bool
	}{{"s3cret", true}, {"another", false}} {
		plan, err := r.Planned()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok := container.Dns.Get(plan); !ok {
			t.Error("the engine's default is not kept")
		}
		got := container.Clone(judged)
		container.Env.Set(got, "API_TOKEN", c.token, container.Mark{})
		r.Reveal(plan, got)
		if d := container.Diff(plan, got); (len(d) == 0) != c.same {
			t.Errorf("%s: %+v", c.token, d)
		}
	}
	if plan, err := (&Record{}).Planned(); plan != nil || err != nil {
		t.Errorf("of a record without a plan: %v, %v", plan, err)
	}
}
