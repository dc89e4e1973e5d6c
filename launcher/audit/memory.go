package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of memory and swap.

var MemoryLimit = &Control{
	ID: "ZL-801", Name: "memory-limit", Title: "Memory limit", Severity: Medium,
	Why:      "one request with a huge batch must not take the host down",
	Fix:      "--memory 8g: weights, tmpfs and batches together",
	Breaks:   "a server that needs more is killed, which shows as OOMKilled; tmpfs and the page cache of mapped models count too",
	Refs:     []string{"IBM L100", "OWASP #7", "CIS 5.11", "NSA resource limits", "KSV-0018", "CWE-770", "CKV_K8S_13", "kubesec LimitsMemory", "kube-score container-resources"},
	Reads:    []container.Row{container.Memory},
	OfLimits: true,
	Judge:    judgeMemoryLimit,
}

func judgeMemoryLimit(k *Case) {
	switch v, ok := read(k, container.Memory); {
	case ok && v <= 0:
		k.Fail(at(container.Memory), "memory must be limited")
	case ok && v > mostMemory:
		k.Fail(at(container.Memory), "memory must be limited: no host has %d bytes", v)
	}
}

// mostMemory is more than any host has, and so no limit: a z17 has up to 64 TiB.
const mostMemory = 128 << 40

var SwapBounded = &Control{
	ID: "ZL-802", Name: "swap-bounded", Title: "Swap bounded", Severity: Low,
	Why:      "weights in swap are slow, and on disk",
	Fix:      "--memory-swap with the value of --memory",
	Refs:     []string{"IBM L100", "OWASP #7", "NSA resource limits", "CWE-770"},
	Reads:    []container.Row{container.MemorySwap, container.Memory},
	OfLimits: true,
	Judge:    judgeSwapBounded, Mend: mendSwapBounded,
}

func judgeSwapBounded(k *Case) {
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

func mendSwapBounded(s *container.Spec, _ container.Path) {
	if m, _, ok := container.Memory.Get(s); ok && m > 0 {
		container.MemorySwap.Set(s, m, mended)
	}
}

var ShmSize = &Control{
	ID: "ZL-806", Name: "shm-size", Title: "Shared memory sized for the backend", Severity: Low,
	Why:    "shared memory that suffices keeps people from --ipc=host",
	Fix:    "--shm-size 64m and more: 64 MiB for each instance of Triton's Python backend",
	Breaks: "it counts as memory of the container; Podman's own default is 65536000 bytes, just below",
	Refs:   []string{"CIS 5.17", "NSA resource limits"},
	Reads:  []container.Row{container.ShmSize, container.Ipc},
	Judge:  judgeShmSize, Mend: set(container.ShmSize, enoughShm),
}

func judgeShmSize(k *Case) {
	if peek(k, container.Ipc) == "host" {
		k.NA("the host's shared memory is used: ZL-602")
		return
	}
	if v, ok := read(k, container.ShmSize); ok && v < enoughShm {
		k.Fail(at(container.ShmSize), "shm_size must be %d or more, it is %d", enoughShm, v)
	}
}

// enoughShm is what one instance of Triton's Python backend asks for, 64 MiB.
const enoughShm = 64 << 20

var oomKept = &Control{
	ID: "ZL-808", Name: "oom-kept", Title: "OOM protection not inverted", Severity: Low,
	Why:   "a container that the kernel may not kill takes the host instead",
	Fix:   "leave --oom-kill-disable and a negative --oom-score-adj away",
	Refs:  []string{"CWE-770"},
	Reads: []container.Row{container.OomKillDisable, container.OomScoreAdj},
	Judge: judgeOOMKept, Mend: mendOOMKept,
}

func judgeOOMKept(k *Case) {
	if v, ok := read(k, container.OomKillDisable); ok && v {
		k.Fail(at(container.OomKillDisable), "oom_kill_disable must be false")
	}
	if v, ok := read(k, container.OomScoreAdj); ok && v < 0 {
		k.Fail(at(container.OomScoreAdj), "oom_score_adj must be 0 or more, not %d", v)
	}
}

func mendOOMKept(s *container.Spec, at container.Path) {
	if at.Key == container.OomScoreAdj.Key() {
		container.OomScoreAdj.Set(s, 0, mended)
		return
	}
	container.OomKillDisable.Set(s, false, mended)
}
