package export

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// lossy says nothing but what it lost.
func lossy(at ...container.Row) Form {
	return Form{Name: "lossy", Targets: []string{"1", "2"}, Write: func(r form.Run, _ string) (*form.Document, error) {
		doc := &form.Document{Files: []form.File{{Name: r.Name, Data: []byte("run\n")}}}
		for _, row := range at {
			doc.Lost = append(doc.Lost, form.Loss{At: container.Path{Key: row.Key()}, Why: "lossy has no words"})
		}
		return doc, nil
	}}
}

func hardened() form.Run {
	s := &container.Spec{}
	m := container.From(container.Origin{Layer: container.LayerUser, File: "x.toml", Key: "k"})
	container.CapDrop.Set(s, []string{"all"}, m)
	container.CapAdd.Set(s, nil, m)
	container.Privileged.Set(s, false, m)
	container.Capabilities.Set(s, nil, m)
	container.StopTimeout.Set(s, 10, m)
	return form.Run{Name: "web", Spec: s, Judged: s}
}

func TestLossIsAnError(t *testing.T) {
	_, err := Write(lossy(container.CapDrop, container.Hostname), hardened(), Options{})
	var lost *LossError
	if !errors.As(err, &lost) || len(lost.Costs) != 2 || !strings.Contains(err.Error(), "cap_drop: lossy has no words (ZL-203") {
		t.Fatalf("%v", err)
	}
	if got := strings.Join(lost.Allows(), " "); !strings.HasPrefix(got, "ZL-2") || !strings.HasSuffix(got, "hostname") {
		t.Errorf("to allow: %s", got)
	}
	some := append(lost.Allows(), "ZL-999")[1:]
	if _, err := Write(lossy(container.CapDrop, container.Hostname), hardened(), Options{Allow: some}); err == nil {
		t.Error("one control that is not named was let go")
	}
	doc, err := Write(lossy(container.CapDrop, container.Hostname), hardened(), Options{Allow: lost.Allows()})
	if err != nil || !strings.HasPrefix(string(doc.Files[0].Data), "# lost, as allowed: cap_drop: lossy has no words (ZL-203") {
		t.Errorf("%v %s", err, doc.Files[0].Data)
	}
}

// What a form says in place of a setting is judged, and not by what the engine made of the
// setting itself.
func TestSaidInstead(t *testing.T) {
	r := hardened()
	drops := form.Loss{At: container.Path{Key: container.CapDrop.Key()}, Why: "lossy drops one", Instead: func(s *container.Spec) {
		m, _ := s.Mark(container.CapDrop)
		container.CapDrop.Set(s, []string{"chown"}, m)
	}}
	costs := costsOf(r.Judged, []form.Loss{drops})
	if !slices.Contains(ids(costs[0].Controls), "ZL-203") {
		t.Errorf("%v", costs)
	}
}

func TestTargets(t *testing.T) {
	for target, ok := range map[string]bool{"": true, "1": true, "3": false} {
		if _, err := Write(lossy(), hardened(), Options{Target: target}); (err == nil) != ok {
			t.Errorf("%q: %v", target, err)
		}
	}
}

// Every form has one answer for every row that an option of podman can state, so that what
// it cannot say is said somewhere.
func TestEveryRowAnswered(t *testing.T) {
	for _, f := range Forms() {
		targets := f.Targets
		if targets == nil {
			targets = []string{""}
		}
		for _, target := range targets {
			seen := map[string]int{}
			for _, s := range f.Says(target) {
				seen[s.Row.Key()]++
				if (s.Keys == "") == (s.Why == "") {
					t.Errorf("%s %s: %s has keys %q and why %q: one of the two", f.Name, target, s.Row.Key(), s.Keys, s.Why)
				}
			}
			for _, r := range container.Rows {
				if want := 1; !r.Derived() && seen[r.Key()] != want {
					t.Errorf("%s %s: %d answers for %s", f.Name, target, seen[r.Key()], r.Key())
				}
			}
		}
	}
}
