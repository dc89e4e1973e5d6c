package compose

import "github.com/zlaunch/zlaunch/launcher/container"

// key is one key of a service and the row that stands under it.
type key struct {
	row    container.Row // nil: the key is read, and not written
	name   string        // with those above it: "logging.driver"; "" the row has no key
	option string        // of docker run and podman run, that says the same
	as     shape
	not    lacks
}

// lacks are the targets that cannot say a row.
type lacks map[string]lack

// lack is why.
type lack struct {
	why    string
	nature string // the value that the row has all the same, see [form.Says]
	moot   bool
}

func everywhere(l lack) lacks { return lacks{Docker: l, Podman: l, Podman10: l} }
func docker(l lack) lacks     { return lacks{Docker: l} }
func podman(l lack) lacks     { return lacks{Podman: l, Podman10: l} }
func podman10(l lack) lacks   { return lacks{Podman10: l} }

func (l lacks) and(more lacks) lacks {
	for target, lack := range more {
		l[target] = lack
	}
	return l
}

// silent is said of a key that podman-compose passes over without a word.
func silent(key string) lack {
	return lack{why: "podman-compose passes " + key + " over without a word"}
}

func (l lack) unless(nature string) lack {
	l.nature = nature
	return l
}

// keys is the table, in the order of a file.
var keys = []key{
	{container.Image, "image", "", textualImage, nil},
	{container.Pull, "pull_policy", "pull", pulled, nil},
	{container.Name, "container_name", "name", textual, nil},
	{container.Entrypoint, "entrypoint", "entrypoint", entrypoint, nil},
	{container.Args, "command", "", words(container.Args), nil},
	{container.Workdir, "working_dir", "workdir", textual, nil},
	{container.Env, "environment", "env", listed, nil},
	{container.SecretOf, "secrets", "secret", secrets, docker(lack{why: "docker compose has no secrets but those of a file or a variable"})},

	{container.User, "user", "user", textual, nil},
	{container.GroupAdd, "group_add", "group-add", listed, podman10(silent("group_add"))},
	{container.Userns, "userns_mode", "userns", textual, docker(lack{why: "Docker maps the users of all containers alike, in daemon.json", nature: "host"}).
		and(podman10(silent("userns_mode").unless("host")))},

	{container.Privileged, "privileged", "privileged", literal, nil},
	{container.CapDrop, "cap_drop", "cap-drop", listed, nil},
	{container.CapAdd, "cap_add", "cap-add", listed, nil},
	{container.NoNewPrivileges, "security_opt", "security-opt", listed, nil},
	{container.SeccompProfile, "security_opt", "security-opt", filter, nil},
	{container.SecurityLabel, "security_opt", "security-opt", labels, nil},
	{container.Apparmor, "security_opt", "security-opt", listed, nil},
	{container.Mask, "security_opt", "security-opt", listed, docker(lack{why: "Docker masks no further paths"})},
	{container.Unmask, "security_opt", "security-opt", listed, docker(lack{why: "Docker unmasks no single paths"})},

	{container.ReadOnly, "read_only", "read-only", literal, nil},
	{container.ReadOnlyTmpfs, "", "", shape{}, docker(lack{why: "Docker has no tmpfs of its own", nature: "false"}).
		and(podman(lack{why: "podman-compose has no key that takes Podman's own tmpfs away", nature: "true"}))},
	{container.TmpfsAt, "tmpfs", "tmpfs", inMemory, nil},
	{container.VolumeAt, "volumes", "volume", mounts, nil},
	{container.ImageVolume, "", "", shape{}, everywhere(lack{why: "Compose has no key for the VOLUMEs of an image", nature: "anonymous"})},
	{container.ShmSize, "shm_size", "shm-size", sized(container.ShmSize), nil},
	{container.Device, "devices", "device", shape{listed.write, readDevices}, nil},

	{container.Network, "networks", "network", networks, nil},
	{container.Publish, "ports", "publish", published, nil},
	{container.Hostname, "hostname", "hostname", textual, nil},
	{container.Ipc, "ipc", "ipc", textual, podman(silent("ipc").unless("shareable"))},
	{container.Pid, "pid", "pid", namespace(container.Pid), podman10(silent("pid").unless("private"))},
	{container.Uts, "uts", "uts", namespace(container.Uts), podman(silent("uts").unless("private"))},
	{container.Cgroupns, "cgroup", "cgroupns", textual, podman(silent("cgroup").unless("private"))},
	{container.Sysctl, "sysctls", "sysctl", listed, nil},

	{container.Memory, "mem_limit", "memory", sized(container.Memory), nil},
	{container.MemorySwap, "memswap_limit", "memory-swap", sized(container.MemorySwap), podman(silent("memswap_limit"))},
	{container.Cpus, "cpus", "cpus", literal, nil},
	{container.PidsLimit, "pids_limit", "pids-limit", literal, podman10(silent("pids_limit").unless("2048"))},
	{container.UlimitOf, "ulimits", "ulimit", limits, nil},

	{container.Rm, "", "", shape{}, everywhere(lack{why: "Compose removes its containers when it is told: down", moot: true})},
	{container.Restart, "restart", "restart", textual, nil},
	{container.Init, "init", "init", literal, nil},
	{container.StopTimeout, "stop_grace_period", "stop-timeout", seconds, podman(silent("stop_grace_period").unless("10"))},
	{container.Systemd, "", "", shape{}, docker(lack{why: "Docker has no mode for systemd", nature: "false"}).
		and(podman(lack{why: "podman-compose has no key for it", nature: "true"}))},
	{container.NoHealthcheck, "healthcheck.test", "health-cmd", noCheck, nil},
	{container.Interactive, "stdin_open", "interactive", literal, nil},
	{container.Tty, "tty", "tty", literal, nil},
	{container.LogDriver, "logging.driver", "log-driver", driver, nil},
	{container.LogOpt, "logging.options", "log-opt", logOptions, nil},
	{container.Umask, "", "", shape{}, everywhere(lack{why: "Compose has no key for the umask", nature: "0022"})},
	{container.HttpProxy, "http_proxy", "http-proxy", proxied, docker(lack{why: "Docker has no key for it: config.json of the client names proxies", nature: "false"}).
		and(podman10(silent("http_proxy").unless("true")))},
	{container.Labels, "labels", "label", listed, nil},
	{container.Annotation, "annotations", "annotation", listed, nil},
}
