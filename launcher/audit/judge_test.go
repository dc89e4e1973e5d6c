package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// What is brought joins what a control says itself.
func TestBrought(t *testing.T) {
	bring := func(id string, v audit.Verdict, s audit.Severity, at Path) audit.Finding {
		return audit.Finding{Control: audit.ByID(id), Verdict: v, Severity: s, At: at, Message: "brought"}
	}
	memory, user := Path{Key: "memory"}, Path{Key: "user"}
	for _, c := range []struct {
		name    string
		change  func(*Spec)
		brought []audit.Finding
		id      string
		want    []string
	}{
		{"a pass", nil, nil, "ZL-001", []string{"pass info "}},
		{"what was not understood", nil, []audit.Finding{bring("ZL-001", audit.Open, 0, Path{}), bring("ZL-001", audit.Open, 0, memory)}, "ZL-001",
			[]string{"open info ", "open info memory"}},
		{"no plan", nil, nil, "ZL-002", []string{"notApplicable high "}},
		{"a plan and no drift", nil, []audit.Finding{bring("ZL-002", audit.Pass, audit.High, Path{})}, "ZL-002", []string{"pass high "}},
		{"drift", nil, []audit.Finding{bring("ZL-002", audit.Fail, audit.High, memory)}, "ZL-002", []string{"fail high memory"}},
		{"only elsewhere, and not there", nil, nil, "ZL-105", []string{"open medium "}},
		{"only elsewhere", nil, []audit.Finding{bring("ZL-105", audit.Fail, audit.Low, Path{})}, "ZL-105", []string{"fail low "}},
		{"the same twice", func(s *Spec) { CgroupVersion.Set(s, 1, by) }, []audit.Finding{bring("ZL-104", audit.Fail, audit.Medium, memory)}, "ZL-104",
			[]string{"fail medium memory"}},
		{"the graver one stays", func(s *Spec) { User.Set(s, "0:0", by); Userns.Set(s, "host", by) },
			[]audit.Finding{bring("ZL-301", audit.Fail, audit.Low, user)}, "ZL-301", []string{"fail high user"}},
		{"beside each other", func(s *Spec) { Modules.Set(s, []string{"x"}, by) }, []audit.Finding{bring("ZL-107", audit.Fail, audit.Low, user)}, "ZL-107",
			[]string{"fail high module", "fail low user"}},
	} {
		s := hardened()
		if c.change != nil {
			c.change(s)
		}
		var got []audit.Finding
		for _, f := range audit.Judge(complete(s), c.brought...) {
			if f.Control.ID == c.id {
				got = append(got, f)
			}
		}
		if !slices.Equal(told(got), c.want) {
			t.Errorf("%s: %q, want %q", c.name, told(got), c.want)
		}
	}
}

// A pass rests on what the kernel settles, not on the option that asked for it.
func TestEvidenceOfAPass(t *testing.T) {
	s := complete(hardened())
	Capabilities.Set(s, nil, seen)
	if got := verdicts(s)["ZL-203"][0]; got.Verdict != audit.Pass || got.Evidence != Kernel {
		t.Errorf("%s by %s", got.Verdict, got.Evidence)
	}
}

// Of a spec of which nothing is known nothing passes, except what is about the
// audit itself.
func TestUnknownIsOpen(t *testing.T) {
	s := &Spec{}
	for _, f := range audit.Judge(s) {
		if f.Verdict == audit.Pass && !strings.HasPrefix(f.Control.ID, "ZL-00") {
			t.Errorf("%s %s passes a spec of which nothing is known: where it reads nothing it must be open", f.Control.ID, f.Control.Name)
		}
	}
}

// Whatever stands in the settings, every control says something, and nothing it
// says hides behind a panic.
func FuzzJudge(f *testing.F) {
	for _, seed := range []string{"", "root", "0:0", ":0", "keep-id:uid=0,gid=", "all", "CAP_", "type:", "level:s0:c1,c2", "0:0:1", "+ug1:@0:4294967296",
		"$XDG_RUNTIME_DIR/podman", "/run/user/1/../../run", "tcp://", "type=glob,src=", "run.oci.", "\x00\x1b[31m\n", "999999999999999999999"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		s := hardened()
		for _, row := range []Field[string]{User, Userns, UidMap, SeccompProfile, SeccompFilter, Apparmor, ProcOpts, Umask, Pid, Ipc, Runtime, Remote,
			EngineVersion, ImageUser, WorkloadLevel, ProcessLabel} {
			row.Set(s, a, by)
		}
		for _, row := range []Field[[]string]{CapAdd, CapDrop, SecurityLabel, Unmask, GroupAdd, UidMaps, GidMaps, MountOther, Prefix, HooksDir} {
			row.Set(s, []string{a, b}, by)
		}
		VolumeAt.Set(s, b, Volume{Source: a, Device: b, Open: len(a)%2 == 0}, by)
		Annotation.Set(s, a, b, by)
		Sysctl.Set(s, a, b, by)
		said := map[string]bool{}
		for _, g := range audit.Judge(complete(s)) {
			said[g.Control.ID] = true
			if g.Control.Mend != nil && g.Verdict == audit.Fail {
				g.Control.Mend(s, g.At)
			}
		}
		if len(said) != len(audit.Catalogue()) {
			t.Errorf("%d of %d controls said something", len(said), len(audit.Catalogue()))
		}
	})
}
