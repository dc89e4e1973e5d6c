package model

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
)

func aclBytes(entries ...aclEntry) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, e.tag)
		b = binary.LittleEndian.AppendUint16(b, e.perm)
		b = binary.LittleEndian.AppendUint32(b, e.id)
	}
	return b
}

// The workload has uid 1001 and gid 1001; the caller also has group 50.
func TestMay(t *testing.T) {
	id := Identity{UID: 1001, GID: 1001, Groups: []int{50}}
	named := aclBytes(aclEntry{1, 6, 0}, aclEntry{aclUser, 4, 1001}, aclEntry{aclGroupObj, 0, 0}, aclEntry{aclMask, 4, 0}, aclEntry{aclOther, 0, 0})
	masked := aclBytes(aclEntry{1, 6, 0}, aclEntry{aclUser, 6, 1001}, aclEntry{aclMask, 2, 0}, aclEntry{aclOther, 4, 0})
	group := aclBytes(aclEntry{1, 6, 0}, aclEntry{aclGroupObj, 0, 0}, aclEntry{aclGroup, 4, 50}, aclEntry{aclMask, 7, 0}, aclEntry{aclOther, 0, 0})
	denied := aclBytes(aclEntry{aclUser, 0, 1001}, aclEntry{aclOther, 7, 0})
	for _, c := range []struct {
		name           string
		f              file
		need           uint32
		may, byanother bool
	}{
		{"own 0600", file{1001, 1001, 0o600, nil}, 4, true, false},
		{"own 0060", file{1001, 1001, 0o060, nil}, 4, false, false},
		{"own, closed to the owner, open to others", file{1001, 50, 0o047, nil}, 4, false, false},
		{"group 0640", file{0, 1001, 0o640, nil}, 4, true, false},
		{"supplementary group 0640", file{0, 50, 0o640, nil}, 4, false, true},
		{"other group 0640", file{0, 51, 0o640, nil}, 4, false, false},
		{"other 0644", file{0, 0, 0o644, nil}, 4, true, false},
		{"group class decides alone", file{0, 1001, 0o604, nil}, 4, false, false},
		{"directory needs x", file{0, 0, 0o744, nil}, 5, false, false},
		{"directory 0755", file{0, 0, 0o755, nil}, 5, true, false},
		{"acl user", file{0, 0, 0o640, named}, 4, true, true},
		{"acl user, masked", file{0, 0, 0o624, masked}, 4, false, false},
		{"acl group of the caller", file{0, 0, 0o670, group}, 4, false, true},
		{"acl denies the user", file{0, 0, 0o617, denied}, 4, false, false},
		{"acl that cannot be read: mode bits", file{0, 0, 0o604, []byte("x")}, 4, true, true},
	} {
		if got := id.may(c.f, c.need); got != c.may {
			t.Errorf("%s: may %v", c.name, got)
		}
		if got := id.mayThroughGroup(c.f, c.need); !c.may && got != c.byanother {
			t.Errorf("%s: through a group %v", c.name, got)
		}
	}
}

// Of a group that the engine gives the workload its class decides as well.
func TestMayOfAGroupAdded(t *testing.T) {
	id := Identity{UID: 1001, GID: NoID, Also: []uint32{60}}
	if !id.may(file{0, 60, 0o640, nil}, 4) || id.may(file{0, 60, 0o604, nil}, 4) || id.may(file{0, 61, 0o640, nil}, 4) {
		t.Error("the group that was added does not decide")
	}
}

func TestSharedLabel(t *testing.T) {
	for label, want := range map[string]bool{
		"system_u:object_r:container_file_t:s0\x00": true, "u:r:container_ro_file_t:s0": true,
		"u:r:container_file_t:s0:c1,c2": false, "u:r:user_home_t:s0": false, "": false, "a:b": false,
	} {
		if sharedLabel(label) != want {
			t.Errorf("%q: %v", label, !want)
		}
	}
}

func TestSample(t *testing.T) {
	var s sample
	for _, p := range []string{"d", "b", "e", "a", "c"} {
		s.add(p, 3)
	}
	if s.count != 5 || !reflect.DeepEqual(s.paths, []string{"a", "b", "c"}) {
		t.Errorf("got %+v", s)
	}
	if got := entries(&s); got != `"a", "b", "c" and 2 more` {
		t.Errorf("got %s", got)
	}
}

func TestWritableBelow(t *testing.T) {
	const info = `22 27 0:21 / /m rw - tmpfs t rw
23 22 0:22 / /m/rw rw,relatime shared:1 - tmpfs t rw
24 22 0:23 / /m/ro ro - tmpfs t rw
25 22 0:24 / /m/super rw - squashfs t ro
26 22 0:25 / /m/a\040b rw - nfs4 t rw
27 22 0:26 / /mm rw - tmpfs t rw
`
	got := writableBelow(strings.NewReader(info), "/m")
	if want := []string{"/m/a b", "/m/rw"}; got.count != 2 || !reflect.DeepEqual(got.paths, want) {
		t.Errorf("got %+v", got)
	}
	if got := writableBelow(strings.NewReader(info+"short\n"), "/m"); got.count == 0 {
		t.Error("a list that cannot be read has nothing writable")
	}
}

func FuzzACL(f *testing.F) {
	f.Add(aclBytes(aclEntry{aclUser, 4, 1001}, aclEntry{aclMask, 4, 0}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, ok := parseACL(b); ok && len(a) != (len(b)-4)/8 {
			t.Errorf("%d entries of %d bytes", len(a), len(b))
		}
		Identity{UID: 1, GID: 2, Groups: []int{3}}.mayThroughGroup(file{0, 0, 0o640, b}, 4)
	})
}

func FuzzMountInfo(f *testing.F) {
	f.Add([]byte("23 22 0:22 / /m/a\\040b rw - tmpfs t rw\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s := writableBelow(bytes.NewReader(b), "/m"); len(s.paths) > shown {
			t.Errorf("%d paths", len(s.paths))
		}
	})
}
