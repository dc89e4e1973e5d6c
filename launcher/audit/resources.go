package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

var resources = []*Control{
	{ID: "ZL-801", Name: "memory-limit", Severity: Medium, Why: "one request with a huge batch must not take the host down", Refs: []string{"IBM L100"}, Reads: []container.Row{container.Memory}, Judge: old(positive(container.Memory, "memory must be limited"))},
	{ID: "ZL-802", Name: "swap-bounded", Severity: Low, Why: "weights in swap are slow, and on disk", Refs: []string{"IBM L100"}, Reads: []container.Row{container.MemorySwap}, Judge: old(positive(container.MemorySwap, "memory_swap must be stated, equal to memory"))},
	{ID: "ZL-803", Name: "pids-limit", Severity: Medium, Why: "a fork bomb ends in its own container", Refs: []string{"IBM L100"}, Reads: []container.Row{container.PidsLimit}, Judge: old(positive(container.PidsLimit, "pids_limit must be positive"))},
	{ID: "ZL-804", Name: "cpu-bound", Severity: Low, Why: "a busy model leaves its neighbours their share", Refs: []string{"IBM L100"}, Reads: []container.Row{container.Cpus}, Judge: nil},
	{ID: "ZL-805", Name: "ulimits", Severity: Low, Why: "a core dump writes model memory and inputs to disk", Refs: []string{"IBM L100"}, Reads: []container.Row{container.UlimitOf}, Judge: old(func(s *container.Spec) string {
		if u, _, ok := container.UlimitOf.Get(s, "core"); !ok || u.Hard != 0 {
			return `ulimit.core must be "0:0"`
		}
		return ""
	})},
	{ID: "ZL-806", Name: "shm-size", Severity: Low, Why: "shared memory that suffices keeps people from --ipc=host", Refs: nil, Reads: []container.Row{container.ShmSize}, Judge: old(positive(container.ShmSize, "shm_size must be stated"))},
	{ID: "ZL-807", Name: "limits-in-force", Severity: Medium, Why: "a plan is not a fact", Refs: []string{"IBM L100"}, Reads: []container.Row{container.Memory, container.PidsLimit, container.Cpus}, Judge: nil},
	{ID: "ZL-809", Name: "restart-bounded", Severity: Low, Why: "endless restarts hide a crash loop or somebody probing", Refs: nil, Reads: []container.Row{container.Restart}, Judge: old(not(container.Restart, "restart must not be always", "always", "unless-stopped"))},
	{ID: "ZL-810", Name: "stop-timeout", Severity: Info, Why: "a clean shutdown, and then an end", Refs: nil, Reads: []container.Row{container.StopTimeout}, Judge: nil},
	{ID: "ZL-811", Name: "health-check", Severity: Low, Why: "a hung server keeps its port; zlaunch asks from the host", Refs: []string{"IBM L79-82"}, Reads: []container.Row{container.NoHealthcheck}, Judge: nil},
	{ID: "ZL-813", Name: "logs-bounded", Severity: Low, Why: "no log is no evidence, an unbounded one a full disk", Refs: []string{"IBM L174-180"}, Reads: []container.Row{container.LogDriver, container.LogOpt}, Judge: nil},
	{ID: "ZL-814", Name: "init", Severity: Info, Why: "zombies use pids", Refs: nil, Reads: []container.Row{container.Init}, Judge: nil},
	{ID: "ZL-815", Name: "throw-away", Severity: Info, Why: "state left behind is unreviewed state", Refs: nil, Reads: []container.Row{container.Rm}, Judge: nil},
}
