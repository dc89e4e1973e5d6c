package engine_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/engine"
)

// What was measured with Podman 4.3.1 and runc as a user with 65536 sub-ids: which ids
// a process can have under a user namespace, and who it is then on the host.
func TestMapOf(t *testing.T) {
	own := engine.Rootless(1004, [2]int64{100000, 60000}, [2]int64{300000, 5536})
	const none = -2
	for userns, ids := range map[string]map[int64]int64{
		"host":                                {0: 1004, 1: 100000, 60000: 159999, 60001: 300000, 65536: 305535, 65537: none},
		"":                                    {0: 1004},
		"nomap":                               {0: 100000, 59999: 159999, 65535: 305535, 65536: none},
		"auto":                                {0: engine.Anywhere, 1023: engine.Anywhere, 65535: engine.Anywhere, 65536: none},
		"auto:size=1000":                      {999: engine.Anywhere, 1000: none},
		"keep-id":                             {0: 100000, 1003: 101003, 1004: 1004, 1005: 101004, 65536: 305535, 65537: none},
		"keep-id:uid=0":                       {0: 1004, 1: 100000},
		"keep-id:gid=5":                       {1004: 1004},
		"keep-id:uid=70000,gid=1":             {0: 100000, 65535: 305535, 65536: none, 70000: 1004},
		"keep-id:uid=1000,gid=1000,size=2000": {999: 100999, 1000: 1004, 1999: 101998, 2000: none},
	} {
		for id, want := range ids {
			m, known := engine.UIDs.MapOf(userns, own, id)
			got, mapped := m.Outside(id)
			if !mapped {
				got = none
			}
			if !known || got != want {
				t.Errorf("%q: uid %d is %d on the host, not %d", userns, id, got, want)
			}
		}
	}
	for _, userns := range []string{"container:web", "ns:/x", "private", "x"} {
		if m, known := engine.GIDs.MapOf(userns, own, 0); known {
			t.Errorf("%q: %v", userns, m)
		}
	}
}

// The group that a process has beside those it was given.
func TestAddedGroup(t *testing.T) {
	for userns, want := range map[string]int64{"nomap": 0, "keep-id": 1004, "keep-id:uid=5": 1004, "keep-id:uid=5,gid=6": 6, "host": -1, "": -1, "auto": -1} {
		gid, added := engine.AddedGroup(userns, engine.Rootless(1004, [2]int64{100000, 60000}))
		if !added {
			gid = -1
		}
		if gid != want {
			t.Errorf("%q: %d, not %d", userns, gid, want)
		}
	}
}

// The user namespaces that an engine cannot make, and what is to be given instead.
func TestCannotMap(t *testing.T) {
	for _, c := range []struct{ version, userns, instead string }{
		{"4.3.1", "keep-id:uid=1000,gid=1000", ""},
		{"4.3.1", "keep-id:uid=1000,gid=0", "--userns=keep-id:uid=1000,gid=1000"},
		{"5.0.3", "keep-id:gid=0", "--userns=keep-id"},
		{"4.3.1", "keep-id:uid=0,gid=0", "--userns=host, under which container root is you"},
		{"5.1.0", "keep-id:uid=0,gid=0", ""},
		{"", "keep-id:uid=0", ""},
		{"5.8.2", "keep-id:uid=4294967295", "--userns=keep-id"},
		{"", "keep-id:gid=99999999999999999999", "--userns=keep-id"},
		{"5.8.2", "keep-id:uid=4294967294", ""},
		{"4.3.1", "keep-id:uid=7,gid=8,size=99", "--userns=keep-id:uid=7,gid=8"},
		{"5.3.1", "keep-id:size=99", "--userns=keep-id"},
		{"5.4.0", "keep-id:size=99", ""},
		{"5.8.2", "private", "--userns=nomap"},
		{"5.8.2", "auto:size=65537", "--userns=auto"},
		{"5.8.2", "auto:size=65536", ""},
	} {
		why, instead := engine.CannotMap(c.version, c.userns, 65536)
		if instead != c.instead || (why == "") != (instead == "") {
			t.Errorf("podman %s, %q: %q, instead %q", c.version, c.userns, why, instead)
		}
	}
	if got := engine.KeepID("1000", "0") + " " + engine.KeepID("1000", "100"); got != "keep-id:uid=1000,gid=1000 keep-id:uid=1000,gid=100" {
		t.Error(got)
	}
}
