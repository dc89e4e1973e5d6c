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
func TestOptionsChecked(t *testing.T) {
	image := form.Source{Kind: "image", Name: "a@sha256:" + strings.Repeat("0", 64)}
	for want, c := range map[string]struct {
		form string
		o    Options
	}{
		`kube has no target "1.2"`:        {"kube", Options{Target: "1.2"}},
		"kserve has no targets":           {"kserve", Options{Target: "1"}},
		"mounts models from where":        {"quadlet", Options{Models: image}},
		"kube for podman takes no models": {"kube", Options{Target: "podman", Models: image}},
		"has no models that could be":     {"kube", Options{Models: image}},
		"has no models that could be mou": {"kserve", Options{Models: form.Source{Kind: "pvc"}}},
	} {
		f, _ := Find(c.form)
		if _, err := Write(f, hardened(), c.o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestParseModels(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("a", 64)
	for _, word := range []string{"pvc", "pvc=models", "pvc=a.b-c", "hostPath", "image=quay.io:5000/a/b:1" + digest} {
		if from, err := ParseModels(word); err != nil || from.Kind != strings.Split(word, "=")[0] {
			t.Errorf("%s: %v", word, err)
		}
	}
	for _, word := range []string{"", "pvc=", "pvc=A", "pvc=a/b", "pvc=a\nb", "hostPath=/x", "image", "image=", "image=a:latest", "image=a@sha256:aa", "image=a b" + digest, "image=-a" + digest, "nfs"} {
		if from, err := ParseModels(word); err == nil {
			t.Errorf("%q is %v", word, from)
		}
	}
}

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
