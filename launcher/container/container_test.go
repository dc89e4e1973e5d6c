package container_test

import (
	"reflect"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func mark() container.Mark {
	return container.From(container.Origin{Layer: container.LayerCommandLine, Key: "test"})
}

// Every field of the spec has exactly one row.
func TestEveryFieldHasARow(t *testing.T) {
	for _, c := range []struct {
		of   reflect.Type
		rows []container.Row
	}{
		{reflect.TypeFor[container.Spec](), container.Rows},
		{reflect.TypeFor[container.Foreign](), container.ForeignRows},
		{reflect.TypeFor[container.Facts](), container.FactRows},
	} {
		fields := 0
		for _, f := range reflect.VisibleFields(c.of) {
			if f.IsExported() && f.Name != "Foreign" && f.Name != "Facts" {
				fields++
			}
		}
		if len(c.rows) != fields {
			t.Errorf("%s: %d rows for %d fields", c.of, len(c.rows), fields)
		}
	}
	seen := map[string]bool{}
	for _, r := range container.All() {
		if seen[r.Key()] || container.ByKey(r.Key()) == nil {
			t.Errorf("row %q stands twice, or is not found by its key", r.Key())
		}
		seen[r.Key()] = true
	}
}

func TestDiff(t *testing.T) {
	plan, got := &container.Spec{}, &container.Spec{}
	container.ReadOnly.Set(plan, true, mark())
	container.Memory.Set(plan, 1<<30, mark())
	container.CapDrop.Set(plan, []string{"all"}, mark())
	container.VolumeAt.Set(plan, "/models", container.Volume{Source: "/m", ReadOnly: true, Relabel: "z"}, mark())
	container.TmpfsAt.Set(plan, "/tmp", container.Tmpfs{Size: 1}, mark())
	container.Env.Set(plan, "TOKEN", "a", mark())

	seen := container.Mark{Evidence: container.Kernel}
	container.ReadOnly.Set(got, false, seen)
	container.VolumeAt.Set(got, "/models", container.Volume{Source: "/m", ReadOnly: true}, seen)
	container.VolumeAt.Set(got, "/canary", container.Volume{Source: "/c"}, seen)
	container.TmpfsAt.SetComplete(got, seen)
	container.Env.Set(got, "TOKEN", "b", seen)

	want := []container.Difference{
		{container.Path{Key: "env", Elem: "TOKEN"}, container.Redacted, container.Redacted, container.Kernel, ""},
		{container.Path{Key: "read_only"}, true, false, container.Kernel, ""},
		{container.Path{Key: "tmpfs", Elem: "/tmp"}, container.Tmpfs{Size: 1}, nil, container.Kernel, ""},
		{container.Path{Key: "volume", Elem: "/canary"}, nil, container.Volume{Source: "/c"}, container.Kernel, ""},
	}
	if d := container.Diff(plan, got); !reflect.DeepEqual(d, want) {
		t.Errorf("got %v\nwant %v", d, want)
	}
	if d := container.Diff(plan, plan); len(d) != 0 {
		t.Errorf("a plan differs from itself: %v", d)
	}
}

// A clone is equal to its source and shares no map with it.
func TestClone(t *testing.T) {
	s := &container.Spec{}
	container.Env.Set(s, "A", "1", mark())
	container.Env.SetComplete(s, mark())
	c := container.Clone(s)
	container.Env.Set(c, "B", "2", mark())
	if len(container.Env.Keys(s)) != 1 || !container.Env.Complete(c) {
		t.Errorf("source has %v, clone complete %v", container.Env.Keys(s), container.Env.Complete(c))
	}
}

// No output shows an environment value.
func TestRedaction(t *testing.T) {
	s := &container.Spec{}
	container.Env.Set(s, "A", "hunter2", mark())
	for _, set := range container.Settings(s) {
		if set.Value != container.Redacted {
			t.Errorf("%s shows %v", set.Path, set.Value)
		}
	}
}

// A path and a rung survive JSON: launch records are read back.
func TestTextRoundTrip(t *testing.T) {
	for _, r := range container.Rows {
		for _, elem := range []string{"", "/tmp", "A[0]", "a]b", "["} {
			in, out := container.Path{Key: r.Key(), Elem: elem}, container.Path{}
			text, _ := in.MarshalText()
			if err := out.UnmarshalText(text); err != nil || out != in {
				t.Errorf("%q: got %v, %v", text, out, err)
			}
		}
	}
	for e := container.Unknown; e <= container.Kernel; e++ {
		var out container.Evidence
		text, _ := e.MarshalText()
		if err := out.UnmarshalText(text); err != nil || out != e {
			t.Errorf("%s: got %v, %v", text, out, err)
		}
	}
	var p container.Path
	var e container.Evidence
	if p.UnmarshalText([]byte("tmpfs[/tmp")) == nil || e.UnmarshalText([]byte("guess")) == nil {
		t.Error("nonsense was read")
	}
}
