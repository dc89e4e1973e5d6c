package model

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The kernel agrees with may on every combination of owner, group, mode and ACL.
// The files are read by a process with the workload's ids and nothing else.
func TestMayAgainstKernel(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make files of other users and take their ids")
	}
	const uid, gid, other = 54321, 54322, 54323
	dir := t.TempDir()
	for d := dir; d != "/tmp" && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	acls := [][]byte{nil}
	for _, perm := range [][4]uint16{{4, 0, 4, 0}, {4, 0, 0, 4}, {0, 4, 7, 4}, {0, 0, 4, 4}} {
		acls = append(acls, aclBytes(aclEntry{1, 6, ^uint32(0)}, aclEntry{aclUser, perm[0], uid}, aclEntry{aclGroupObj, 0, ^uint32(0)},
			aclEntry{aclGroup, perm[1], gid}, aclEntry{aclMask, perm[2], ^uint32(0)}, aclEntry{aclOther, perm[3], ^uint32(0)}),
			aclBytes(aclEntry{1, 6, ^uint32(0)}, aclEntry{aclGroupObj, perm[0], ^uint32(0)},
				aclEntry{aclGroup, perm[1], gid}, aclEntry{aclMask, perm[2], ^uint32(0)}, aclEntry{aclOther, perm[3], ^uint32(0)}))
	}
	want := map[string]bool{}
	for i, acl := range acls {
		for _, owner := range []int{uid, other} {
			for _, group := range []int{gid, other} {
				for _, mode := range []uint32{0o400, 0o040, 0o004, 0o044, 0o404, 0} {
					name := fmt.Sprintf("%d-%d-%d-%03o", i, owner, group, mode)
					want[name] = plantOwned(t, filepath.Join(dir, name), file{uint32(owner), uint32(group), mode, acl}, Identity{UID: uid, GID: gid})
				}
			}
		}
	}
	cmd := exec.Command("/bin/sh", "-c", `for f in *; do cat "$f" >/dev/null 2>&1 && echo "$f"; done; true`)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	for name := range bytes.Lines(out) {
		read[strings.TrimSpace(string(name))] = true
	}
	for name, may := range want {
		if read[name] != may {
			t.Errorf("%s (acl-owner-group-mode): the kernel says %v, may says %v", name, read[name], may)
		}
	}
	t.Logf("%d files, %d readable", len(want), len(read))
}

// plantOwned makes the file and returns what may says of it as it then is.
func plantOwned(t *testing.T, path string, f file, id Identity) bool {
	t.Helper()
	for _, err := range []error{os.WriteFile(path, []byte("x"), 0o600), os.Chown(path, int(f.uid), int(f.gid)), os.Chmod(path, os.FileMode(f.mode))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if f.acl != nil {
		if err := unix.Setxattr(path, "system.posix_acl_access", f.acl, 0); err != nil {
			t.Skipf("no ACLs on this file system: %v", err)
		}
	}
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	f.mode, f.acl = uint32(st.Mode), attribute(path, "system.posix_acl_access")
	return id.may(f, 4)
}
