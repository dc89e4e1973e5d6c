package trust

import (
	"io/fs"
	"os"
	"syscall"

	"github.com/moby/sys/user"
	"golang.org/x/sys/unix"
)

func owner(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1 // nobody's
}

func group(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Gid)
	}
	return -1
}

// listed tells whether the path has an access list of POSIX or NFS 4.
func listed(path string) bool {
	for _, name := range []string{"system.posix_acl_access", "system.nfs4_acl"} {
		if n, err := unix.Lgetxattr(path, name, nil); err == nil && n > 0 {
			return true
		}
	}
	return false
}

// privateGroup tells whether a group is root's, or the caller's first one, and
// /etc/passwd and /etc/group put nobody else into it. Who is known only to a
// directory service is not seen here, but then the group is not either.
func privateGroup(gid int) bool {
	self, err := user.LookupUid(os.Getuid())
	if err != nil || gid != 0 && gid != self.Gid {
		return false
	}
	groups, err := user.ParseGroupFileFilter("/etc/group", func(g user.Group) bool { return g.Gid == gid })
	if err != nil || len(groups) == 0 {
		return false
	}
	for _, g := range groups {
		for _, member := range g.List {
			if member != self.Name && member != "root" {
				return false
			}
		}
	}
	others, err := user.ParsePasswdFileFilter("/etc/passwd", func(u user.User) bool {
		return u.Gid == gid && u.Uid != os.Getuid() && u.Uid != 0
	})
	return err == nil && len(others) == 0
}
