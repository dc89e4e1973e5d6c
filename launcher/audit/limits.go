package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// limits are the controls of group 8 that bound what a run takes.
var limits = []*Control{
	{
		ID: "ZL-801", Name: "memory-limit", Title: "Memory limit", Severity: Medium,
		Why:    "one request with a huge batch must not take the host down",
		Fix:    "--memory 8g: weights, tmpfs and batches together",
		Breaks: "a server that needs more is killed, which shows as OOMKilled; tmpfs and the page cache of mapped models count too",
		Refs:   []string{"IBM L100", "OWASP #7", "CIS 5.11", "NSA resource limits", "KSV-0018", "CWE-770", "CKV_K8S_13", "kubesec LimitsMemory", "kube-score container-resources"},
		Reads:  []container.Row{container.Memory},
		Judge:  memoryLimit,
	},
	{
		ID: "ZL-802", Name: "swap-bounded", Title: "Swap bounded", Severity: Low,
		Why:   "weights in swap are slow, and on disk",
		Fix:   "--memory-swap with the value of --memory",
		Refs:  []string{"IBM L100", "OWASP #7", "NSA resource limits", "CWE-770"},
		Reads: []container.Row{container.MemorySwap, container.Memory},
		Judge: swapBounded, Mend: mendSwap,
	},
	{
		ID: "ZL-803", Name: "pids-limit", Title: "PID limit", Severity: Medium,
		Why:    "a fork bomb ends in its own container",
		Fix:    "--pids-limit 2048",
		Breaks: "thread pools of big machines: 100 and more for each model stay below; set OMP_NUM_THREADS",
		Refs:   []string{"IBM L100", "OWASP #7", "CIS 5.29", "NIST 4.4", "NSA resource limits", "CWE-770"},
		Reads:  []container.Row{container.PidsLimit},
		Judge:  pidsLimit, Mend: set(container.PidsLimit, 2048),
	},
	{
		ID: "ZL-804", Name: "cpu-bound", Title: "CPU bound", Severity: Low,
		Why:    "a busy model leaves its neighbours their share",
		Fix:    "--cpus 4, or --cpu-shares, or --cpuset-cpus",
		Breaks: "the cpu controller is often not delegated to users: ZL-104",
		Refs:   []string{"IBM L100", "OWASP #7", "CIS 5.12", "NSA resource limits", "KSV-0011", "CWE-770", "CKV_K8S_11", "kubesec LimitsCPU"},
		Reads:  []container.Row{container.Cpus, container.CpuShares, container.Cpuset},
		Judge:  cpuBound,
	},
	{
		ID: "ZL-805", Name: "ulimits", Title: "ulimits", Severity: Low,
		Why:    "a core dump writes model memory and inputs to disk, and unbounded descriptors or locked pages starve the host",
		Fix:    "--ulimit core=0:0, --ulimit nofile=16384:16384",
		Breaks: "a limit above the caller's own hard limit makes runc refuse to start",
		Refs:   []string{"IBM L100", "OWASP #7", "CIS 5.19", "NSA resource limits", "CWE-770"},
		Reads:  []container.Row{container.UlimitOf},
		Judge:  ulimits, Mend: mendUlimit,
	},
	{
		ID: "ZL-806", Name: "shm-size", Title: "Shared memory sized for the backend", Severity: Low,
		Why:    "shared memory that suffices keeps people from --ipc=host",
		Fix:    "--shm-size 64m and more: 64 MiB for each instance of Triton's Python backend",
		Breaks: "it counts as memory of the container; Podman's own default is 65536000 bytes, just below",
		Refs:   []string{"CIS 5.17", "NSA resource limits"},
		Reads:  []container.Row{container.ShmSize, container.Ipc},
		Judge:  shmSize, Mend: set(container.ShmSize, enoughShm),
	},
	{
		ID: "ZL-807", Name: "limits-in-force", Title: "Limits are in force", Severity: Medium,
		Why:   "a plan is not a fact, and rootless on cgroup v1 a limit is dropped with one line of warning",
		Fix:   "delegate the controllers to users (ZL-104), and start the container anew",
		Refs:  []string{"IBM L100", "CIS 5.11", "CIS 5.12", "CIS 5.29", "NSA resource limits", "CWE-770"},
		Reads: []container.Row{container.LimitsInForce, container.Memory, container.MemorySwap, container.PidsLimit, container.Cpus},
		Judge: limitsInForce,
	},
	{
		ID: "ZL-808", Name: "oom-kept", Title: "OOM protection not inverted", Severity: Low,
		Why:   "a container that the kernel may not kill takes the host instead",
		Fix:   "leave --oom-kill-disable and a negative --oom-score-adj away",
		Refs:  []string{"CWE-770"},
		Reads: []container.Row{container.OomKillDisable, container.OomScoreAdj},
		Judge: oomKept, Mend: mendOom,
	},
}
