package model

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
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
	found := writableBelow(bufio.NewScanner(f), real)
	if found.count == 0 {
		return nil
	}
	return []audit.Problem{{Control: audit.NoWritableSubmount.ID, Message: fmt.Sprintf("%s below %q: mounted writable, which a read-only volume does not change", entries(&found), real), Hint: "point --models at the mount itself, or remount it: sudo mount -o remount,bind,ro,nosuid,nodev " + Quote(found.paths[0]) +
		" && podman system migrate, since Podman's own mount namespace does not see a remount", Fatal: true}}
}

// writableBelow reads mountinfo, see proc_pid_mountinfo(5).
func writableBelow(lines *bufio.Scanner, real string) sample {
	var found sample
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 6 {
			continue
		}
		point := unescape(f[4])
		if point == real || !within(point, real) {
			continue
		}
		if !hasOption(f[5], "ro") && !hasOption(f[len(f)-1], "ro") {
			found.add(point, shown)
		}
	}
	if lines.Err() != nil {
		found.add("a line that cannot be read", shown)
	}
	return found
}

func hasOption(options, option string) bool {
	return slices.Contains(strings.Split(options, ","), option)
}

// unescape undoes the kernel's \040 for space, tab, newline and backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
