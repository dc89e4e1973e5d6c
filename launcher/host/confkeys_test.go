package host

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// nothing are keys of containers.conf that change no run of zlaunch's, by why.
const nothing = `
names:     container_name_as_hostname interface_name log_tag namespace detach_keys
builds:    image_build_format image_copy_tmp_dir image_default_format image_default_transport image_parallel_copies multi_image_archive
           add_compression compression_format compression_level
pods:      infra_command infra_image pod_exit_policy kube_generate_type
storage:   database_backend lock_type num_locks chown_copied_files
events:    events_logfile_path events_logfile_max_size events_logger events_container_create_inspect_data healthcheck_events
commands:  compat_api_enforce_docker_hub compose_providers compose_warning_logs podmansh_timeout
remote:    remote_uri remote_identity service_destinations ssh_config service_timeout
time:      exit_command_delay stop_timeout retry retry_delay volume_plugin_timeout
ability:   cgroup_check enable_port_reservation runtime_supports_json runtime_supports_nocgroup runtime_supports_kvm
volumes:   volume_plugins
networks:  default_network default_subnet default_subnet_pools network_config_dir dns_bind_port
`

// Each key that Podman reads of [containers], [engine] and [network] is read here, or
// changes nothing.
func TestEveryKeyOfContainersConf(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.podman.io/common").Output()
	if err != nil {
		t.Skipf("LOUD: there is no go here that finds the sources: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "pkg/config/config.go"))
	if err != nil {
		t.Skipf("LOUD: the sources of the engine are not here: %v", err)
	}
	key := regexp.MustCompile("toml:\"([a-z_]+)[,\"]")
	seen := 0
	for table, kind := range map[string]string{"containers": "ContainersConfig", "engine": "EngineConfig", "network": "NetworkConfig"} {
		_, body, _ := strings.Cut(string(text), "type "+kind+" struct {")
		body, _, _ = strings.Cut(body, "\n}")
		for _, m := range key.FindAllStringSubmatch(body, -1) {
			seen++
			read := slices.ContainsFunc(confKeys, func(k confKey) bool { return k.name == table+"."+m[1] })
			if read == slices.Contains(strings.Fields(nothing), m[1]) {
				t.Errorf("%s.%s: read %v, and said to change nothing %v", table, m[1], read, read)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d keys were found", seen)
	}
}
