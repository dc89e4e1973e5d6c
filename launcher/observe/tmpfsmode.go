package observe

import "github.com/zlaunch/zlaunch/launcher/container"

// TmpfsTargets lists where mountinfo shows a tmpfs, for TmpfsModes; none of a text
// that cannot be read.
func TmpfsTargets(mountinfo string) []string {
	entries, err := readMountinfo(mountinfo)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.fstype == "tmpfs" {
			out = append(out, e.target)
		}
	}
	return out
}

// NarrowTmpfs gives the permission bits of the planned tmpfs that have fewer than
// planned, by target. runc 1.1 gives a tmpfs those of the image's directory, 0755
// where the image has none, whatever it was mounted with. That allows nothing the
// plan does not, so [Kernel] makes no difference of it; the workload's user may
// not be able to write there.
func NarrowTmpfs(rec Record, plan *container.Spec) map[string]uint32 {
	out := map[string]uint32{}
	for _, at := range container.TmpfsAt.Keys(plan) {
		want, _, _ := container.TmpfsAt.Get(plan, at)
		if got, ok := rec.TmpfsModes[at]; ok && narrower(got, want.Mode) {
			out[at] = got
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
