package observe

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// limits are the resource limits of a cgroup; 0 is none. Sizes are in bytes,
// quota and period in microseconds. swap counts memory and swap together, as
// podman and cgroup v1 do.
type limits struct{ memory, swap, quota, period, pids int64 }

// defaultPeriod is the kernel's and Podman's cpu period in microseconds.
const defaultPeriod = 100_000

// set writes all four rows, the plan's value where it is the same but for the
// kernel's rounding.
func (l limits) set(s *container.Spec, in *Context, e container.Evidence) {
	container.Memory.Set(s, rounded(in, container.Memory, l.memory), seen(e))
	container.MemorySwap.Set(s, rounded(in, container.MemorySwap, l.swap), seen(e))
	container.PidsLimit.Set(s, l.pids, seen(e))
	container.Cpus.Set(s, l.cpus(in), seen(e))
}

func rounded(in *Context, row container.Field[int64], got int64) int64 {
	if want, ok := planned(in, row); ok && got > 0 && sameSize(want, got) {
		return want
	}
	return got
}

func (l limits) cpus(in *Context) float64 {
	if l.quota <= 0 {
		return 0
	}
	if l.period <= 0 {
		l.period = defaultPeriod
	}
	if want, ok := planned(in, container.Cpus); ok && int64(want*float64(l.period)) == l.quota {
		return want
	}
	return float64(l.quota) / float64(l.period)
}

// fillCgroup sets the limits that hold in the container's cgroup: of the process's
// own files and its ancestors' up to the one named after the container, the
// tightest. What the host limits further up is no setting of the container.
func fillCgroup(s *container.Spec, rec Record, in *Context) {
	files, levels := rec.CgroupFiles, ownLevels(rec.Cgroup, in.ID)
	if files == nil {
		return
	}
	var l limits
	swapOnly := int64(-1) // v2 counts swap by itself
	for name, text := range files {
		if levels >= 0 && strings.Count(name, "../") > levels {
			continue
		}
		switch name[strings.LastIndex(name, "/")+1:] {
		case "memory.max", "memory.limit_in_bytes":
			tighten(&l.memory, text)
		case "memory.memsw.limit_in_bytes":
			tighten(&l.swap, text)
		case "memory.swap.max":
			if n, ok := cgroupLimit(text); ok && (swapOnly < 0 || n < swapOnly) {
				swapOnly = n
			}
		case "pids.max":
			tighten(&l.pids, text)
		case "cpu.max":
			l.tightenCPU(strings.Fields(text))
		case "cpu.cfs_quota_us":
			l.tightenCPU([]string{text, files[strings.TrimSuffix(name, "quota_us")+"period_us"]})
		}
	}
	if swapOnly >= 0 && l.memory > 0 {
		l.swap = l.memory + swapOnly
	}
	l.set(s, in, container.Kernel)
}

// ownLevels is how far above the process's cgroup the one named after the
// container lies; -1 where none is.
func ownLevels(cgroup, id string) int {
	levels := -1
	for _, line := range strings.Split(cgroup, "\n") {
		if i := strings.LastIndex(line, id); i >= 0 && id != "" {
			levels = max(levels, strings.Count(line[i:], "/"))
		}
	}
	return levels
}

// unlimitedV1 is where cgroup v1's "no limit" begins: the largest multiple of a
// 64 KiB page an int64 holds, and everything above.
const unlimitedV1 = 1<<63 - 1<<16

// cgroupLimit reads one number; "max", -1 and v1's largest number are no limit.
func cgroupLimit(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil && n >= 0 && n < unlimitedV1
}

// tighten lowers a limit to that of a file. A limit of 0 cannot be told from none
// here and becomes 1, the tightest there is.
func tighten(l *int64, text string) {
	if n, ok := cgroupLimit(text); ok && (*l == 0 || n < *l) {
		*l = max(n, 1)
	}
}

// tightenCPU lowers the share to quota/period.
func (l *limits) tightenCPU(f []string) {
	if len(f) == 0 {
		return
	}
	quota, ok := cgroupLimit(f[0])
	period := int64(defaultPeriod)
	if len(f) > 1 {
		if p, ok := cgroupLimit(f[1]); ok && p > 0 {
			period = p
		}
	}
	if ok && quota > 0 && (l.quota == 0 || float64(quota)/float64(period) < float64(l.quota)/float64(l.period)) {
		l.quota, l.period = quota, period
	}
}

// limitNames are the lines of /proc/PID/limits and podman's names of them.
var limitNames = []struct{ line, name string }{
	{"Max cpu time", "cpu"}, {"Max file size", "fsize"}, {"Max data size", "data"},
	{"Max stack size", "stack"}, {"Max core file size", "core"}, {"Max resident set", "rss"},
	{"Max processes", "nproc"}, {"Max open files", "nofile"}, {"Max locked memory", "memlock"},
	{"Max address space", "as"}, {"Max file locks", "locks"}, {"Max pending signals", "sigpending"},
	{"Max msgqueue size", "msgqueue"}, {"Max nice priority", "nice"},
	{"Max realtime priority", "rtprio"}, {"Max realtime timeout", "rttime"},
}

// fillLimits sets the process's limits: with a plan those it names, for the
// others come from whoever started Podman. The row is not complete here.
func fillLimits(s *container.Spec, text string, in *Context) {
	for _, line := range strings.Split(text, "\n") {
		for _, l := range limitNames {
			rest, ok := strings.CutPrefix(line, l.line)
			f := strings.Fields(rest)
			if _, known := plannedAt(in, container.UlimitOf, l.name); !ok || len(f) < 2 || in.Planned != nil && !known {
				continue
			}
			soft, ok1 := procLimit(f[0])
			hard, ok2 := procLimit(f[1])
			if ok1 && ok2 {
				container.UlimitOf.Set(s, l.name, container.Ulimit{Soft: soft, Hard: hard}, seen(container.Kernel))
			}
		}
	}
}

func procLimit(s string) (int64, bool) {
	if s == "unlimited" {
		return -1, true
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return limit(n), err == nil
}
