package podman

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// ours are the rows of a reading in the form that [theirs] gives them: what
// Podman's client works out of several options stands here as it does there.
func ours(s *container.Spec) map[string]any {
	out := map[string]any{}
	for k, f := range map[string]container.Field[string]{
		"image": container.Image, "name": container.Name, "workdir": container.Workdir, "user": container.User, "apparmor": container.Apparmor,
		"seccomp": container.SeccompProfile, "hostname": container.Hostname, "ipc": container.Ipc, "pid": container.Pid, "uts": container.Uts,
		"cgroupns": container.Cgroupns, "cgroup_parent": container.CgroupParent, "log_driver": container.LogDriver, "cpuset": container.Cpuset,
	} {
		out[k] = rowOf(f, s)
	}
	for k, f := range map[string]container.Field[bool]{
		"privileged": container.Privileged, "no_new_privileges": container.NoNewPrivileges, "read_only": container.ReadOnly, "rm": container.Rm,
		"init": container.Init, "interactive": container.Interactive, "tty": container.Tty, "publish_all": container.PublishAll,
		"no_hosts": container.NoHosts, "oom_kill_disable": container.OomKillDisable,
	} {
		out[k] = rowOf(f, s)
	}
	for k, f := range map[string]container.Field[[]string]{
		"args": container.Args, "group_add": container.GroupAdd, "cap_drop": container.CapDrop, "cap_add": container.CapAdd,
		"label_opts": container.SecurityLabel, "mask": container.Mask, "unmask": container.Unmask, "device": container.Device,
		"volumes_from": container.VolumesFrom, "add_host": container.AddHost,
	} {
		out[k] = append([]string{}, rowOf(f, s)...)
	}
	out["env"], out["label"], out["annotation"] = s.Env, s.Labels, s.Annotation
	out["sysctl"] = s.Sysctl
	ourValues(s, out)
	ourNetwork(s, out)
	ourLimits(s, out)
	out["mounts"] = ourMounts(s)
	out["read_only_tmpfs"] = rowOf(container.ReadOnly, s) && or(container.ReadOnlyTmpfs, s, true)
	for _, k := range []string{"env", "label", "annotation", "sysctl"} {
		if len(out[k].(map[string]string)) == 0 {
			out[k] = map[string]string{}
		}
	}
	return out
}

func or[T comparable](f container.Field[T], s *container.Spec, unstated T) T {
	if v, _, ok := f.Get(s); ok {
		return v
	}
	return unstated
}

func ourValues(s *container.Spec, out map[string]any) {
	entrypoint, _, stated := container.Entrypoint.Get(s)
	if stated && len(entrypoint) == 0 {
		entrypoint = []string{""}
	}
	out["entrypoint"] = append([]string{}, entrypoint...)
	out["pull"] = or(container.Pull, s, "missing")
	out["platform"] = strings.TrimPrefix(rowOf(container.Platform, s), "linux/")
	out["umask"] = or(container.Umask, s, "0022")
	out["http_proxy"] = or(container.HttpProxy, s, true)
	out["stop_timeout"] = or(container.StopTimeout, s, 10)
	out["timeout"] = or(container.Timeout, s, 0)
	out["systemd"] = or(container.Systemd, s, "true")
	out["sdnotify"] = or(container.Sdnotify, s, "container")
	out["cgroups"] = or(container.Cgroups, s, "enabled")
	out["seccomp_policy"] = or(container.SeccompPolicy, s, "default")
	out["image_volume"] = or(container.ImageVolume, s, "anonymous")
	out["pod"] = strings.TrimPrefix(rowOf(container.Pod, s), "new:")
	out["restart"] = rowOf(container.Restart, s)
	out["shm_size"] = or(container.ShmSize, s, 0)
	out["proc_opts"] = rowOf(container.ProcOpts, s)
	out["health_on_failure"] = slices.Index([]string{"none", "invalid", "kill", "restart", "stop"}, or(container.HealthOnFailure, s, "none"))
	out["no_healthcheck"] = rowOf(container.NoHealthcheck, s)
	out["health_cmd"] = rowOf(container.HealthCmd, s) != "" && !rowOf(container.NoHealthcheck, s)
	userns := rowOf(container.Userns, s)
	if maps := rowOf(container.UidMaps, s); len(maps) > 0 {
		userns = "private"
	}
	out["userns"] = userns
	out["uidmap"] = joinedMaps(rowOf(container.UidMaps, s))
	out["device_rules"] = append([]string{}, rowOf(container.DeviceCgroupRule, s)...)
	injected := rowOf(container.InjectedUsers, s)
	out["injected"] = sorted(injected)
	secrets := []string{}
	for _, k := range container.SecretOf.Keys(s) {
		v, _, _ := container.SecretOf.Get(s, k)
		k, _, _ := strings.Cut(k, "@")
		if v.Type == "env" {
			secrets = append(secrets, k+" env "+v.Target)
			continue
		}
		if v.Mode == 0 {
			v.Mode = secretMode
		}
		secrets = append(secrets, fmt.Sprintf("%s mount %s %o", k, v.Target, v.Mode))
	}
	out["secret"] = sorted(secrets)
	log := map[string]string{}
	for k, v := range s.LogOpt {
		if k != "driver" {
			log[k] = strings.ReplaceAll(v, "10mb", "10000000")
		}
	}
	out["log_opt"] = log
}

func ourNetwork(s *container.Spec, out map[string]any) {
	nets := rowOf(container.Network, s)
	mode, names := "", []string{}
	for i, n := range nets {
		head, _, _ := strings.Cut(n, ":")
		switch {
		case i == 0 && slices.Contains([]string{"host", "none", "private", "slirp4netns", "container", "ns", "pasta"}, head):
			mode = n
		case i == 0 && n == "bridge":
			mode, names = "bridge", []string{"default"}
		default:
			mode, names = "bridge", append(names, n)
		}
	}
	out["network"] = []any{mode, sorted(names)}
	ports := []string{}
	for _, k := range container.Publish.Keys(s) {
		p, _, _ := container.Publish.Get(s, k)
		k, _, _ = strings.Cut(k, "@")
		_, proto, _ := strings.Cut(k, "/")
		ip := strings.TrimPrefix(p.HostIP, "0.0.0.0") // no address to Podman
		first, last, _ := container.PortRange(k)
		for i := range last - first + 1 {
			host := p.HostPort
			if host != 0 {
				host += i
			}
			ports = append(ports, fmt.Sprintf("%d/%s %s %d", first+i, proto, ip, host))
		}
	}
	out["publish"] = sorted(ports)
	expose := []string{}
	for _, e := range rowOf(container.Expose, s) {
		port, proto, has := strings.Cut(e, "/")
		if !has {
			proto = "tcp"
		}
		from, to, isRange := strings.Cut(port, "-")
		a, _ := strconv.Atoi(from)
		b, _ := strconv.Atoi(to)
		if !isRange {
			b = a
		}
		for ; a <= b; a++ {
			expose = append(expose, fmt.Sprintf("%d/%s", a, proto))
		}
	}
	out["expose"] = sorted(expose)
	out["dns"] = sorted(rowOf(container.Dns, s))
}

func ourLimits(s *container.Spec, out map[string]any) {
	memory, swap := rowOf(container.Memory, s), rowOf(container.MemorySwap, s)
	if swap == 0 && memory > 0 {
		swap = 2 * memory // Podman's client states it
	}
	out["memory"], out["memory_swap"] = memory, max(swap, 0)
	out["cpus"] = rowOf(container.Cpus, s)
	out["cpu_shares"] = rowOf(container.CpuShares, s)
	out["oom_score_adj"] = rowOf(container.OomScoreAdj, s)
	out["pids_limit"] = max(rowOf(container.PidsLimit, s), 0) // the client of 4 writes no limit as 0
	limits := []string{}
	for _, k := range container.UlimitOf.Keys(s) {
		u, _, _ := container.UlimitOf.Get(s, k)
		limits = append(limits, fmt.Sprintf("%s %d %d", k, uint64(u.Soft), uint64(u.Hard)))
	}
	out["ulimit"] = sorted(limits)
}

// ourMounts lists every mount as "TARGET kind SOURCE options", options sorted and
// without those that change nothing.
func ourMounts(s *container.Spec) []string {
	out := []string{}
	for _, target := range container.VolumeAt.Keys(s) {
		v, _, _ := container.VolumeAt.Get(s, target)
		kind := "volume"
		if v.Bind() {
			kind = "bind"
		}
		opts := []string{}
		for o, on := range map[string]bool{"ro": v.ReadOnly, v.Relabel: v.Relabel != "", "nosuid": v.NoSuid, "nodev": v.NoDev, "noexec": v.NoExec,
			"U": v.Chown, "O": v.Overlay, v.Propagation: v.Propagation != ""} {
			if on {
				opts = append(opts, o)
			}
		}
		out = append(out, fmt.Sprintf("%s %s %s %v", target, kind, v.Source, sorted(opts)))
	}
	for _, target := range container.TmpfsAt.Keys(s) {
		t, _, _ := container.TmpfsAt.Get(s, target)
		opts := []string{fmt.Sprintf("size=%d", t.Size), fmt.Sprintf("mode=%o", t.Mode)}
		for o, on := range map[string]bool{"ro": t.ReadOnly, "suid": t.Suid, "dev": t.Dev, "noexec": !t.Exec} {
			if on {
				opts = append(opts, o)
			}
		}
		out = append(out, fmt.Sprintf("%s tmpfs %v", target, sorted(opts)))
	}
	return sorted(out)
}

// number reads a JSON number; nothing is 0.
func number(v any) int64 {
	n, _ := v.(json.Number)
	i, err := n.Int64()
	if err != nil {
		u, _ := strconv.ParseUint(string(n), 10, 64)
		return int64(u)
	}
	return i
}

func texts(v any) []string {
	list, _ := v.([]any)
	out := []string{}
	for _, e := range list {
		out = append(out, fmt.Sprint(e))
	}
	return out
}
