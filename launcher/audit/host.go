package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// host are the controls of group 1: the engine and the host. They are asked once
// for each host; a plan brings what preflight found, see [Judge].
var host = []*Control{
	{
		ID: "ZL-101", Name: "rootless", Title: "The engine is rootless", Severity: High,
		Why:    "an escape lands as an ordinary user, not as uid 0 on the host",
		Fix:    "call podman as an ordinary user, without sudo; of docker use the rootless setup",
		Breaks: "host ports below 1024, some storage drivers, limits without delegated controllers",
		Refs:   []string{"OWASP #11", "CIS 2.1", "NIST 3.5.4", "NIST 4.5.4", "NSA rootless engines", "CWE-250", "IBM L131-144"},
		Reads:  []container.Row{container.Rootless},
		Judge:  judgeRootless,
		Mend:   set(container.Prefix, nil),
	},
	{
		ID: "ZL-102", Name: "no-engine-socket", Title: "No engine socket inside the container", Severity: Critical,
		Why:    "an engine's socket is its whole API: who may write to it starts a container with any mount, and read-only does not help",
		Fix:    "leave --volume of the socket, and of any directory that holds one, away",
		Breaks: "helpers that start sibling containers; no model server is one",
		Refs: []string{"OWASP #1", "CIS 5.32", "PSS baseline", "KSV-0006", "CKV_K8S_27", "kubesec DockerSock", "NIST 3.4.3", "CWE-668",
			"IBM L140-144"},
		Reads: []container.Row{container.VolumeAt, container.EnvNames, container.MountOther, container.VolumesFrom, container.Rootfs},
		Judge: judgeEngineSocket,
		Mend:  withoutSocket,
	},
	{
		ID: "ZL-103", Name: "no-tcp-api", Title: "The engine's API is not on TCP", Severity: High,
		Why:   "an API without authentication gives whoever reaches it the rights of the engine's user",
		Fix:   "listen on a Unix socket, and reach another host by --url ssh://",
		Refs:  []string{"OWASP #1", "NIST 3.5.4", "CWE-306", "IBM L140-142"},
		Reads: []container.Row{container.EngineAPI, container.Remote},
		Judge: judgeTCP,
	},
	{
		ID: "ZL-104", Name: "limits-enforceable", Title: "Limits can be enforced", Severity: Medium,
		Why:    "a limit that is silently dropped is a denial of service waiting to happen",
		Fix:    "boot with cgroup v2, and delegate: Delegate=cpu cpuset io memory pids in a drop-in of user@.service",
		Breaks: "needs root on the host once",
		Refs:   []string{"CIS 5.11", "CIS 5.12", "CIS 5.29", "NIST 4.5", "CWE-770", "IBM L100"},
		Reads:  []container.Row{container.CgroupVersion, container.CgroupControllers},
		Judge:  judgeEnforceable,
	},
	{
		ID: "ZL-105", Name: "sub-ids", Title: "Sub-uids and sub-gids exist, suffice and overlap nobody's", Severity: Medium,
		Why:    "without a range of its own every container uid is the caller, and who shares a range shares files",
		Fix:    "usermod --add-subuids and --add-subgids with 65536 ids of nobody else, then podman system migrate",
		Breaks: "an image with ids beyond the range cannot be unpacked",
		Refs:   []string{"OWASP #2", "NIST 4.5.2", "CWE-266", "IBM L132-138"},
	},
	{
		ID: "ZL-106", Name: "patched", Title: "Engine, runtime and kernel are patched", Severity: Medium,
		Why:    "known escapes need no mistake in the options",
		Fix:    "update podman, crun or runc, conmon and the kernel from the distribution",
		Breaks: "distributions mend old versions: the number alone proves nothing, their list of advisories does",
		Refs: []string{"OWASP #0", "CIS 1.1", "NIST 3.4.1", "NIST 4.4.1", "NIST 3.5.3", "CWE-1395", "IBM L184-190",
			"CVE-2026-94603", "CVE-2026-57231", "CVE-2026-55686", "CVE-2026-121885", "CVE-2026-111361", "CVE-2025-11395", "CVE-2024-9341", "CVE-2024-9676"},
		Reads: []container.Row{container.EngineVersion},
		Judge: judgePatched,
	},
	{
		ID: "ZL-107", Name: "host-defaults", Title: "The host's defaults do not weaken the run", Severity: High,
		Why:   "containers.conf can weaken every run while the command line looks clean",
		Fix:   "state every security option, leave --module and CONTAINERS_CONF away, and take what weakens out of containers.conf",
		Refs:  []string{"NIST 4.4.3", "CWE-1188", "IBM L104-108"},
		Reads: []container.Row{container.Modules, container.HostSteers},
		Judge: judgeDefaults,
		Mend:  ownDefaults,
	},
	{
		ID: "ZL-108", Name: "runtime-and-hooks", Title: "The OCI runtime and its hooks are the expected ones", Severity: Medium,
		Why:    "another runtime, a hook or a program of the engine's is code on the host, and an annotation changes isolation without any option",
		Fix:    "leave --runtime, --runtime-flag, --hooks-dir, --conmon and the like, LD_PRELOAD and annotations of the runtime away",
		Breaks: "wrapped runtimes for accelerators: use CDI, --device VENDOR/CLASS=NAME",
		Refs:   []string{"NIST 3.4.5", "CWE-829"},
		Reads:  []container.Row{container.Runtime, container.RuntimeOpt, container.HooksDir, container.HostFiles, container.Annotation, container.Workdir, container.HostSteers},
		Judge:  judgeRuntime,
		Mend:   plainRuntime,
	},
}
