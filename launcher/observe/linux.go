package observe

import (
	"fmt"
	"path"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// podmanNames are podman's options for the runtime-spec's namespaces.
var podmanNames = map[specs.LinuxNamespaceType]string{
	specs.IPCNamespace: "ipc", specs.PIDNamespace: "pid", specs.UTSNamespace: "uts",
	specs.CgroupNamespace: "cgroupns", specs.NetworkNamespace: "network",
}

// joinedIn tells which namespaces the configuration leaves to the host.
func joinedIn(l *specs.Linux) map[string]bool {
	out := map[string]bool{"ipc": true, "pid": true, "uts": true, "cgroupns": true, "network": true}
	for _, n := range l.Namespaces {
		delete(out, podmanNames[n.Type])
	}
	return out
}

// fillLinux sets what the configuration says of the kernel's side.
func fillLinux(s *container.Spec, l *specs.Linux, in *Context) (notes []string) {
	mark := seen(container.OCI)
	container.SeccompFilter.Set(s, seccomp.Digest(l.Seccomp), mark)
	for _, n := range l.Namespaces {
		if row, ok := namespaceRows[podmanNames[n.Type]]; ok {
			setNamespace(s, row, n.Path, in)
		}
	}
	for name, row := range namespaceRows {
		if in.joined[name] {
			row.Set(s, "host", mark)
		}
	}
	if in.joined["network"] {
		container.Network.Set(s, []string{"host"}, mark)
	}
	fillIDs(s, l, in)
	fillMasks(s, l, in)
	fillSysctl(s, l.Sysctl, in)
	fillResources(s, l.Resources, in)
	if p := l.RootfsPropagation; p == "shared" || p == "rshared" {
		notes = append(notes, "root propagates: "+p)
	}
	return notes
}

var namespaceRows = map[string]container.Field[string]{
	"ipc": container.Ipc, "pid": container.Pid, "uts": container.Uts, "cgroupns": container.Cgroupns,
}

// setNamespace writes a namespace of the container's own as the plan does:
// "shareable" and "private" differ in what others may do, not in the container.
func setNamespace(s *container.Spec, row container.Field[string], joins string, in *Context) {
	v := "private"
	if want, _ := planned(in, row); in.Audit && joins != "" && strings.HasPrefix(want, "container:") {
		v = want // inspect names the container, the configuration a path
	} else if joins != "" {
		v = "ns:" + joins
	} else if want, _ := planned(in, row); want == "shareable" || want == "none" {
		v = want
	}
	row.Set(s, v, seen(container.OCI))
}

// maskedEverywhere are the paths that Podman 4.3 to 5.8 masks on every host.
var maskedEverywhere = []string{
	"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
	"/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware", "/sys/fs/selinux",
}

// maskedSomewhere are paths only some versions mask, or only with the host's
// network ("/sys/kernel"); the last stands for one path per processor.
var maskedSomewhere = []string{
	"/sys/dev/block", "/sys/devices/virtual/powercap", "/proc/interrupts", "/sys/kernel",
	"/sys/devices/system/cpu/cpu*/thermal_throttle",
}

var readOnlyEverywhere = []string{
	"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
}

// fillMasks compares the masks with Podman's own: one more is mask, one less
// unmask.
func fillMasks(s *container.Spec, l *specs.Linux, in *Context) {
	mask, unmask := newMasks(l.MaskedPaths), []string{}
	for _, p := range maskedEverywhere {
		if !slices.Contains(l.MaskedPaths, p) {
			unmask = append(unmask, p)
		}
	}
	for _, p := range readOnlyEverywhere {
		if !slices.Contains(l.ReadonlyPaths, p) {
			unmask = append(unmask, p)
		}
	}
	container.Mask.Set(s, plannedPaths(in, container.Mask, mask, newMasks), seen(container.OCI))
	container.Unmask.Set(s, plannedPaths(in, container.Unmask, unmask, lostMasks), seen(container.OCI))
}

func matchesAny(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(q string) bool {
		ok, _ := path.Match(q, p)
		return ok
	})
}

// plannedPaths takes the plan's spelling (ALL, patterns, several joined by
// colons) where it names exactly the paths got.
func plannedPaths(in *Context, row container.Field[[]string], got []string, names func(want []string) []string) []string {
	want, known := planned(in, row)
	if !known {
		return got
	}
	var patterns []string
	for _, w := range want {
		patterns = append(patterns, strings.Split(w, ":")...)
	}
	if named := names(patterns); len(named) == len(got) && !slices.ContainsFunc(got, func(g string) bool { return !slices.Contains(named, g) }) {
		return want
	}
	return got
}

// newMasks are the paths beside Podman's own.
func newMasks(paths []string) []string {
	out := []string{}
	for _, p := range paths {
		if !slices.Contains(maskedEverywhere, p) && !matchesAny(maskedSomewhere, p) && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// lostMasks are Podman's own paths that the patterns take away.
func lostMasks(patterns []string) []string {
	out := []string{}
	all := slices.ContainsFunc(patterns, func(p string) bool { return strings.EqualFold(p, "all") })
	for _, p := range slices.Concat(maskedEverywhere, readOnlyEverywhere) {
		if all || matchesAny(patterns, p) {
			out = append(out, p)
		}
	}
	return out
}

// enginesSysctl are what Podman's default_sysctls sets.
var enginesSysctl = map[string]string{"net.ipv4.ping_group_range": "0 0"}

func fillSysctl(s *container.Spec, sysctl map[string]string, in *Context) {
	for k, v := range sysctl {
		_, known := plannedAt(in, container.Sysctl, k)
		if known || enginesSysctl[k] != v {
			container.Sysctl.Set(s, k, v, seen(container.OCI))
		}
	}
	container.Sysctl.SetComplete(s, seen(container.OCI))
}

// fillResources sets the limits the runtime was told to set; 0 is none. Rootless
// Podman on cgroup v1 drops them here, with a warning at most.
func fillResources(s *container.Spec, r *specs.LinuxResources, in *Context) {
	var l limits
	if r != nil && r.Memory != nil {
		l.memory, l.swap = positive(r.Memory.Limit), positive(r.Memory.Swap)
	}
	if r != nil && r.CPU != nil {
		l.quota = positive(r.CPU.Quota)
		if r.CPU.Period != nil {
			l.period = limit(*r.CPU.Period)
		}
	}
	if r != nil && r.Pids != nil {
		l.pids = positive(&r.Pids.Limit)
	}
	l.set(s, in, container.OCI)
}

func positive(n *int64) int64 {
	if n == nil || *n < 0 {
		return 0
	}
	return *n
}

// fillIDs sets the id maps of the workload's user as far as the configuration
// tells: its host ids are those of the rootless namespace, where 0 is the caller.
func fillIDs(s *container.Spec, l *specs.Linux, in *Context) {
	user, _, _ := container.User.Get(s)
	u, g, ok := cutUser(user)
	self, err := readStatus(in.Self.Status)
	if !ok || err != nil || self.uid == 0 {
		return
	}
	if inner, ok := through(l.UIDMappings, u); ok && inner == 0 {
		container.UidMap.Set(s, fmt.Sprintf("%d=%d", u, self.uid), seen(container.OCI))
	}
	if inner, ok := through(l.GIDMappings, g); ok && inner == 0 {
		container.GidMap.Set(s, fmt.Sprintf("%d=%d", g, self.gid), seen(container.OCI))
	}
}

// through maps a container's id; without a map it stays what it is.
func through(m []specs.LinuxIDMapping, id uint32) (uint32, bool) {
	for _, r := range m {
		if id >= r.ContainerID && id-r.ContainerID < r.Size {
			return r.HostID + (id - r.ContainerID), true
		}
	}
	return id, len(m) == 0
}
