package compose

import (
	"slices"
	"strings"
)

// reads is the shape of a key that is not written.
func reads(f func(*service, key, pair)) shape { return shape{read: f} }

// further are the keys that are read and not written: most say what an option says.
var further = []key{
	{name: "network_mode", option: "network", as: reads(readMode)},
	{name: "build", as: reads(readBuild)},
	{name: "configs", option: "volume", as: reads(readSecrets)},
	{name: "gpus", as: reads(readGpus)},
	{name: "deploy.resources.reservations.devices", as: reads(readGpus)},
	{name: "deploy.resources.limits.memory", option: "memory", as: reads(readOne)},
	{name: "deploy.resources.limits.cpus", option: "cpus", as: reads(readOne)},
	{name: "deploy.resources.limits.pids", option: "pids-limit", as: reads(readOne)},
	{name: "healthcheck.disable", option: "no-healthcheck", as: reads(readTruth)},
	{name: "healthcheck.interval", option: "health-interval", as: reads(readOne)},
	{name: "healthcheck.timeout", option: "health-timeout", as: reads(readOne)},
	{name: "healthcheck.retries", option: "health-retries", as: reads(readOne)},
	{name: "healthcheck.start_period", option: "health-start-period", as: reads(readOne)},
	{name: "cgroup_parent", option: "cgroup-parent", as: reads(readOne)},
	{name: "cpu_count", option: "cpu-count", as: reads(readOne)},
	{name: "cpu_percent", option: "cpu-percent", as: reads(readOne)},
	{name: "cpu_shares", option: "cpu-shares", as: reads(readOne)},
	{name: "cpu_period", option: "cpu-period", as: reads(readOne)},
	{name: "cpu_quota", option: "cpu-quota", as: reads(readOne)},
	{name: "cpu_rt_runtime", option: "cpu-rt-runtime", as: reads(readOne)},
	{name: "cpu_rt_period", option: "cpu-rt-period", as: reads(readOne)},
	{name: "cpuset", option: "cpuset-cpus", as: reads(readOne)},
	{name: "device_cgroup_rules", option: "device-cgroup-rule", as: reads(readList)},
	{name: "dns", option: "dns", as: reads(readList)},
	{name: "dns_opt", option: "dns-option", as: reads(readList)},
	{name: "dns_search", option: "dns-search", as: reads(readList)},
	{name: "domainname", option: "domainname", as: reads(readOne)},
	{name: "env_file", option: "env-file", as: reads(readEnvFiles)},
	{name: "expose", option: "expose", as: reads(readList)},
	{name: "extra_hosts", option: "add-host", as: reads(readHosts)},
	{name: "external_links", option: "link", as: reads(readList)},
	{name: "isolation", option: "isolation", as: reads(readOne)},
	{name: "mac_address", option: "mac-address", as: reads(readOne)},
	{name: "mem_reservation", option: "memory-reservation", as: reads(readOne)},
	{name: "mem_swappiness", option: "memory-swappiness", as: reads(readOne)},
	{name: "oom_kill_disable", option: "oom-kill-disable", as: reads(readTruth)},
	{name: "oom_score_adj", option: "oom-score-adj", as: reads(readOne)},
	{name: "platform", option: "platform", as: reads(readOne)},
	{name: "post_start", as: reads(readHooks)},
	{name: "pre_stop", as: reads(readHooks)},
	{name: "publishall", option: "publish-all", as: reads(readTruth)}, // of podman-compose
	{name: "runtime", option: "runtime", as: reads(readOne)},
	{name: "stop_signal", option: "stop-signal", as: reads(readOne)},
	{name: "storage_opt", option: "storage-opt", as: reads(readList)},
	{name: "use_api_socket", option: "use-api-socket", as: reads(readTruth)},
	{name: "volumes_from", option: "volumes-from", as: reads(readList)},
	{name: "x-podman.uidmaps", option: "uidmap", as: reads(readList)},
	{name: "x-podman.gidmaps", option: "gidmap", as: reads(readList)},
	{name: "x-podman.rootfs", option: "rootfs", as: reads(readOne)},
	{name: "x-podman.no_hosts", option: "no-hosts", as: reads(readTruth)},
}

// idleKeys say when a service starts, with what it is grouped, and how it is built,
// and nothing of how its container runs. Links are names inside its own networks.
var idleKeys = strings.Fields(`profiles depends_on links scale attach blkio_config develop healthcheck.start_interval deploy.mode deploy.replicas
	deploy.placement deploy.labels deploy.update_config deploy.rollback_config deploy.endpoint_mode deploy.restart_policy
	deploy.resources.reservations.cpus deploy.resources.reservations.memory`)

// programs are the keys under which programs stand that run in the container.
var programs = strings.Fields("command entrypoint healthcheck test post_start pre_stop")

// Judged tells of a key of a service that what stands under it is read, and runs nothing.
func Judged(name string) bool {
	return !slices.Contains(programs, name) && slices.ContainsFunc(slices.Concat(keys, further), func(k key) bool { return k.name == name })
}
