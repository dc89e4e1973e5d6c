package observe

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// fillLimits sets the limits inspect claims; whether they hold only the kernel
// shows.
func (d *details) fillLimits(s *container.Spec) {
	h, mark := &d.HostConfig, seen(container.Inspected)
	container.Memory.Set(s, positive(&h.Memory), mark)
	container.MemorySwap.Set(s, positive(&h.MemorySwap), mark)
	container.PidsLimit.Set(s, positive(&h.PidsLimit), mark)
	cpus := float64(h.NanoCpus) / 1e9
	if h.NanoCpus <= 0 && h.CpuQuota > 0 && h.CpuPeriod > 0 {
		cpus = float64(h.CpuQuota) / float64(h.CpuPeriod)
	}
	container.Cpus.Set(s, max(cpus, 0), mark)
	container.ShmSize.Set(s, h.ShmSize, mark)
	container.CpuShares.Set(s, h.CpuShares, mark)
	container.Cpuset.Set(s, h.CpusetCpus, mark)
	container.OomKillDisable.Set(s, h.OomKillDisable, mark)
	container.OomScoreAdj.Set(s, h.OomScoreAdj, mark)
}

// runtime is "" for those that Podman chooses itself, where the plan leaves it that.
func (d *details) runtime(in *Context) string {
	if want, known := planned(in, container.Runtime); known && want == "" && (d.OCIRuntime == "crun" || d.OCIRuntime == "runc") {
		return want
	}
	return d.OCIRuntime
}

// defaultParents are the cgroups Podman puts a container below unless told
// otherwise (libpod/define/config.go, common/pkg/cgroups).
var defaultParents = []string{"user.slice", "machine.slice", "/libpod_parent", "libpod_parent"}

func (d *details) fillForeign(s *container.Spec, in *Context) {
	h, mark := &d.HostConfig, seen(container.Inspected)
	container.Runtime.Set(s, d.runtime(in), mark)
	container.Rootfs.Set(s, d.Rootfs, mark)
	container.Pod.Set(s, d.Pod, mark)
	container.Timeout.Set(s, d.Config.Timeout, mark)
	container.VolumesFrom.Set(s, some(h.VolumesFrom), mark)
	container.PublishAll.Set(s, h.PublishAllPorts, mark)
	container.Expose.Set(s, some(slices.Sorted(maps.Keys(d.Config.ExposedPorts))), mark)
	container.AddHost.Set(s, some(h.ExtraHosts), mark)
	container.Dns.Set(s, some(slices.Concat(h.Dns, h.DnsOptions, h.DnsSearch)), mark)
	container.HealthCmd.Set(s, d.health(), mark)
	onFailure := d.Config.HealthcheckOnFailureAction
	if onFailure == "none" {
		onFailure = ""
	}
	container.HealthOnFailure.Set(s, onFailure, mark)
	cgroups, parent := h.Cgroups, h.CgroupParent
	if cgroups == "" || cgroups == "default" {
		cgroups = "enabled"
	}
	if slices.Contains(defaultParents, parent) {
		parent = ""
	}
	container.Cgroups.Set(s, cgroups, mark)
	container.CgroupParent.Set(s, parent, mark)
}

// health is the health check as --health-cmd takes it; "" where there is none.
func (d *details) health() string {
	if d.Config.Healthcheck == nil || len(d.Config.Healthcheck.Test) == 0 || d.Config.Healthcheck.Test[0] == "NONE" {
		return ""
	}
	test := d.Config.Healthcheck.Test
	if test[0] == "CMD-SHELL" && len(test) == 2 {
		return test[1]
	}
	quoted := make([]string, 0, len(test))
	for _, t := range test[1:] {
		quoted = append(quoted, strconv.Quote(t))
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// some makes an empty list nil, as an option that was not given is.
func some(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
