package observe

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// TmpfsTargets lists where mountinfo shows a tmpfs, for TmpfsModes; none of a text
// that cannot be read.
func TmpfsTargets(mountinfo string) []string {
	entries, err := readMountinfo(mountinfo)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.FSType == "tmpfs" {
			out = append(out, e.Target)
		}
	}
	return out
}

// UnprovedTmpfs says of planned tmpfs why their permission bits are not proved, by
// target: they cannot be read, or are fewer than planned. runc 1.1 gives a tmpfs
// those of the image's directory, 0755 where the image has none, whatever it was
// mounted with. That allows nothing the plan does not, so [Kernel] makes no
// difference of it; the workload's user may not be able to write there.
func UnprovedTmpfs(rec Record, plan *container.Spec) map[string]string {
	out := map[string]string{}
	for _, at := range container.TmpfsAt.Keys(plan) {
		want, _, _ := container.TmpfsAt.Get(plan, at)
		switch got, ok := rec.TmpfsModes[at]; {
		case want.Mode == 0:
		case !ok:
			out[at] = "its mode cannot be read here"
		case narrower(got, want.Mode):
			out[at] = fmt.Sprintf("the runtime gave it mode %04o, as the image's directory has: the workload may be unable to write there", got)
		}
	}
	return out
}

// narrower tells whether permission bits allow less than those planned: none
// more, and the sticky bit stays where others may write.
func narrower(got, want uint32) bool {
	const sticky, others = 0o1000, 0o022
	return want != 0 && got != want && got&^want == 0 && (want&sticky == 0 || got&sticky != 0 || got&others == 0)
}

// withModes puts what [Record.TmpfsModes] says in the place of what the mounts
// began with.
func withModes(mounts []mount, modes map[string]uint32) {
	for i, m := range mounts {
		if mode, ok := modes[m.target]; ok && m.fstype == "tmpfs" {
			mounts[i].mode = mode
		}
	}
}
