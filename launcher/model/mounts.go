package model

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/internal/mountinfo"
)

// subMounts reports mounts below the tree that would stay writable in the
// container: a read-only bind does not reach into them (ZL-516).
func subMounts(t Tree, real string) []audit.Problem {
	name := t.MountInfo
	if name == "" {
		name = "/proc/self/mountinfo"
	}
	f, err := os.Open(name)
	if err != nil {
		if os.IsNotExist(err) && t.MountInfo == "" {
			return nil // no Linux: the engine is elsewhere
		}
		return []audit.Problem{{Control: audit.NoWritableSubmount.ID, Message: fmt.Sprintf("reading the mounts below %q: %v", real, cause(err)), Hint: "mount /proc", Fatal: true}}
	}
	defer f.Close()
	found := writableBelow(f, real)
	if found.count == 0 {
		return nil
	}
	return []audit.Problem{{Control: audit.NoWritableSubmount.ID, Message: fmt.Sprintf("%s below %q: mounted writable, which a read-only volume does not change", entries(&found), real), Hint: "point --models at the mount itself, or remount it: sudo mount -o remount,bind,ro,nosuid,nodev " + Quote(found.paths[0]) +
		" && podman system migrate, since Podman's own mount namespace does not see a remount", Fatal: true}}
}

// writableBelow lists the mounts below real that can be written to; a list that cannot be
// read may have any.
func writableBelow(mounts io.Reader, real string) sample {
	var found sample
	text, err := io.ReadAll(io.LimitReader(mounts, maxMounts))
	list, bad := mountinfo.Read(string(text))
	if errors.Join(err, bad) != nil {
		found.add("a line that cannot be read", shown)
	}
	for _, m := range list {
		if m.Target != real && within(m.Target, real) && !m.ReadOnly() {
			found.add(m.Target, shown)
		}
	}
	return found
}

// maxMounts bounds the list of mounts: a hundred thousand of them, the kernel's own bound
// (fs.mount-max in proc_sys_fs(5)), take no more.
const maxMounts = 64 << 20
