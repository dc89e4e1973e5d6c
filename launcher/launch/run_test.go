package launch

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// runner is one without an engine, whose places are empty.
func runner(t *testing.T) *Runner {
	t.Helper()
	dir := t.TempDir()
	return &Runner{Dirs: record.Dirs{Runtime: filepath.Join(dir, "run"), State: filepath.Join(dir, "state"), Data: filepath.Join(dir, "data")}}
}

// A container is zlaunch's by its id in a claim or a record, and by nothing it says
// of itself.
func TestOwnership(t *testing.T) {
	l := runner(t)
	id := func(c string) string { return strings.Repeat(c, 64) }
	token := func(c string) string { return strings.Repeat(c, 32) }
	if err := l.Dirs.Save(&record.Record{Schema: record.Schema, Launch: token("a"), ID: id("1")}); err != nil {
		t.Fatal(err)
	}
	if err := record.WriteFile(filepath.Join(l.Dirs.State, "launches", token("b")+".json"), []byte("{broken")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []claim.Claim{{Token: token("c"), Name: "n", ID: id("2")}, {Token: token("d"), Name: "asked"}} {
		c.Kind = claim.Container
		if err := l.Dirs.Claims().Put(c); err != nil {
			t.Fatal(err)
		}
	}
	own := ownership(l.Dirs)
	for _, c := range []struct {
		what, id, launch string
		want             bool
	}{
		{"recorded", id("1"), token("a"), true},
		{"a commit of it, run by hand", id("3"), token("a"), false},
		{"its record cannot be read", id("3"), token("b"), false},
		{"claimed, the record is in another state directory", id("2"), token("c"), true},
		{"a copy of the claimed one", id("4"), token("c"), false},
		{"asked for, and not known yet", id("5"), token("d"), false},
		{"a label of nothing", id("6"), token("e"), false},
		{"a label that is a path", id("6"), "../../etc/passwd", false},
		{"no id", "", token("d"), false},
	} {
		if _, got := own.has(podman.Listed{ID: c.id, Names: []string{"n"}, Labels: map[string]string{plan.LabelLaunch: c.launch}}); got != c.want {
			t.Errorf("%s: ours %t", c.what, got)
		}
	}
}

// Names that zlaunch chose move on; names that were typed are taken as typed.
func TestReserveName(t *testing.T) {
	l := runner(t)
	spec := func(layer container.Layer) *container.Spec {
		s := &container.Spec{}
		container.Name.Set(s, "n", container.From(container.Origin{Layer: layer}))
		return s
	}
	taken := func(name string) (bool, error) { return slices.Contains([]string{"n", "n-2"}, name), nil }
	s := spec(container.LayerDerived)
	r := &reservation{locks: l.Dirs.Locks()}
	defer r.release()
	if err := r.settle(t.Context(), s, taken); err != nil {
		t.Fatal(err)
	}
	if name, _, _ := container.Name.Get(s); name != "n-3" {
		t.Errorf("got %q", name)
	}
	if err := r.settle(t.Context(), spec(container.LayerCommandLine), taken); err == nil || hint.Of(err) == "" {
		t.Errorf("a typed name that is taken: %v", err)
	}
}

func TestLikelyCause(t *testing.T) {
	for says, want := range map[string]string{
		"OSError: [Errno 30] Read-only file system: '/cache'": "ZL-501",
		"bash: fork: Resource temporarily unavailable":        "ZL-803",
		"chown: Operation not permitted":                      "ZL-203",
		"all is well":                                         "",
	} {
		if got := likelyCause(says); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q", says, got)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
