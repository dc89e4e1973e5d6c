package podman

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"
)

// theirs are the rows as the request says them.
func theirs(got recorded) map[string]any {
	b := got.body
	out := map[string]any{}
	str := func(row, key string) { v, _ := b[key].(string); out[row] = v }
	for row, key := range map[string]string{
		"image": "image", "name": "name", "workdir": "work_dir", "user": "user", "apparmor": "apparmor_profile", "seccomp": "seccomp_profile_path",
		"hostname": "hostname", "cgroup_parent": "cgroup_parent", "umask": "umask", "systemd": "systemd", "sdnotify": "sdnotifyMode",
		"cgroups": "cgroups_mode", "seccomp_policy": "seccomp_policy", "image_volume": "image_volume_mode", "pod": "pod",
	} {
		str(row, key)
	}
	if out["cgroups"] == "" { // Podman 5 says it only where it is asked to
		out["cgroups"] = "enabled"
	}
	for row, key := range map[string]string{
		"privileged": "privileged", "no_new_privileges": "no_new_privileges", "read_only": "read_only_filesystem", "rm": "remove", "init": "init",
		"interactive": "stdin", "tty": "terminal", "publish_all": "publish_image_ports", "http_proxy": "httpproxy", "no_hosts": "use_image_hosts",
	} {
		v, _ := b[key].(bool)
		out[row] = v
	}
	for row, key := range map[string]string{
		"args": "command", "entrypoint": "entrypoint", "group_add": "groups", "label_opts": "selinux_opts", "mask": "mask",
		"volumes_from": "volumes_from", "add_host": "hostadd",
	} {
		out[row] = texts(b[key])
	}
	out["unmask"] = append([]string{}, slices.DeleteFunc(strings.Split(strings.Join(texts(b["unmask"]), ":"), ":"), func(p string) bool { return p == "" })...)
	out["cap_drop"], out["cap_add"] = lowered(texts(b["cap_drop"])), lowered(texts(b["cap_add"]))
	for row, key := range map[string]string{"env": "env", "label": "labels", "sysctl": "sysctl"} {
		m, _ := b[key].(map[string]any)
		if m == nil {
			m = map[string]any{}
		}
		out[row] = m
	}
	for row, key := range map[string]string{"ipc": "ipcns", "pid": "pidns", "uts": "utsns", "cgroupns": "cgroupns"} {
		out[row] = saidNamespace(b[key])
	}
	out["pull"], out["platform"] = got.pull.Get("policy"), got.pull.Get("arch")
	if v := got.pull.Get("variant"); v != "" {
		out["platform"] = got.pull.Get("arch") + "/" + v
	}
	theirValues(b, out)
	theirNetwork(b, out)
	theirLimits(b, out)
	out["mounts"], out["read_only_tmpfs"] = theirMounts(b), implicitTmpfs(b)
	return out
}

func saidNamespace(v any) string {
	m, _ := v.(map[string]any)
	mode, _ := m["nsmode"].(string)
	value, _ := m["value"].(string)
	switch {
	case mode == "path":
		return "ns:" + value
	case mode == "default":
		return ""
	case value != "":
		return mode + ":" + value
	}
	return mode
}

func theirValues(b map[string]any, out map[string]any) {
	out["shm_size"], out["stop_timeout"], out["timeout"] = number(b["shm_size"]), number(b["stop_timeout"]), number(b["timeout"])
	if _, stated := b["stop_timeout"]; !stated {
		out["stop_timeout"] = 0
	}
	out["proc_opts"] = strings.Join(texts(b["procfs_opts"]), ",")
	out["health_on_failure"] = number(b["health_check_on_failure_action"])
	health, _ := b["healthconfig"].(map[string]any)
	test := texts(health["Test"])
	out["no_healthcheck"] = slices.Equal(test, []string{"NONE"})
	out["health_cmd"] = len(test) > 0 && test[0] != "NONE"
	restart, _ := b["restart_policy"].(string)
	if n := number(b["restart_tries"]); n > 0 {
		restart += ":" + strconv.FormatInt(n, 10)
	}
	out["restart"] = restart
	theirUsers(b, out)
	annotations := map[string]any{}
	own, _ := b["annotations"].(map[string]any)
	for k, v := range own {
		if !strings.HasPrefix(k, "io.podman.annotations.") && !strings.HasPrefix(k, "io.kubernetes.cri-o.") {
			annotations[k] = v
		}
	}
	out["annotation"] = annotations
	secrets := []string{}
	list, _ := b["secrets"].([]any)
	for _, v := range list {
		m := v.(map[string]any)
		secrets = append(secrets, fmt.Sprintf("%v mount %v %o", m["Source"], m["Target"], number(m["Mode"])))
	}
	env, _ := b["secret_env"].(map[string]any)
	for target, source := range env {
		secrets = append(secrets, fmt.Sprintf("%v env %s", source, target))
	}
	out["secret"] = sorted(secrets)
	log, _ := b["log_configuration"].(map[string]any)
	out["log_driver"], _ = log["driver"].(string)
	opts := map[string]string{}
	more, _ := log["options"].(map[string]any)
	for k, v := range more {
		opts[k] = v.(string)
	}
	if p, _ := log["path"].(string); p != "" {
		opts["path"] = p
	}
	if n := number(log["size"]); n > 0 {
		opts["max-size"] = strconv.FormatInt(n, 10)
	}
	out["log_opt"] = opts
}

func theirUsers(b map[string]any, out map[string]any) {
	out["userns"] = strings.ReplaceAll(saidNamespace(b["userns"]), "no-map", "nomap")
	maps, _ := b["idmappings"].(map[string]any)
	uidmap := []string{}
	list, _ := maps["UIDMap"].([]any)
	for _, v := range list {
		m := v.(map[string]any)
		uidmap = append(uidmap, fmt.Sprintf("%d:%d:%d", number(m["container_id"]), number(m["host_id"]), number(m["size"])))
	}
	out["uidmap"] = joinedMaps(uidmap)
	injected := []string{}
	if v, _ := b["passwd_entry"].(string); v != "" {
		injected = append(injected, "--passwd-entry="+v)
	}
	for _, v := range texts(b["hostusers"]) {
		injected = append(injected, "--hostuser="+v)
	}
	out["injected"] = sorted(injected)
	devices := []string{}
	dev, _ := b["devices"].([]any)
	for _, v := range dev {
		devices = append(devices, fmt.Sprint(v.(map[string]any)["path"]))
	}
	out["device"] = devices
	rules := []string{}
	rule, _ := b["device_cgroup_rule"].([]any)
	star := func(v any) string {
		if v == nil || number(v) == -1 {
			return "*"
		}
		return strconv.FormatInt(number(v), 10)
	}
	for _, v := range rule {
		m := v.(map[string]any)
		rules = append(rules, fmt.Sprintf("%v %s:%s %v", m["type"], star(m["major"]), star(m["minor"]), m["access"]))
	}
	out["device_rules"] = rules
}

func theirNetwork(b map[string]any, out map[string]any) {
	mode, names := saidNamespace(b["netns"]), []string{}
	nets, _ := b["Networks"].(map[string]any)
	for n := range nets {
		names = append(names, n)
	}
	options, _ := b["network_options"].(map[string]any)
	for k, v := range options {
		mode = k + ":" + strings.Join(texts(v), ",")
	}
	out["network"] = []any{mode, sorted(names)}
	ports := []string{}
	list, _ := b["portmappings"].([]any)
	for _, v := range list {
		m := v.(map[string]any)
		proto, _ := m["protocol"].(string)
		if proto == "" {
			proto = "tcp"
		}
		ip, _ := m["host_ip"].(string)
		for i := range number(m["range"]) {
			host := number(m["host_port"])
			if host != 0 {
				host += i
			}
			ports = append(ports, fmt.Sprintf("%d/%s %s %d", number(m["container_port"])+i, strings.ToLower(proto), ip, host))
		}
	}
	out["publish"] = slices.Compact(sorted(ports))
	expose := []string{}
	exposed, _ := b["expose"].(map[string]any)
	for port, proto := range exposed {
		for _, p := range strings.Split(proto.(string), ",") {
			expose = append(expose, port+"/"+p)
		}
	}
	out["expose"] = sorted(expose)
	out["dns"] = sorted(slices.Concat(texts(b["dns_server"]), texts(b["dns_option"]), texts(b["dns_search"])))
}

func theirLimits(b map[string]any, out map[string]any) {
	limits, _ := b["resource_limits"].(map[string]any)
	memory, _ := limits["memory"].(map[string]any)
	cpu, _ := limits["cpu"].(map[string]any)
	pids, _ := limits["pids"].(map[string]any)
	out["memory"], out["memory_swap"] = number(memory["limit"]), number(memory["swap"])
	out["oom_kill_disable"], _ = memory["disableOOMKiller"].(bool)
	out["cpus"] = 0.0
	if q := number(cpu["quota"]); q > 0 {
		period := number(cpu["period"])
		if period == 0 {
			period = 100_000
		}
		out["cpus"] = float64(q) / float64(period)
	}
	out["cpu_shares"] = number(cpu["shares"])
	out["cpuset"], _ = cpu["cpus"].(string)
	out["pids_limit"] = max(number(pids["limit"]), 0)
	out["oom_score_adj"] = number(b["oom_score_adj"])
	ulimits := []string{}
	list, _ := b["r_limits"].([]any)
	for _, v := range list {
		m := v.(map[string]any)
		ulimits = append(ulimits, fmt.Sprintf("%v %d %d", m["type"], uint64(number(m["soft"])), uint64(number(m["hard"]))))
	}
	out["ulimit"] = sorted(ulimits)
}

// implicitTmpfs tells whether the client asks for the one that goes with a
// read-only root: 4 writes it out, 5 has a field for it.
func implicitTmpfs(b map[string]any) bool {
	mounts, _ := b["mounts"].([]any)
	on, _ := b["read_write_tmpfs"].(bool)
	return on || slices.ContainsFunc(mounts, func(v any) bool {
		m := v.(map[string]any)
		return m["type"] == "tmpfs" && slices.Equal(texts(m["options"]), implicit)
	})
}

var implicit = []string{"rw", "rprivate", "nosuid", "nodev", "tmpcopyup"}

func theirMounts(b map[string]any) []string {
	out := []string{}
	list := func(key, target, source, kind string) {
		items, _ := b[key].([]any)
		for _, v := range items {
			m := v.(map[string]any)
			k := kind
			if t, _ := m["type"].(string); t != "" {
				k = t
			}
			if line := mountLine(m[target], k, m[source], texts(either(m["options"], m["Options"]))); line != "" {
				out = append(out, line)
			}
		}
	}
	list("mounts", "destination", "source", "bind")
	list("volumes", "Dest", "Name", "volume")
	list("overlay_volumes", "destination", "source", "bind")
	return sorted(out)
}

func either(a, b any) any {
	if a == nil {
		return b
	}
	return a
}

// mountLine is "" for Podman's implicit tmpfs, which no line states.
func mountLine(target any, kind string, source any, options []string) string {
	if kind == "tmpfs" {
		if slices.Equal(options, implicit) {
			return ""
		}
		size, mode, opts := int64(0), "0", []string{}
		for _, o := range options {
			k, v, _ := strings.Cut(o, "=")
			switch k {
			case "size":
				size, _ = units.RAMInBytes(v)
			case "mode":
				mode = strings.TrimLeft(v, "0")
			case "ro", "suid", "dev", "noexec":
				opts = append(opts, k)
			}
		}
		return fmt.Sprintf("%v tmpfs %v", target, sorted(append(opts, fmt.Sprintf("size=%d", size), "mode="+mode)))
	}
	opts := slices.DeleteFunc(options, func(o string) bool {
		return slices.Contains([]string{"rw", "rbind", "rprivate", "copy", "nocopy"}, o)
	})
	if source == nil {
		source = ""
	}
	return fmt.Sprintf("%s %s %v %v", strings.TrimSuffix(fmt.Sprint(target), "/"), kind, source, sorted(opts))
}

// joinedMaps writes "CONTAINER:HOST:SIZE" maps that go on with each other as one, as
// Podman 5 does before it sends them.
func joinedMaps(maps []string) []string {
	type span struct{ inside, outside, size int64 }
	joined := []span{}
	for _, text := range maps {
		var s span
		if n, err := fmt.Sscanf(text, "%d:%d:%d", &s.inside, &s.outside, &s.size); n != 3 {
			panic(err)
		}
		if n := len(joined) - 1; n >= 0 && joined[n].inside+joined[n].size == s.inside && joined[n].outside+joined[n].size == s.outside {
			joined[n].size += s.size
			continue
		}
		joined = append(joined, s)
	}
	out := []string{}
	for _, s := range joined {
		out = append(out, fmt.Sprintf("%d:%d:%d", s.inside, s.outside, s.size))
	}
	return out
}
