package audit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What no host has is no limit: a z17 has up to 64 TiB, and Linux counts up to 8192
// processors.
const (
	mostMemory = 128 << 40
	mostCpus   = 8192
)

func memoryLimit(k *Case) {
	switch v, ok := read(k, container.Memory); {
	case ok && v <= 0:
		k.Fail(at(container.Memory), "memory must be limited")
	case ok && v > mostMemory:
		k.Fail(at(container.Memory), "memory must be limited: no host has %d bytes", v)
	}
}

func swapBounded(k *Case) {
	memory, known := read(k, container.Memory)
	switch {
	case !known:
		return
	case memory <= 0:
		k.NA("memory is not limited: ZL-801")
		return
	}
	swap, known := read(k, container.MemorySwap)
	switch path := at(container.MemorySwap); {
	case !known || swap == memory:
	case swap < 0:
		k.Fail(path, "memory_swap must be equal to memory, not unlimited")
	case swap == 0:
		k.Fail(path, "memory_swap must be stated, equal to memory; without it the engine allows as much swap again")
	default:
		k.Fail(path, "memory_swap, which counts memory too, must be equal to memory, %d, not %d", memory, swap)
	}
}

// maxPids is the most pids_limit may be (controls reference, ZL-803).
const maxPids = 4096

func pidsLimit(k *Case) {
	v, known := read(k, container.PidsLimit)
	switch {
	case !known:
	case v <= 0:
		k.Fail(at(container.PidsLimit), "pids_limit must be 1 to %d, not unlimited", maxPids)
	case v > maxPids:
		k.Fail(at(container.PidsLimit), "pids_limit must be 1 to %d, not %d", maxPids, v)
	}
}

func cpuBound(k *Case) {
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

func ulimits(k *Case) {
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

// enoughShm is what one instance of Triton's Python backend asks for, 64 MiB.
const enoughShm = 64 << 20

func shmSize(k *Case) {
	if peek(k, container.Ipc) == "host" {
		k.NA("the host's shared memory is used: ZL-602")
		return
	}
	if v, ok := read(k, container.ShmSize); ok && v < enoughShm {
		k.Fail(at(container.ShmSize), "shm_size must be %d or more, it is %d", enoughShm, v)
	}
}

func limitsInForce(k *Case) {
	if s := peek(k, container.Subject); s == "plan" || s == "line" || s == "unit" {
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

func oomKept(k *Case) {
	if v, ok := read(k, container.OomKillDisable); ok && v {
		k.Fail(at(container.OomKillDisable), "oom_kill_disable must be false")
	}
	if v, ok := read(k, container.OomScoreAdj); ok && v < 0 {
		k.Fail(at(container.OomScoreAdj), "oom_score_adj must be 0 or more, not %d", v)
	}
}

// maxRestarts is the most restarts in a row (CIS 5.15).
const maxRestarts = 5

func restartBounded(k *Case) {
	v, known := read(k, container.Restart)
	name, count, _ := strings.Cut(v, ":")
	n, err := strconv.Atoi(count)
	switch path := at(container.Restart); {
	case !known || v == "" || v == "no":
	case name == "on-failure" && err == nil && n >= 1 && n <= maxRestarts:
	case name == "on-failure" && count != "":
		k.Fail(path, "restart must be no or on-failure with 1 to %d tries, not %q", maxRestarts, v)
	case name == "on-failure":
		k.Fail(path, "restart on-failure must have a bound, as on-failure:%d", maxRestarts)
	default:
		k.Fail(path, "restart must not be %q", v)
	}
}

func stopInTime(k *Case) {
	if v, ok := read(k, container.StopTimeout); ok && v <= 0 {
		k.Fail(at(container.StopTimeout), "stop_timeout must leave the workload time to finish, as 10")
	}
	if peek(k, container.ProfileKind) != "job" || peek(k, container.Subject) == "plan" {
		return
	}
	if v, ok := read(k, container.Timeout); ok && v <= 0 {
		k.Fail(at(container.Timeout), "timeout of a job must be stated, so that it ends")
	}
}
