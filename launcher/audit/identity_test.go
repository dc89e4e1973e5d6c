package audit_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

func user(u string) func(*Spec) { return func(s *Spec) { User.Set(s, u, by) } }

// rootMoves are the controls that root in the container moves beside ZL-301.
var rootMoves = []string{"ZL-302", "ZL-304", "ZL-308"}

// planMoves are the controls that ask more, or less, of a plan.
var planMoves = []string{"ZL-807", "ZL-811", "ZL-812", "ZL-815", "ZL-916"}

// plansAs is a plan that looked the image's USER up and found numbers.
func plansAs(numbers, word string) func(*Spec) {
	return func(s *Spec) {
		Subject.Set(s, "plan", by)
		ImageUser.Set(s, word, by)
		User.Set(s, numbers, Mark{Origin: []Origin{{Layer: LayerImage, Key: "USER " + word}}, Evidence: Planned})
	}
}

var identityFixtures = map[string][]fixture{
	"ZL-301": {
		{name: "0", change: user("0"), says: "root", also: rootMoves},
		{name: "0:0", change: user("0:0"), says: "root", also: rootMoves},
		{name: "root", change: user("root:root"), says: "root", also: []string{"ZL-302", "ZL-308"}},
		{name: "no user in the image", raw: true, change: func(s *Spec) {
			User.Clear(s)
			Userns.Set(s, "host", by)
			ImageUser.Set(s, "", by)
		}, says: "root", also: []string{"ZL-302", "ZL-304", "ZL-308", "ZL-908"}},
		{name: "the image is not known", raw: true, change: func(s *Spec) {
			User.Clear(s)
			Userns.Set(s, "host", by)
			ImageUser.Clear(s)
		}, verdict: audit.Open, also: []string{"ZL-302", "ZL-304", "ZL-308", "ZL-908"}},
		{name: "keep-id changes the image's root", raw: true, change: func(s *Spec) {
			User.Clear(s)
			ImageUser.Set(s, "", by)
			Userns.Set(s, "keep-id", by)
		}, verdict: audit.Pass, also: []string{"ZL-302", "ZL-304", "ZL-908"}},
		{name: "signed", change: user("+0:1000"), says: "root", also: rootMoves},
		{name: "minus", change: user("-0:1000"), says: "root", also: rootMoves},
		{name: "a name that the image declares", raw: true, change: func(s *Spec) {
			User.Set(s, "ibm-user:ibm-user", by)
			ImageUser.Set(s, "ibm-user", by)
		}, verdict: audit.Open, also: []string{"ZL-308", "ZL-908"}, says: "gives \"ibm-user\""},
		{name: "a plan in which the image's passwd makes a name root", raw: true, change: plansAs("0:0", "ibm-user"),
			says: `makes "ibm-user" 0:0`, also: append(planMoves, "ZL-302", "ZL-304", "ZL-308", "ZL-908")},
		{name: "another name", change: user("admin:1000"), verdict: audit.Open, also: rootMoves[:1], says: "gives \"admin\""},
		{name: "a name, the image is not known", raw: true, change: then(user("ibm-user:1000"), unknown(ImageUser)), verdict: audit.Open,
			also: []string{"ZL-302", "ZL-908"}},
	},
	"ZL-302": {
		{name: "not the image's", change: func(s *Spec) { ImageUser.Set(s, "1001", by) }, says: "the image's own"},
		{name: "a plan by name", raw: true, change: func(s *Spec) {
			Subject.Set(s, "plan", by)
			User.Set(s, "ibm-user", by)
		}, says: "numbers", also: append(planMoves, "ZL-301", "ZL-308")},
		{name: "a name nobody can look up", raw: true, change: func(s *Spec) {
			User.Set(s, "ibm-user:1000", by)
			ImageUser.Clear(s)
		}, verdict: audit.Open, also: []string{"ZL-301", "ZL-908"}},
	},
	"ZL-303": {
		{name: "root of the host", change: func(s *Spec) { UidMap.Set(s, "1000=0", by) }, says: "uid 0 of the host"},
		{name: "rootful without a user namespace", change: func(s *Spec) { Rootless.Set(s, false, by) }, says: "userns must be auto",
			also: []string{"ZL-101", "ZL-309"}},
		{name: "not known", raw: true, change: func(s *Spec) {
			Rootless.Clear(s)
			UidMap.Clear(s)
		}, verdict: audit.Open, also: []string{"ZL-101", "ZL-104", "ZL-309"}},
	},
	"ZL-304": {
		{name: "not pinned", raw: true, change: func(s *Spec) {
			Userns.Set(s, "keep-id", by)
			User.Set(s, "1001:1001", seen)
		}, says: "must pin", also: []string{"ZL-302"}},
		{name: "pinned to another", change: func(s *Spec) { Userns.Set(s, "keep-id:uid=2000,gid=1000", by) }, says: "the uid that runs"},
		{name: "pinned twice", change: func(s *Spec) { Userns.Set(s, "keep-id:uid=1000,gid=1000,uid=2000", by) }, says: "not uid=2000"},
		{name: "nomap is a decision", change: func(s *Spec) { Userns.Set(s, "nomap", by) }, verdict: audit.NotApplicable},
	},
	"ZL-305": {
		{name: "ns", change: func(s *Spec) { Userns.Set(s, "ns:/proc/1/ns/user", by) }, says: "foreign", also: []string{"ZL-304"}},
		{name: "container", change: func(s *Spec) { Userns.Set(s, "container:x", by) }, says: "foreign", also: []string{"ZL-304"}},
		{name: "not known", raw: true, change: Userns.Clear, verdict: audit.Open, also: []string{"ZL-304"}},
	},
	"ZL-306": {
		{name: "no map", change: func(s *Spec) { UidMaps.Set(s, []string{"0:0:1:2"}, by) }, says: "CONTAINER:HOST:LENGTH"},
		{name: "the caller's own", change: func(s *Spec) { UidMaps.Set(s, []string{"+u1000:@0:1"}, by) }, verdict: audit.Pass},
		{name: "root of the host", change: func(s *Spec) {
			Rootless.Set(s, false, by)
			GidMaps.Set(s, []string{"0:0:1"}, by)
		}, says: "id 0 of the host", also: []string{"ZL-101", "ZL-303", "ZL-309"}},
	},
	"ZL-307": {
		{name: "keep-groups", change: func(s *Spec) { GroupAdd.Set(s, []string{"keep-groups"}, by) }, says: "keep-groups"},
		{name: "group 0", change: func(s *Spec) { GroupAdd.Set(s, []string{"0"}, by) }, says: "must not hold 0"},
		{name: "without a reason", change: func(s *Spec) { GroupAdd.Set(s, []string{"video"}, by) }, says: "video"},
		{name: "its trace", change: func(s *Spec) { Annotation.Set(s, "run.oci.keep_original_groups", "1", by) }, says: "annotation", also: []string{"ZL-108"}},
		{name: "groups of the host", raw: true, change: func(s *Spec) { GroupAdd.Set(s, []string{"65534"}, seen) }, says: "keep-groups"},
	},
	"ZL-308": {
		{name: "group 0", change: user("1000:0"), says: "group"},
		{name: "a plan in which the image's files make a group root's", raw: true, change: plansAs("1000:0", "1000:staff"),
			says: `make "1000:staff" "1000:0"`, also: planMoves},
		{name: "the image's passwd knows", change: user("1000"), verdict: audit.Open},
		{name: "the image's group file knows", change: user("1000:staff"), verdict: audit.Open, says: "gives \"staff\""},
		{name: "a group called as a number in another base", change: user("1000:0x0"), verdict: audit.Open},
	},
	"ZL-309": {
		{name: "low and unmapped", change: func(s *Spec) { Rootless.Set(s, false, by) }, says: "10000", also: []string{"ZL-101", "ZL-303"}},
	},
	"ZL-310": {
		{name: "passwd entry", change: func(s *Spec) { InjectedUsers.Set(s, []string{"--passwd-entry=x:x:0:0::/:/bin/sh"}, by) }, says: "--passwd-entry"},
	},
	"ZL-311": {
		{name: "0000", change: func(s *Spec) { Umask.Set(s, "0000", by) }, says: "others"},
		{name: "0002 without a reason", change: func(s *Spec) { Umask.Set(s, "0002", by) }, says: "the group"},
		{name: "no octal", change: func(s *Spec) { Umask.Set(s, "9", by) }, says: "octal"},
		{name: "0077", change: func(s *Spec) { Umask.Set(s, "0077", by) }, verdict: audit.Pass},
	},
}

// Root in the container weighs less where it is nobody on the host.
func TestRootIsGraded(t *testing.T) {
	for userns, want := range map[string]audit.Severity{
		"host": audit.High, "": audit.High, "nomap": audit.Medium, "auto": audit.Medium, "auto:size=9000": audit.Medium,
		"keep-id": audit.Medium, "keep-id:uid=1000,gid=1000": audit.Medium, "keep-id:uid=0,gid=0": audit.High, "keep-id:gid=0,uid=00": audit.High,
	} {
		s := hardened()
		User.Set(s, "0:0", by)
		Userns.Set(s, userns, by)
		if got := verdicts(complete(s))["ZL-301"][0]; got.Verdict != audit.Fail || got.Severity != want {
			t.Errorf("%s: %s %s, want %s", userns, got.Verdict, got.Severity, want)
		}
	}
}
