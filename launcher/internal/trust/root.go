package trust

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Program says why somebody beside root may put another file in the place of name, an
// absolute path without links: "/home/ann is not root's"; "" nobody may. All
// directories above it count: whoever else may exchange a program runs code as
// whoever calls it.
func Program(name string) string {
	for at := name; ; at = filepath.Dir(at) {
		if why := RootFile(at); why != "" {
			return at + " " + why
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// overflow is who owns what belongs to nobody in a user namespace
// (/proc/sys/kernel/overflowuid, 65534 unless root changed it).
const overflow = 65534

// root is who owns the root directory, where that is nobody of this user namespace;
// else 0.
var root = sync.OnceValue(func() uint32 {
	var st syscall.Stat_t
	if err := syscall.Stat("/", &st); err == nil && st.Uid == overflow {
		return overflow
	}
	return 0
})

// RootFile says why somebody beside root may change a file or directory; "" nobody may.
func RootFile(name string) string {
	info, err := os.Lstat(name)
	if err != nil {
		return "cannot be looked at"
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || st.Uid != 0 && st.Uid != root():
		return "is not root's"
	case info.Mode().Perm()&0o002 != 0:
		return "is for everybody to write"
	case info.Mode().Perm()&0o020 != 0 && st.Gid != 0 && st.Gid != root():
		return "is for a group to write"
	}
	return ""
}
