package record

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// whole is a record that lacks nothing, as its launch writes it.
func whole() *Record {
	r := &Record{Schema: Schema, Launch: strings.Repeat("a", 32), Plan: "sha256:" + strings.Repeat("1", 64), Name: "web"}
	for _, row := range promised {
		at := container.Path{Key: row.Key()}
		r.Spec = append(r.Spec, container.Encoded{Setting: at})
		r.Settings = append(r.Settings, container.Setting{Path: at})
		r.Proof = append(r.Proof, observe.Proved{Setting: at})
	}
	return r
}

// A record that was swapped, edited or shortened says so; what was only written by an
// older zlaunch cannot be told.
func TestEdited(t *testing.T) {
	d, launch := dirs(t), strings.Repeat("a", 32)
	for name, c := range map[string]struct {
		edit func(t *testing.T, r *Record)
		want string
	}{
		"nothing":          {func(*testing.T, *Record) {}, ""},
		"another launch's": {func(_ *testing.T, r *Record) { r.Launch = strings.Repeat("b", 32) }, "swapped it"},
		"another plan's":   {func(_ *testing.T, r *Record) { r.Plan = "sha256:0" }, "is of plan sha256:0"},
		"another name": {func(t *testing.T, _ *Record) {
			text, err := os.ReadFile(d.path(launch))
			if err != nil {
				t.Fatal(err)
			}
			if err := WriteFile(d.path(launch), bytes.Replace(text, []byte(`"web"`), []byte(`"bew"`), 1)); err != nil {
				t.Fatal(err)
			}
		}, "its digest is another"},
		"a row of the plan less": {func(_ *testing.T, r *Record) { r.Spec = r.Spec[1:] }, "it lacks image"},
		"a setting less":         {func(_ *testing.T, r *Record) { r.Settings = r.Settings[1:] }, "it lacks image"},
		"a proof less": {func(_ *testing.T, r *Record) {
			r.Proof = slices.DeleteFunc(r.Proof, func(p observe.Proved) bool { return p.Setting.Key == "read_only" })
		}, "the proof of read_only"},
		"a setting of no plan": {func(_ *testing.T, r *Record) {
			r.Settings = append(r.Settings, container.Setting{Path: container.Path{Key: "memory"}})
		}, "it lacks memory"},
		"unproved and told so":     {func(_ *testing.T, r *Record) { r.Proof, r.Unproved = nil, unproved(r) }, ""},
		"only names a refused run": {func(_ *testing.T, r *Record) { r.Spec = nil }, ""},
	} {
		if err := d.Save(whole()); err != nil {
			t.Fatal(err)
		}
		read := func() *Record {
			r, err := d.Load(launch)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		r := read()
		c.edit(t, r)
		if name == "another name" {
			r = read()
		}
		if got := r.Edited(launch, whole().Plan); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if why := r.Whole(); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
	if why := whole().Whole(); !strings.Contains(why, "no digest") {
		t.Errorf("without a digest: %q", why)
	}
}

func unproved(r *Record) (out []observe.Unproved) {
	for _, p := range r.Proof {
		out = append(out, observe.Unproved{Setting: p.Setting})
	}
	return out
}

// Whatever the order and spacing of its fields, a record has one digest, and it is not
// part of what it is of.
func TestDigestOfRecord(t *testing.T) {
	a, err1 := digest([]byte(`{"a": 1, "b": [2, 3]}`))
	b, err2 := digest([]byte("{\"b\":[2, 3],\n\"digest\":\"x\",\"a\":1}"))
	if err1 != nil || err2 != nil || a != b {
		t.Errorf("%s, %s: %v, %v", a, b, err1, err2)
	}
	if _, err := digest([]byte("[")); err == nil {
		t.Error("what is no record has a digest")
	}
}

// Locks that nobody holds go, the others stay.
func TestReapLocks(t *testing.T) {
	l := dirs(t).Locks()
	kept, err := l.Try("kept")
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Release()
	if err := os.WriteFile(string(l)+"/left.lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Reap(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(string(l))
	if err != nil || len(left) != 1 || left[0].Name() != "kept.lock" {
		t.Errorf("%v, %v", left, err)
	}
}
