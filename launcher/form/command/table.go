package command

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// runOptions are all options of podman run 4.3 to 5.8 (cmd/podman/common:
// create.go and netflags.go, cmd/podman/containers/run.go, cmd/podman/root.go for
// the persistent ones) and of docker run 28.
func runOptions() []option {
	return slices.Concat(identity(), privilege(), files(), nets(), resources(), life(), persistent(), opened(), filesOfRun(),
		harmlessOfBoth(), harmlessOfPodman(), harmlessOfDocker())
}

func identity() []option {
	return []option{
		unjudged(text("name", 0, both, container.Name), "what it is called; the container of that name before it is the caller's"),
		choice("pull", 0, podman, container.Pull, "missing never always newer ifnewer ifmissing"),
		choice("pull", 0, docker, container.Pull, "missing never always"),
		text("workdir", 'w', both, container.Workdir),
		{name: "entrypoint", of: both, row: container.Entrypoint, read: readEntrypoint},
		{name: "env", short: 'e', of: both, row: container.Env, read: readEnv},
		{name: "env-file", of: both, row: container.EnvFile, read: readEnvFile},
		{name: "env-merge", of: podman, row: container.Env, read: readEnvMerge},
		{name: "creds", of: podman, row: container.Other, judged: true, read: keepAs(container.Other)},
		{name: "env-host", boolean: true, of: podman, row: container.EnvHost, read: flagOf(container.EnvHost)},
		{name: "secret", of: podman, row: container.SecretOf, read: readSecret},
		{name: "arch", of: podman, row: container.Platform, read: readPlatform},
		{name: "os", of: podman, row: container.Platform, read: readPlatform},
		{name: "variant", of: podman, row: container.Platform, read: readPlatform},
		text("platform", 0, both, container.Platform),
		{name: "rootfs", boolean: true, of: podman, row: container.Rootfs, read: readRootfs},
		text("signature-policy", 0, podman, container.SignaturePolicy),
		flag("tls-verify", 0, podman, container.TlsVerify),
		text("user", 'u', both, container.User),
		slice("group-add", podman, container.GroupAdd),
		array("group-add", docker, container.GroupAdd),
		choice("userns", 0, podman, container.Userns, "host keep-id auto nomap private ns container"),
		choice("userns", 0, docker, container.Userns, "host"),
		slice("uidmap", podman, container.UidMaps),
		slice("gidmap", podman, container.GidMaps),
		{name: "subuidname", of: podman, row: container.SubIds, opens: ofSubIDs, read: readSubIDs},
		{name: "subgidname", of: podman, row: container.SubIds, opens: ofSubIDs, read: readSubIDs},
		{name: "passwd-entry", of: podman, row: container.InjectedUsers, read: keepAs(container.InjectedUsers)},
		{name: "group-entry", of: podman, row: container.InjectedUsers, read: keepAs(container.InjectedUsers)},
		{name: "hostuser", of: podman, row: container.InjectedUsers, read: keepAs(container.InjectedUsers)},
		text("umask", 0, podman, container.Umask),
		pairs("label", 'l', both, container.Labels),
		pairs("annotation", 0, both, container.Annotation),
	}
}

func privilege() []option {
	return []option{
		flag("privileged", 0, both, container.Privileged),
		{name: "cap-drop", of: both, row: container.CapDrop, read: capabilities(container.CapDrop)},
		{name: "cap-add", of: both, row: container.CapAdd, read: capabilities(container.CapAdd)},
		{name: "security-opt", of: both, judged: true, read: readSecurityOpt},
		choice("seccomp-policy", 0, podman, container.SeccompPolicy, "default image"),
	}
}

func files() []option {
	return []option{
		flag("read-only", 0, both, container.ReadOnly),
		flag("read-only-tmpfs", 0, podman, container.ReadOnlyTmpfs),
		{name: "tmpfs", of: both, row: container.TmpfsAt, read: readTmpfs},
		{name: "volume", short: 'v', of: both, row: container.VolumeAt, read: readVolume},
		{name: "mount", of: both, row: container.VolumeAt, read: readMount},
		array("volumes-from", both, container.VolumesFrom),
		{name: "image-volume", of: podman, row: container.ImageVolume, read: readImageVolume},
		size("shm-size", 0, container.ShmSize),
		array("device", both, container.Device),
		slice("device-cgroup-rule", podman, container.DeviceCgroupRule),
		array("device-cgroup-rule", docker, container.DeviceCgroupRule),
		slice("gpus", podman, container.Gpus),
		{name: "gpus", of: docker, row: container.Gpus, plain: true, read: readDockerGpus},
		{name: "use-api-socket", boolean: true, of: docker, row: container.VolumeAt, read: readAPISocket},
	}
}

func nets() []option {
	return []option{
		{name: "network", of: both, row: container.Network, read: readNetwork},
		{name: "publish", short: 'p', of: both, row: container.Publish, read: readPublish},
		flag("publish-all", 'P', both, container.PublishAll),
		unjudged(slice("expose", podman, container.Expose), "it publishes nothing: publish and publish-all do"),
		unjudged(array("expose", docker, container.Expose), "it publishes nothing: publish and publish-all do"),
		slice("add-host", podman, container.AddHost),
		array("add-host", docker, container.AddHost),
		slice("dns", podman, container.Dns),
		slice("dns-option", podman, container.Dns),
		slice("dns-search", podman, container.Dns),
		array("dns", docker, container.Dns),
		array("dns-option", docker, container.Dns),
		array("dns-search", docker, container.Dns),
		flag("no-hosts", 0, podman, container.NoHosts),
		unjudged(text("hostname", 'h', both, container.Hostname), "what it calls itself"),
		choice("ipc", 0, both, container.Ipc, "host private shareable none container ns pod"),
		choice("pid", 0, podman, container.Pid, "host private container ns pod"),
		choice("pid", 0, docker, container.Pid, "host container"),
		choice("uts", 0, podman, container.Uts, "host private container ns pod"),
		choice("uts", 0, docker, container.Uts, "host"),
		choice("cgroupns", 0, podman, container.Cgroupns, "host private container ns pod"),
		choice("cgroupns", 0, docker, container.Cgroupns, "host private"),
		text("pod", 0, podman, container.Pod),
		{name: "pod-id-file", of: podman, row: container.Pod, read: readPodIDFileOfRun},
		{name: "sysctl", of: podman, row: container.Sysctl, read: readSysctls},
		pairs("sysctl", 0, docker, container.Sysctl),
		choice("cgroups", 0, podman, container.Cgroups, "enabled disabled no-conmon split"),
		text("cgroup-parent", 0, both, container.CgroupParent),
	}
}

func resources() []option {
	return []option{
		size("memory", 'm', container.Memory),
		size("memory-swap", 0, container.MemorySwap),
		{name: "cpus", of: both, row: container.Cpus, read: readCpus},
		{name: "cpu-quota", of: both, row: container.Cpus, read: readQuota},
		{name: "cpu-period", of: both, row: container.Cpus, read: readPeriod},
		integer("cpu-shares", 'c', both, container.CpuShares),
		text("cpuset-cpus", 0, both, container.Cpuset),
		integer("pids-limit", 0, both, container.PidsLimit),
		{name: "ulimit", of: both, row: container.UlimitOf, read: readUlimits},
		flag("oom-kill-disable", 0, both, container.OomKillDisable),
		integer("oom-score-adj", 0, both, container.OomScoreAdj),
	}
}

func life() []option {
	return []option{
		flag("rm", 0, both, container.Rm),
		{name: "rmi", boolean: true, of: podman, row: container.Rm, read: readRmi, harmless: "it is rm, and the image goes too"},
		choice("restart", 0, both, container.Restart, "no never always on-failure unless-stopped"),
		flag("init", 0, both, container.Init),
		integer("stop-timeout", 0, both, container.StopTimeout),
		integer("timeout", 0, podman, container.Timeout),
		{name: "systemd", of: podman, row: container.Systemd, read: lower(container.Systemd)},
		flag("no-healthcheck", 0, both, container.NoHealthcheck),
		{name: "health-cmd", of: both, row: container.HealthCmd, read: readHealthCmd},
		{name: "health-interval", of: podman, row: container.NoHealthcheck, read: readHealthInterval},
		choice("health-on-failure", 0, podman, container.HealthOnFailure, "none kill restart stop"),
		unjudged(flag("interactive", 'i', both, container.Interactive), ofTheTerminal),
		unjudged(flag("tty", 't', both, container.Tty), ofTheTerminal),
		unjudged(flag("detach", 'd', both, container.Detach), "whether the caller waits for it"),
		unjudged(flag("replace", 0, podman, container.Replace), "the container of that name before it is the caller's"),
		choice("log-driver", 0, both, container.LogDriver, logDrivers),
		{name: "log-opt", of: both, row: container.LogOpt, read: readLogOpt},
		flag("http-proxy", 0, podman, container.HttpProxy),
		integer("preserve-fds", 0, podman, container.PreserveFds),
		{name: "preserve-fd", of: podman, row: container.PreserveFds, read: readPreserveFd},
		unjudged(text("sdnotify", 0, podman, container.Sdnotify), "who tells systemd that it is ready"),
	}
}
