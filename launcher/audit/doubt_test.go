package audit_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Of a container whose kernel is not seen no privilege passes, and what fails by the
// engine's own word fails.
func TestOnlyWord(t *testing.T) {
	passed, seen := map[string]bool{}, 0
	for _, f := range audit.Judge(hardened()) {
		passed[f.Control.ID] = f.Verdict == audit.Pass
	}
	for _, f := range audit.OnlyWord(audit.Judge(hardened()), "it is elsewhere") {
		switch f.Control.ID {
		case "ZL-201", "ZL-202", "ZL-203", "ZL-207", "ZL-208", "ZL-301", "ZL-501", "ZL-506":
			if seen++; passed[f.Control.ID] && f.Verdict != audit.Open {
				t.Errorf("%s is %s", f.Control.ID, f.Verdict)
			}
		case "ZL-901":
			if f.Verdict != audit.Pass {
				t.Errorf("%s, which only inspection can tell, is %s", f.Control.ID, f.Verdict)
			}
		}
	}
	if seen < 8 {
		t.Errorf("%d of eight controls were judged", seen)
	}
	weak := hardened()
	for _, fix := range privilegeFixtures["ZL-201"][:1] {
		fix.change(weak)
	}
	for _, f := range audit.OnlyWord(audit.Judge(weak), "it is elsewhere") {
		if f.Control.ID == "ZL-201" && f.Verdict != audit.Fail {
			t.Errorf("a privileged container by its own word is %s", f.Verdict)
		}
	}
}
