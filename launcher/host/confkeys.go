package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

type confKind uint8

const (
	confString confKind = iota
	confBool
	confInt
	confList  // strings, with the attribute {append=true}
	confTable // any table; only that it is set matters
)

// confKey is a key of containers.conf that can change a run.
type confKey struct {
	name string
	kind confKind
}

// confKeys are all of [containers] but the pure names, and those of [engine] and
// [network] that choose programs, directories, the environment or what is reached.
var confKeys = []confKey{
	{"containers.annotations", confList},
	{"containers.apparmor_profile", confString},
	{"containers.base_hosts_file", confString},
	{"containers.cgroup_conf", confList},
	{"containers.cgroupns", confString},
	{"containers.cgroups", confString},
	{"containers.default_capabilities", confList},
	{"containers.default_sysctls", confList},
	{"containers.default_ulimits", confList},
	{"containers.devices", confList},
	{"containers.dns_options", confList},
	{"containers.dns_searches", confList},
	{"containers.dns_servers", confList},
	{"containers.env", confList},
	{"containers.env_host", confBool},
	{"containers.host_containers_internal_ip", confString},
	{"containers.http_proxy", confBool},
	{"containers.init", confBool},
	{"containers.init_path", confString},
	{"containers.ipcns", confString},
	{"containers.keyring", confBool},
	{"containers.label", confBool},
	{"containers.label_users", confBool},
	{"containers.log_driver", confString},
	{"containers.log_path", confString},
	{"containers.log_size_max", confInt},
	{"containers.mounts", confList},
	{"containers.netns", confString},
	{"containers.no_hosts", confBool},
	{"containers.oom_score_adj", confInt},
	{"containers.pidns", confString},
	{"containers.pids_limit", confInt},
	{"containers.prepare_volume_on_create", confBool},
	{"containers.privileged", confBool},
	{"containers.read_only", confBool},
	{"containers.seccomp_profile", confString},
	{"containers.shm_size", confString},
	{"containers.tz", confString},
	{"containers.umask", confString},
	{"containers.userns", confString},
	{"containers.userns_size", confInt},
	{"containers.utsns", confString},
	{"containers.volumes", confList},
	{"engine.active_service", confString},
	{"engine.cdi_spec_dirs", confList},
	{"engine.cgroup_manager", confString},
	{"engine.conmon_env_vars", confList},
	{"engine.conmon_path", confList},
	{"engine.conmonrs_path", confList},
	{"engine.env", confList},
	{"engine.helper_binaries_dir", confList},
	{"engine.hooks_dir", confList},
	{"engine.image_volume_mode", confString},
	{"engine.init_path", confString},
	{"engine.network_cmd_options", confList},
	{"engine.network_cmd_path", confString},
	{"engine.no_pivot_root", confBool},
	{"engine.platform_to_oci_runtime", confTable},
	{"engine.pull_policy", confString},
	{"engine.remote", confBool},
	{"engine.runtime", confString},
	{"engine.runtime_path", confList},
	{"engine.runtimes", confTable},
	{"engine.runtimes_flags", confTable},
	{"engine.static_dir", confString},
	{"engine.tmp_dir", confString},
	{"engine.volume_path", confString},
	{"network.cni_plugin_dirs", confList},
	{"network.default_rootless_network_cmd", confString},
	{"network.firewall_driver", confString},
	{"network.netavark_plugin_dirs", confList},
	{"network.network_backend", confString},
	{"network.pasta_options", confList},
}

// merge lays one file over what was read before. Keys Podman does not know are
// passed over, as Podman does.
func (c *Conf) merge(file string, content []byte) error {
	var doc map[string]any
	if err := decode(content, &doc); err != nil {
		return err
	}
	for _, k := range confKeys {
		table, key, _ := strings.Cut(k.name, ".")
		values, err := spelt(doc, table)
		if err != nil {
			return err
		}
		in, _ := values.(map[string]any)
		v, err := spelt(in, key)
		if err == nil && v != nil {
			err = c.setKey(k, file, v)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	return nil
}

// spelt finds a key as Podman's decoder does, which takes any case: [Engine] is
// [engine]. Of two spellings in one table it takes one or the other by chance; that
// is refused. nil where there is none.
func spelt(table map[string]any, key string) (any, error) {
	var found any
	name := ""
	for _, k := range slices.Sorted(maps.Keys(table)) {
		if !strings.EqualFold(k, key) {
			continue
		}
		if name != "" {
			return nil, fmt.Errorf("%q and %q are the same key, and which of them podman takes is chance", name, k)
		}
		name, found = k, table[k]
	}
	return found, nil
}

func (c *Conf) setKey(k confKey, file string, v any) error {
	s := c.set[k.name]
	if s == nil {
		s = &ConfSetting{Key: k.name}
	}
	if err := s.assign(k.kind, v); err != nil {
		return err
	}
	s.Files = append([]string{file}, s.Files...)
	c.set[k.name] = s
	return nil
}

func (s *ConfSetting) assign(kind confKind, v any) error {
	ok := false
	switch kind {
	case confString:
		_, ok = v.(string)
	case confBool:
		_, ok = v.(bool)
	case confInt:
		_, ok = v.(int64)
	case confTable:
		var table map[string]any
		if table, ok = v.(map[string]any); ok {
			v = s.joined(table)
		}
	case confList:
		return s.assignList(v)
	}
	if !ok {
		return fmt.Errorf("a value of type %T does not fit", v)
	}
	s.Value = v
	return nil
}

// joined lays a table over what earlier files said: Podman's decoder keeps their rows.
func (s *ConfSetting) joined(table map[string]any) map[string]any {
	old, _ := s.Value.(map[string]any)
	out := maps.Clone(old)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, table)
	return out
}

// assignList follows common/internal/attributedstring: {append=true} anywhere in
// a list makes this file, and the later ones until {append=false}, add to it.
func (s *ConfSetting) assignList(v any) error {
	items, ok := v.([]any)
	if !ok {
		return fmt.Errorf("a value of type %T does not fit a list", v)
	}
	loaded := []string{}
	for _, item := range items {
		switch x := item.(type) {
		case string:
			loaded = append(loaded, x)
		case map[string]any:
			if err := s.attribute(x); err != nil {
				return err
			}
		default:
			return fmt.Errorf("a list item of type %T does not fit", item)
		}
	}
	if old, _ := s.Value.([]string); s.appending {
		loaded = append(slices.Clone(old), loaded...)
	} else {
		s.Files = nil // nothing of the earlier files is left
	}
	s.Value = loaded
	return nil
}

func (s *ConfSetting) attribute(table map[string]any) error {
	for key, v := range table {
		b, ok := v.(bool)
		if key != "append" || !ok {
			return fmt.Errorf("unsupported list attribute %q", key)
		}
		s.appending = b
	}
	return nil
}
