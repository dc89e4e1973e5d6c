package audit_test

import (
	"slices"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// What a pod decides passes only where it is known what the pod says.
func TestInAPodThatWasNotRead(t *testing.T) {
	s := hardened()
	Pod.Set(s, "web", by)
	opened := 0
	for id, found := range verdicts(complete(s)) {
		by := slices.ContainsFunc(audit.ByID(id).Reads, func(r Row) bool {
			return slices.ContainsFunc(PodRows, func(p Row) bool { return p.Key() == r.Key() })
		})
		for _, f := range found {
			switch {
			case by && f.Verdict == audit.Pass:
				t.Errorf("%s passes, and the pod decides it", id)
			case by && f.Verdict == audit.Open:
				opened++
			case !by && id != "ZL-609" && f.Verdict == audit.Open && f.Control.Judge != nil:
				t.Errorf("%s is open, and no pod decides it: %s", id, f.Message)
			}
		}
	}
	if opened < 20 {
		t.Errorf("only %d findings are open", opened)
	}
}

// A pod is judged by what it decides, and by all that it states.
func TestOfPod(t *testing.T) {
	s := &Spec{}
	Network.Set(s, []string{"host"}, by)
	UidMaps.Set(s, []string{"0:0:1"}, by)
	got := map[string]audit.Verdict{}
	for _, f := range audit.OfPod(audit.Judge(complete(s)), []Row{Network, UidMaps}) {
		got[f.Control.ID] = f.Verdict
	}
	for id, want := range map[string]audit.Verdict{"ZL-701": audit.Fail, "ZL-306": audit.Pass, "ZL-501": audit.NotApplicable, "ZL-203": audit.NotApplicable,
		"ZL-519": audit.NotApplicable, "ZL-708": audit.Pass} {
		if got[id] != want {
			t.Errorf("%s %s, want %s", id, got[id], want)
		}
	}
}
