package audit

import (
	"cmp"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of the other limits, and of whether all of them hold.

var PidsLimit = &Control{
	ID: "ZL-803", Name: "pids-limit", Title: "PID limit", Severity: Medium,
	Why:      "a fork bomb ends in its own container",
	Fix:      "--pids-limit 2048",
	Breaks:   "thread pools of big machines: 100 and more for each model stay below; set OMP_NUM_THREADS",
	Refs:     []string{"IBM L100", "OWASP #7", "CIS 5.29", "NIST 4.4", "NSA resource limits", "CWE-770"},
	Reads:    []container.Row{container.PidsLimit},
	OfLimits: true,
	Judge:    judgePidsLimit, Mend: set(container.PidsLimit, 2048),
}

func judgePidsLimit(k *Case) {
	v, known := read(k, container.PidsLimit)
	switch {
	case !known:
	case v <= 0:
		k.Fail(at(container.PidsLimit), "pids_limit must be 1 to %d, not unlimited", maxPids)
	case v > maxPids:
		k.Fail(at(container.PidsLimit), "pids_limit must be 1 to %d, not %d", maxPids, v)
	}
}

// maxPids is the most pids_limit may be (ZL-803).
const maxPids = 4096

var CPUBound = &Control{
	ID: "ZL-804", Name: "cpu-bound", Title: "CPU bound", Severity: Low,
	Why:      "a busy model leaves its neighbours their share",
	Fix:      "--cpus 4, or --cpu-shares, or --cpuset-cpus",
	Breaks:   "the cpu controller is often not delegated to users: ZL-104",
	Refs:     []string{"IBM L100", "OWASP #7", "CIS 5.12", "NSA resource limits", "KSV-0011", "CWE-770", "CKV_K8S_11", "kubesec LimitsCPU"},
	Reads:    []container.Row{container.Cpus, container.CpuShares, container.Cpuset},
	OfLimits: true,
	Judge:    judgeCPUBound,
}

func judgeCPUBound(k *Case) {
	cpus, _, known := container.Cpus.Get(k.Spec)
	shares, _, known2 := container.CpuShares.Get(k.Spec)
	set, _, known3 := container.Cpuset.Get(k.Spec)
	controllers, _, told := container.CgroupControllers.Get(k.Spec)
	switch {
	case cpus > 0 && cpus <= mostCpus || shares > 0 || set != "":
	case !known || !known2 || !known3:
		k.Open(at(container.Cpus), "whether cpus, cpu_shares or cpuset_cpus bound it is not known")
	case told && !slices.Contains(controllers, "cpu"):
		k.NA("the host delegates no cpu controller to its users: ZL-104")
	default:
		k.Fail(at(container.Cpus), "cpus must be limited")
	}
}

// mostCpus is as many processors as Linux counts.
const mostCpus = 8192

var Ulimits = &Control{
	ID: "ZL-805", Name: "ulimits", Title: "ulimits", Severity: Low,
	Why:    "a core dump writes model memory and inputs to disk, and unbounded descriptors or locked pages starve the host",
	Fix:    "--ulimit core=0:0, --ulimit nofile=16384:16384",
	Breaks: "a limit above the caller's own hard limit makes runc refuse to start",
	Refs:   []string{"IBM L100", "OWASP #7", "CIS 5.19", "NSA resource limits", "CWE-770"},
	Reads:  []container.Row{container.UlimitOf},
	Judge:  judgeUlimits, Mend: mendUlimits,
}

func judgeUlimits(k *Case) {
	core, _, known := container.UlimitOf.Get(k.Spec, "core")
	switch path := elem(container.UlimitOf, "core"); {
	case known && core.Hard != 0:
		k.Fail(path, `ulimit core must be "0:0", not "%d:%d"`, core.Soft, core.Hard)
	case !known && container.UlimitOf.Complete(k.Spec):
		k.Fail(path, `ulimit core must be "0:0"`)
	case !known:
		k.Open(path, "ulimit core is not known")
	}
	for _, name := range []string{"memlock", "nofile"} {
		if u, m, ok := container.UlimitOf.Get(k.Spec, name); ok && m.Why == "" && (u.Soft < 0 || u.Hard < 0) {
			k.Fail(elem(container.UlimitOf, name), "ulimit %s must have a bound, or say why it has none", name)
		}
	}
}

func mendUlimits(s *container.Spec, at container.Path) {
	if at.Elem != "core" {
		container.UlimitOf.Delete(s, at.Elem)
		return
	}
	container.UlimitOf.Set(s, "core", container.Ulimit{}, mended)
}

var LimitsInForce = &Control{
	ID: "ZL-807", Name: "limits-in-force", Title: "Limits are in force", Severity: Medium,
	Why:      "a plan is not a fact, and rootless on cgroup v1 a limit is dropped with one line of warning",
	Fix:      "delegate the controllers to users (ZL-104), and start the container anew",
	Refs:     []string{"IBM L100", "CIS 5.11", "CIS 5.12", "CIS 5.29", "NSA resource limits", "CWE-770"},
	Reads:    []container.Row{container.LimitsInForce, container.Memory, container.MemorySwap, container.PidsLimit, container.Cpus},
	OfLimits: true,
	Judge:    judgeLimitsInForce,
}

func judgeLimitsInForce(k *Case) {
	if s := cmp.Or(textOf(k), peek(k, container.Subject)); s == "plan" || beforeHost(k) {
		k.NA("a %s has no cgroup yet; the running container has", s)
		return
	}
	memory, swap, pids := peek(k, container.Memory), peek(k, container.MemorySwap), peek(k, container.PidsLimit)
	stated := []struct {
		row container.Row
		on  bool
	}{{container.Memory, memory > 0}, {container.MemorySwap, swap > 0}, {container.PidsLimit, pids > 0}, {container.Cpus, peek(k, container.Cpus) > 0}}
	if !slices.ContainsFunc(stated, func(l struct {
		row container.Row
		on  bool
	}) bool {
		return l.on
	}) {
		k.NA("no limit is stated")
		return
	}
	held, ok := read(k, container.LimitsInForce)
	for _, l := range stated {
		if ok && l.on && !slices.Contains(held, l.row.Key()) {
			k.Fail(at(l.row), "%s must hold in the kernel, where nothing shows of it", l.row.Key())
		}
	}
}
