package command

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// runOptions are all options of podman run 4.3 to 5.8 (cmd/podman/common:
// create.go and netflags.go, cmd/podman/containers/run.go, cmd/podman/root.go for
// the persistent ones) and of docker run 28.
func runOptions() []option {
	return slices.Concat(identity(), privilege(), files(), nets(), resources(), life(), hostFiles(), persistent(), unjudged())
}

// hostFiles are the options that name a file of the host, which the engine opens.
func hostFiles() []option {
	return []option{
		lastFile("cidfile", both, toWrite),
		lastFile("conmon-pidfile", podman, toWrite),
		lastFile("pidfile", podman, toWrite),
		lastFile("init-path", podman, toRead), // the workload's first program
		{name: "hosts-file", of: podman, row: container.HostFiles, read: readHostsFile},
		{name: "health-log-destination", of: podman, row: container.HostFiles, read: readHealthLog},
		{name: "tz", of: podman, row: container.HostFiles, read: readZone},
		hostFile("label-file", both, toRead).opening("labels stand in a file that is not read", container.Labels),
	}
}

// Reasons why no control has to judge an option that several have.
const (
	callers  = "it is about the caller's terminal"
	ownRange = "newuidmap and newgidmap give no range that is not the caller's"
	exposes  = "it opens nothing by itself, and --publish-all is judged"
)

func identity() []option {
	return []option{
		text("name", 0, both, container.Name).because("what it is called changes nothing of what it may do"),
		choice("pull", 0, both, container.Pull, "missing never always newer ifnewer ifmissing"),
		text("workdir", 'w', both, container.Workdir),
		{name: "entrypoint", of: both, row: container.Entrypoint, read: readEntrypoint},
		{name: "env", short: 'e', of: both, row: container.Env, read: readEnv},
		array("env-file", both, container.EnvFile),
		{name: "env-merge", of: podman, row: container.Env, read: readEnvMerge},
		{name: "env-host", boolean: true, of: podman, row: container.EnvHost, read: flagOf(container.EnvHost)},
		{name: "secret", of: podman, row: container.SecretOf, read: readSecret},
		{name: "arch", of: podman, row: container.Platform, read: readPlatform},
		{name: "os", of: podman, row: container.Platform, read: readPlatform},
		{name: "variant", of: podman, row: container.Platform, read: readPlatform},
		text("platform", 0, both, container.Platform),
		{name: "rootfs", boolean: true, of: podman, row: container.Rootfs, read: readRootfs},
		text("signature-policy", 0, podman, container.SignaturePolicy),
		{name: "creds", of: podman, row: container.Other, read: keepAs(container.Other)}, // a secret, which is judged wherever it stands
		{name: "decryption-key", of: podman, row: container.Other, read: keepAs(container.Other)},
		opener("cert-dir", podman, "which certificates of a registry it trusts is not known", container.TlsVerify),
		flag("tls-verify", 0, podman, container.TlsVerify),
		option{name: "user", short: 'u', of: both, row: container.User, plain: true, read: readUser},
		slice("group-add", podman, container.GroupAdd),
		array("group-add", docker, container.GroupAdd),
		choice("userns", 0, podman, container.Userns, "host keep-id auto nomap private ns container"),
		choice("userns", 0, docker, container.Userns, "host"),
		slice("uidmap", podman, container.UidMaps),
		slice("gidmap", podman, container.GidMaps),
		option{name: "subuidname", of: podman, row: container.SubIds, read: keepAs(container.SubIds)}.because(ownRange),
		option{name: "subgidname", of: podman, row: container.SubIds, read: keepAs(container.SubIds)}.because(ownRange),
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
		{name: "security-opt", of: both, row: container.NoNewPrivileges, read: readSecurityOpt, also: []container.Row{container.SeccompProfile,
			container.SecurityLabel, container.Apparmor, container.Mask, container.Unmask, container.ProcOpts}},
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
		array("gpus", docker, container.Gpus),
		opener("volume-driver", docker, "what the driver mounts is not known", container.VolumeAt),
		{name: "use-api-socket", boolean: true, of: docker, row: container.VolumeAt, read: readAPISocket},
	}
}

func nets() []option {
	return []option{
		{name: "network", of: both, row: container.Network, read: readNetwork},
		{name: "publish", short: 'p', of: both, row: container.Publish, read: readPublish},
		flag("publish-all", 'P', both, container.PublishAll),
		slice("expose", podman, container.Expose).because(exposes),
		array("expose", docker, container.Expose).because(exposes),
		slice("add-host", podman, container.AddHost),
		array("add-host", docker, container.AddHost),
		slice("dns", podman, container.Dns),
		slice("dns-option", podman, container.Dns),
		slice("dns-search", podman, container.Dns),
		array("dns", docker, container.Dns),
		array("dns-option", docker, container.Dns),
		array("dns-search", docker, container.Dns),
		flag("no-hosts", 0, podman, container.NoHosts),
		text("hostname", 'h', both, container.Hostname).because("what it is called changes nothing of what it may do"),
		choice("ipc", 0, both, container.Ipc, "host private shareable none container ns pod"),
		choice("pid", 0, both, container.Pid, "host private container ns pod"),
		choice("uts", 0, both, container.Uts, "host private container ns pod"),
		choice("cgroupns", 0, both, container.Cgroupns, "host private container ns pod"),
		text("pod", 0, podman, container.Pod),
		text("pod-id-file", 0, podman, container.Pod),
		{name: "sysctl", of: podman, row: container.Sysctl, read: readSysctls},
		pairs("sysctl", 0, docker, container.Sysctl),
		choice("cgroups", 0, podman, container.Cgroups, "enabled disabled no-conmon split"),
		text("cgroup-parent", 0, both, container.CgroupParent),
		slice("cgroup-conf", podman, container.CgroupConf),
		opener("link", docker, "it brings variables of another container in", container.Env, container.Network),
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
		{name: "rmi", boolean: true, of: podman, row: container.Rm, read: readRmi},
		choice("restart", 0, both, container.Restart, "no never always on-failure unless-stopped"),
		flag("init", 0, both, container.Init),
		integer("stop-timeout", 0, both, container.StopTimeout),
		integer("timeout", 0, podman, container.Timeout),
		{name: "systemd", of: podman, row: container.Systemd, read: lower(container.Systemd)},
		flag("no-healthcheck", 0, both, container.NoHealthcheck),
		{name: "health-cmd", of: both, row: container.HealthCmd, read: readHealthCmd},
		{name: "health-interval", of: podman, row: container.NoHealthcheck, read: readHealthInterval},
		choice("health-on-failure", 0, podman, container.HealthOnFailure, "none kill restart stop"),
		flag("interactive", 'i', both, container.Interactive).because(callers),
		flag("tty", 't', both, container.Tty).because(callers),
		flag("detach", 'd', both, container.Detach).because(callers),
		flag("replace", 0, podman, container.Replace).because("it removes a container of the same name and user"),
		choice("log-driver", 0, both, container.LogDriver, "k8s-file journald none passthrough passthrough-tty json-file local syslog gelf fluentd awslogs splunk gcplogs"),
		{name: "log-opt", of: both, row: container.LogOpt, read: readLogOpt},
		flag("http-proxy", 0, podman, container.HttpProxy),
		integer("preserve-fds", 0, podman, container.PreserveFds),
		{name: "preserve-fd", of: podman, row: container.PreserveFds, read: readPreserveFd},
		text("sdnotify", 0, podman, container.Sdnotify).because("it passes one socket on, by which systemd is told of the state of the service"),
	}
}
