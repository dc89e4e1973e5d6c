package dockerrun

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

type adder = func(row container.Row, v any)

func (h *hostConfig) scalars(add adder) {
	add(container.Privileged, h.Privileged)
	add(container.ReadOnly, h.ReadonlyRootfs)
	add(container.Rm, h.AutoRemove)
	add(container.Ipc, h.IpcMode)
	add(container.Pid, h.PidMode)
	add(container.Uts, h.UTSMode)
	add(container.Cgroupns, h.CgroupnsMode)
	add(container.ShmSize, h.ShmSize)
	add(container.Memory, h.Memory)
	add(container.MemorySwap, h.MemorySwap)
	add(container.Cpus, h.NanoCpus)
	add(container.LogDriver, h.LogConfig.Type)
	if h.Init != nil {
		add(container.Init, *h.Init)
	}
	if h.PidsLimit != nil {
		add(container.PidsLimit, *h.PidsLimit)
	}
	restart := h.RestartPolicy.Name
	if n := h.RestartPolicy.MaximumRetryCount; n > 0 {
		restart += ":" + strconv.Itoa(n)
	}
	add(container.Restart, restart)
	for _, u := range h.Ulimits {
		add(container.UlimitOf, fmt.Sprintf("%s {%d %d}", u.Name, u.Soft, u.Hard))
	}
	for key, bindings := range h.PortBindings {
		for _, b := range bindings {
			port, _ := strconv.Atoi(b.HostPort)
			add(container.Publish, fmt.Sprintf("%s {%s %d}", key, b.HostIp, port))
		}
	}
}

func (h *hostConfig) lists(add adder) {
	capabilities := func(in []string) []string {
		var out []string
		for _, c := range in {
			out = append(out, strings.TrimPrefix(strings.ToLower(c), "cap_"))
		}
		return out
	}
	add(container.CapAdd, sorted(capabilities(h.CapAdd)))
	add(container.CapDrop, sorted(capabilities(h.CapDrop)))
	add(container.GroupAdd, h.GroupAdd)
	labels := []string{}
	for _, o := range h.SecurityOpt {
		word, value, _ := strings.Cut(o, "=")
		switch word {
		case "no-new-privileges":
			add(container.NoNewPrivileges, value != "false")
		case "seccomp":
			if value != "unconfined" {
				value = "the profile" // its text is sent
			}
			add(container.SeccompProfile, value)
		case "apparmor":
			add(container.Apparmor, value)
		case "label":
			labels = append(labels, value)
		}
	}
	add(container.SecurityLabel, labels)
	if h.MaskedPaths != nil && len(*h.MaskedPaths) == 0 && h.ReadonlyPaths != nil && len(*h.ReadonlyPaths) == 0 {
		add(container.Unmask, []string{"ALL"})
	}
	devices := []string{}
	for _, d := range h.Devices {
		devices = append(devices, d.PathOnHost+":"+d.PathInContainer+":"+d.CgroupPermissions)
	}
	for _, d := range h.DeviceRequests {
		if d.Driver == "cdi" {
			devices = append(devices, d.DeviceIDs...)
		}
	}
	add(container.Device, devices)
}

func sorted(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return out
}

func (r *request) mounts(add adder) {
	h := &r.HostConfig
	networks := slices.Sorted(maps.Keys(r.NetworkingConfig.EndpointsConfig))
	if h.NetworkMode != "default" && !slices.Contains(networks, h.NetworkMode) {
		networks = append(networks, h.NetworkMode)
	}
	networks = slices.DeleteFunc(networks, func(n string) bool { return n == "default" })
	add(container.Network, networks)
	for target, opts := range h.Tmpfs {
		add(container.TmpfsAt, target+" "+opts)
	}
	for target := range r.Volumes {
		add(container.VolumeAt, target+"  rw")
	}
	for _, b := range h.Binds {
		parts := strings.Split(b, ":")
		add(container.VolumeAt, parts[1]+" "+parts[0]+" "+parts[2])
	}
	for _, m := range h.Mounts {
		switch {
		case m.Type == "tmpfs":
			add(container.TmpfsAt, fmt.Sprintf("%s rw,nosuid,nodev,noexec,size=%d,mode=%04o", m.Target, m.TmpfsOptions.SizeBytes, m.TmpfsOptions.Mode))
		case m.ReadOnly:
			add(container.VolumeAt, m.Target+" "+m.Source+" ro")
		default:
			add(container.VolumeAt, m.Target+" "+m.Source+" rw")
		}
	}
}
