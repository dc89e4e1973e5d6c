package subject

import (
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// confOptions say which option of podman-run each key of containers.conf stands
// for. A list key gives the option once for each element.
var confOptions = []struct{ key, option string }{
	{"containers.annotations", "--annotation"},
	{"containers.apparmor_profile", "--security-opt=apparmor"},
	{"containers.cgroupns", "--cgroupns"},
	{"containers.cgroups", "--cgroups"},
	{"containers.default_sysctls", "--sysctl"},
	{"containers.default_ulimits", "--ulimit"},
	{"containers.devices", "--device"},
	{"containers.dns_servers", "--dns"},
	{"containers.env", "--env"},
	{"containers.env_host", "--env-host"},
	{"containers.http_proxy", "--http-proxy"},
	{"containers.init", "--init"},
	{"containers.ipcns", "--ipc"},
	{"containers.log_driver", "--log-driver"},
	{"containers.mounts", "--mount"},
	{"containers.netns", "--network"},
	{"containers.no_hosts", "--no-hosts"},
	{"containers.oom_score_adj", "--oom-score-adj"},
	{"containers.pidns", "--pid"},
	{"containers.pids_limit", "--pids-limit"},
	{"containers.privileged", "--privileged"},
	{"containers.read_only", "--read-only"},
	{"containers.seccomp_profile", "--security-opt=seccomp"},
	{"containers.shm_size", "--shm-size"},
	{"containers.umask", "--umask"},
	{"containers.userns", "--userns"},
	{"containers.utsns", "--uts"},
	{"containers.volumes", "--volume"},
}

// HostDefaults is what this host does to a run that says nothing else: its
// containers.conf read as the options it stands for, its mounts.conf, and the
// facts controls ask for. An audit of foreign lines lays them underneath.
func HostDefaults(h *host.Facts) (*container.Spec, error) {
	args := []string{"podman", "run"}
	for _, o := range confOptions {
		set := h.Conf.Get(o.key)
		if set == nil {
			continue
		}
		for _, v := range values(set.Value) {
			args = append(args, o.option+"="+v)
		}
	}
	if on, set := h.Conf.Bool("containers.label"); set && !on {
		args = append(args, "--security-opt=label=disable")
	}
	r, err := command.Read(append(args, "image"))
	if err != nil {
		return nil, fmt.Errorf("reading this host's containers.conf: %w", err)
	}
	out := &container.Spec{}
	for _, row := range slices.Concat(container.Rows, container.ForeignRows) {
		if row.Key() != container.Image.Key() && len(row.Settings(r.Spec)) > 0 {
			row.Copy(out, r.Spec)
		}
	}
	m := container.From(container.Origin{Layer: container.LayerHost, Key: "host"})
	plan.SetHostFacts(out, h, m)
	container.HostSteers.Set(out, hostSteers(h, nil), m)
	return out, nil
}

// values writes a setting's value, or each of its elements, as an option takes it.
func values(v any) []string {
	if list, ok := v.([]string); ok {
		return list
	}
	return []string{fmt.Sprint(v)}
}
