package model

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

// access reports an entry the workload cannot read, or a directory it cannot
// search as well.
func (t *tally) access(w *walk, path, at string, st *unix.Stat_t) {
	id, need := w.reader, uint32(0o4)
	if uint32(st.Mode)&unix.S_IFMT == unix.S_IFDIR {
		need = 0o5
	}
	var acl []byte
	if uint32(st.Uid) != id.UID && at != "" {
		acl = attribute(at, "system.posix_acl_access")
	}
	f := file{uint32(st.Uid), uint32(st.Gid), uint32(st.Mode), acl}
	switch {
	case id.may(f, need):
	case id.mayThroughGroup(f, need):
		t.find(unreadableGroup, path)
	case uint32(st.Uid) != w.tree.Identity.UID:
		t.find(unreadableTheirs, path)
	default:
		t.find(unreadable, path)
	}
}

// file is what decides who may read an entry.
type file struct {
	uid, gid, mode uint32
	acl            []byte // POSIX ACL as the kernel shows it; nil: none
}

// list is the ACL that counts. Linux asks none where the group bits, which show
// the ACL's mask, are all clear (fs/namei.c, acl_permission_check).
func (f file) list() (acl, bool) {
	if f.mode&0o070 == 0 {
		return nil, false
	}
	return parseACL(f.acl)
}

// in tells whether a process of this identity is in a group.
func (id Identity) in(gid uint32) bool { return gid == id.GID || slices.Contains(id.Also, gid) }

// may tells whether a process with exactly these ids has the permissions in
// need (4 read, 1 search). A permission class that matches decides alone, as in
// the kernel: no later class is asked.
func (id Identity) may(f file, need uint32) bool {
	if id.UID == f.uid {
		return f.mode>>6&need == need
	}
	if acl, ok := f.list(); ok {
		return acl.may(id, f.gid, need)
	}
	if id.in(f.gid) {
		return f.mode>>3&need == need
	}
	return f.mode&need == need
}

// mayThroughGroup tells whether one of the caller's other groups has the
// permissions.
func (id Identity) mayThroughGroup(f file, need uint32) bool {
	if id.UID == f.uid {
		return false
	}
	_, hasACL := f.list()
	return slices.ContainsFunc(id.Groups, func(g int) bool {
		if g < 0 || !hasACL && uint32(g) != f.gid {
			return false
		}
		return Identity{UID: id.UID, GID: uint32(g)}.may(f, need)
	})
}

// The tags of ACL entries, from include/uapi/linux/posix_acl.h.
const (
	aclUser     = 0x02
	aclGroupObj = 0x04
	aclGroup    = 0x08
	aclMask     = 0x10
	aclOther    = 0x20
)

type aclEntry struct {
	tag, perm uint16
	id        uint32
}

type acl []aclEntry

// parseACL decodes system.posix_acl_access: a version and entries, little-endian
// on every machine.
func parseACL(b []byte) (acl, bool) {
	const header, entry, version = 4, 8, 2
	if len(b) < header || (len(b)-header)%entry != 0 || binary.LittleEndian.Uint32(b) != version {
		return nil, false
	}
	var out acl
	for b = b[header:]; len(b) > 0; b = b[entry:] {
		out = append(out, aclEntry{binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:]), binary.LittleEndian.Uint32(b[4:])})
	}
	return out, len(out) > 0
}

// may follows acl(5) for a process that does not own the file.
func (a acl) may(id Identity, fileGID, need uint32) bool {
	mask := uint32(0o7)
	if i := slices.IndexFunc(a, func(e aclEntry) bool { return e.tag == aclMask }); i >= 0 {
		mask = uint32(a[i].perm)
	}
	inGroup, byGroup, byOther := false, false, false
	for _, e := range a {
		has := uint32(e.perm)&need == need
		switch {
		case e.tag == aclUser && e.id == id.UID:
			return has && mask&need == need
		case e.tag == aclGroupObj && id.in(fileGID), e.tag == aclGroup && id.in(e.id):
			inGroup, byGroup = true, byGroup || has
		case e.tag == aclOther:
			byOther = has
		}
	}
	if inGroup {
		return byGroup && mask&need == need
	}
	return byOther
}

// attribute reads an extended attribute, nil when there is none. 64 KiB is the
// kernel's own bound (XATTR_SIZE_MAX).
func attribute(path, name string) []byte {
	var small [256]byte
	n, err := unix.Lgetxattr(path, name, small[:])
	if err == nil && n > 0 {
		return append([]byte(nil), small[:n]...)
	}
	if err != unix.ERANGE {
		return nil
	}
	large := make([]byte, 64<<10)
	if n, err = unix.Lgetxattr(path, name, large); err != nil {
		return nil
	}
	return large[:n]
}
