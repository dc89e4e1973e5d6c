package podman

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/mountinfo"
)

// cgroupLimits are the files read, by the controller of cgroup v1 they belong to;
// on v2 all are tried.
var cgroupLimits = []struct {
	controller string
	files      []string
}{
	{"memory", []string{"memory.max", "memory.swap.max", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"}},
	{"pids", []string{"pids.max"}},
	{"cpu", []string{"cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us"}},
}

// cgroupFiles reads the limits of a process's cgroups, given its
// /proc/PID/cgroup, and of their ancestors; see [observe.Record]. It is nil
// where no cgroup could be reached.
func cgroupFiles(cgroup, mounted string) map[string]string {
	mounts := cgroupMounts(mounted)
	var out map[string]string
	for _, line := range strings.Split(strings.TrimSpace(cgroup), "\n") {
		parts := strings.SplitN(line, ":", 3)
		if len(parts) != 3 {
			continue
		}
		for _, l := range cgroupLimits {
			m, ok := mounts[l.controller]
			if parts[1] == "" {
				m, ok = mounts[""]
			} else if !slices.Contains(strings.Split(parts[1], ","), l.controller) {
				continue
			}
			dir, below := m.dir(parts[2])
			if !ok || !below {
				continue
			}
			if _, err := os.Stat(dir); err != nil {
				continue
			}
			if out == nil {
				out = map[string]string{}
			}
			readLimits(out, m.target, dir, l.files)
		}
	}
	return out
}

// readLimits reads files in dir and in each directory above it below top.
func readLimits(out map[string]string, top, dir string, files []string) {
	prefix := ""
	for range maxCgroupDepth {
		if dir == top || len(dir) <= len(top) {
			return
		}
		for _, f := range files {
			if data, err := readFile(filepath.Join(dir, f), 4<<10); err == nil {
				if _, seen := out[prefix+f]; !seen {
					out[prefix+f] = string(data)
				}
			}
		}
		dir, prefix = filepath.Dir(dir), prefix+"../"
	}
}

// cgroupMount is where a hierarchy is mounted, and which of its directories.
type cgroupMount struct{ target, root string }

// dir is the host's directory of a cgroup; false where it is not below the mount.
func (m cgroupMount) dir(cgroup string) (string, bool) {
	if m.target == "" || !filepath.IsAbs(cgroup) || strings.Contains(cgroup+"/", "/../") {
		return "", false
	}
	rel, below := strings.CutPrefix(filepath.Clean(cgroup), strings.TrimSuffix(m.root, "/"))
	if !below || rel != "" && rel[0] != '/' {
		return "", false
	}
	return filepath.Join(m.target, rel), true
}

// cgroupMounts finds the hierarchies by controller; that of v2 is "".
func cgroupMounts(text string) map[string]cgroupMount {
	out := map[string]cgroupMount{}
	mounts, _ := mountinfo.Read(text) // what cannot be read shows no limit
	for _, mount := range mounts {
		m := cgroupMount{target: mount.Target, root: mount.Root}
		switch mount.FSType {
		case "cgroup2":
			out[""] = m
		case "cgroup":
			for _, l := range cgroupLimits {
				if slices.Contains(mount.Super, l.controller) {
					out[l.controller] = m
				}
			}
		}
	}
	return out
}
