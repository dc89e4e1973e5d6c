package podmanrun

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// All is the whole table: one option for each row that is not derived.
func All() Options {
	return Options{
		positional(container.Image, func(v string) []string { return []string{v} }),
		text(container.Pull, "pull"),
		text(container.Name, "name"),
		{container.Entrypoint, "entrypoint", "", writeEntrypoint, readEntrypoint},
		positional(container.Args, func(v []string) []string { return v }),
		text(container.Workdir, "workdir"),
		pairs(container.Env, "env", readEnv),
		{container.SecretOf, "secret", "", writeSecrets, readSecret},

		text(container.User, "user"),
		list(container.GroupAdd, "group-add", splitCSV),
		text(container.Userns, "userns"),

		boolean(container.Privileged, "privileged"),
		list(container.CapDrop, "cap-drop", splitCapabilities),
		list(container.CapAdd, "cap-add", splitCapabilities),
		{container.NoNewPrivileges, securityOpt, "no-new-privileges", writeNoNewPrivileges, readNoNewPrivileges},
		{container.SeccompProfile, securityOpt, "seccomp", writeSeccomp, readSeccomp},
		words(container.SecurityLabel, "label", single),
		{container.Apparmor, securityOpt, "apparmor", writeApparmor, readApparmor},
		words(container.Mask, "mask", splitColon),
		words(container.Unmask, "unmask", splitColon),

		boolean(container.ReadOnly, "read-only"),
		boolean(container.ReadOnlyTmpfs, "read-only-tmpfs"),
		{container.TmpfsAt, "tmpfs", "", writeTmpfs, readTmpfs},
		{container.VolumeAt, "volume", "", writeVolumes, readVolume},
		text(container.ImageVolume, "image-volume"),
		{container.ShmSize, "shm-size", "", writeShmSize, readSize(container.ShmSize)},
		list(container.Device, "device", single),

		list(container.Network, "network", splitNetworks),
		{container.Publish, "publish", "", writePublish, readPublish},
		text(container.Hostname, "hostname"),
		text(container.Ipc, "ipc"),
		text(container.Pid, "pid"),
		text(container.Uts, "uts"),
		text(container.Cgroupns, "cgroupns"),
		csvPairs(container.Sysctl, "sysctl"),

		size(container.Memory, "memory"),
		size(container.MemorySwap, "memory-swap"),
		{container.Cpus, "cpus", "", writeCpus, readCpus},
		integer(container.PidsLimit, "pids-limit"),
		{container.UlimitOf, "ulimit", "", writeUlimits, readUlimits},

		boolean(container.Rm, "rm"),
		text(container.Restart, "restart"),
		boolean(container.Init, "init"),
		integer(container.StopTimeout, "stop-timeout"),
		text(container.Systemd, "systemd"),
		boolean(container.NoHealthcheck, "no-healthcheck"),
		boolean(container.Interactive, "interactive"),
		boolean(container.Tty, "tty"),
		text(container.LogDriver, "log-driver"),
		pairs(container.LogOpt, "log-opt", readPair),
		text(container.Umask, "umask"),
		boolean(container.HttpProxy, "http-proxy"),
		pairs(container.Labels, "label", readLabel),
		pairs(container.Annotation, "annotation", readPair),
	}
}

// shorthands are podman-run's one-letter options for the rows above.
var shorthands = map[string]string{
	"workdir": "w", "env": "e", "user": "u", "volume": "v", "publish": "p", "hostname": "h",
	"memory": "m", "interactive": "i", "tty": "t", "label": "l",
}
