package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
)

// hostDefault is a key of containers.conf that can weaken a run.
type hostDefault struct {
	key  string
	row  container.Row // the setting it bears on
	does string
	weak func(v any) bool

	unseen bool // nothing that the proof looks at shows it
	reach  bool // it is nothing to a run without a network
}

// weakeningKeys lists the keys of ZL-107 in the order of containers.conf(5).
// What became of a key in a container's settings, audit judges.
// Not here: those whose value zlaunch always states itself to the same end, such
// as log_driver, umask or pids_limit.
var weakeningKeys = []hostDefault{
	{key: "containers.annotations", row: container.Annotation, does: "adds annotations", weak: notEmpty},
	{key: "containers.apparmor_profile", row: container.Apparmor, does: "changes the AppArmor profile", weak: is("unconfined")},
	{key: "containers.cgroups", row: container.Memory, does: "leaves limits out", weak: is("disabled", "no-conmon")},
	{key: "containers.cgroupns", row: container.Cgroupns, does: "shares the host's namespace", weak: is("host")},
	{key: "containers.default_capabilities", row: container.CapAdd, does: "adds default capabilities", weak: beyond(usualCapabilities)},
	{key: "containers.default_sysctls", row: container.Sysctl, does: "sets kernel parameters", weak: beyond(usualSysctls)},
	{key: "containers.devices", row: container.Device, does: "adds devices", weak: notEmpty},
	{key: "containers.env", row: container.Env, does: "adds environment variables", weak: notEmpty},
	{key: "containers.env_host", row: container.Env, does: "copies the whole environment in", weak: isTrue},
	{key: "containers.ipcns", row: container.Ipc, does: "shares the host's namespace", weak: is("host")},
	{key: "containers.label", row: container.SecurityLabel, does: "switches SELinux separation off", weak: isFalse},
	{key: "containers.mounts", row: container.VolumeAt, does: "adds mounts", weak: notEmpty},
	{key: "containers.netns", row: container.Network, does: "shares the host's network", weak: is("host")},
	{key: "containers.oom_score_adj", row: container.Memory, does: "protects containers from the OOM killer", weak: negative},
	{key: "containers.pidns", row: container.Pid, does: "shares the host's namespace", weak: is("host")},
	{key: "containers.privileged", row: container.Privileged, does: "makes every container privileged", weak: isTrue},
	{key: "containers.seccomp_profile", row: container.SeccompProfile, does: "replaces the seccomp profile", weak: notEmpty},
	{key: "containers.userns", row: container.Userns, does: "shares your user namespace", weak: is("host")},
	{key: "containers.utsns", row: container.Uts, does: "shares the host's namespace", weak: is("host")},
	{key: "containers.volumes", row: container.VolumeAt, does: "adds mounts", weak: notEmpty},
	{key: "engine.env", row: container.Env, does: "sets variables for the engine and its helpers", weak: notEmpty},
	{key: "engine.no_pivot_root", row: container.ReadOnly, does: "weakens the switch to the container's root", weak: isTrue, unseen: true},
	{key: "containers.base_hosts_file", row: container.Network, does: "copies that file of the host into the container's /etc/hosts", weak: not("", "none", "image", "/etc/hosts"), unseen: true},
	{key: "containers.cgroup_conf", row: container.Memory, does: "writes to the container's cgroup", weak: notEmpty, unseen: true},
	{key: "containers.keyring", row: container.SeccompProfile, does: "shares your session's kernel keyring with the container", weak: isFalse, unseen: true},
	{key: "engine.network_cmd_options", row: container.Network, does: "can let the container reach the host's loopback", weak: beyond(usualSlirp), unseen: true, reach: true},
	{key: "network.firewall_driver", row: container.Network, does: "leaves the firewall between networks out", weak: is("none"), unseen: true, reach: true},
	{key: "network.pasta_options", row: container.Network, does: "can let the container reach the host's loopback and its ports", weak: beyond(usualPasta), unseen: true, reach: true},
}

// hostDefaults is ZL-107. It only tells of what the proof would find: what takes
// effect against the plan is stopped there, with the evidence. What the proof cannot
// see stops the run here. Values of variables are not shown.
func hostDefaults(s Subject) []audit.Problem {
	if !s.local() {
		return nil
	}
	var out []audit.Problem
	for _, d := range weakeningKeys {
		set := s.Host.Conf.Get(d.key)
		if set == nil || !d.weak(set.Value) || d.reach && alone(s.Plan) {
			continue
		}
		out = append(out, d.problem(set))
	}
	return out
}

// alone tells a run without a network.
func alone(plan *container.Spec) bool {
	networks, _, known := container.Network.Get(plan)
	return known && slices.Equal(networks, []string{"none"})
}

func (d hostDefault) problem(set *host.ConfSetting) audit.Problem {
	said := fmt.Sprintf("%s sets %s = %s, which %s", set.Origin().File, d.key, shownValue(d, set), d.does)
	if d.unseen {
		return audit.Problem{Control: audit.HostDefaults.ID, Setting: at(d.row), Fatal: true, Message: said + ", and no proof shows it",
			Hint: fmt.Sprintf("take %s out of the file, or permit it for this run: --waive ZL-107=\"reason\"", d.key)}
	}
	return audit.Problem{Control: audit.HostDefaults.ID, Setting: at(d.row), Message: said + "; the run stops if that takes effect against the plan",
		Hint: "take it out, or ask for it in the profile"}
}

func shownValue(d hostDefault, set *host.ConfSetting) string {
	list, ok := set.Value.([]string)
	if !ok {
		return fmt.Sprintf("%#v", set.Value)
	}
	quoted := make([]string, len(list))
	for i, v := range list {
		if d.row.Key() == container.Env.Key() {
			v, _, _ = strings.Cut(v, "=")
			v += "=" + container.Redacted
		}
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// What the containers.conf of the distributions spells out is Podman's own
// default (common/pkg/config/default.go).
const (
	usualCapabilities = "CHOWN|DAC_OVERRIDE|FOWNER|FSETID|KILL|NET_BIND_SERVICE|SETFCAP|SETGID|SETPCAP|SETUID|SYS_CHROOT"
	usualSysctls      = "net.ipv4.ping_group_range=0 0"
)

// What changes the workload's own network alone.
const (
	usualSlirp = "allow_host_loopback=false|enable_ipv6=true|enable_ipv6=false|port_handler=rootlesskit|port_handler=slirp4netns"
	usualPasta = "--no-map-gw|-4|--ipv4-only|-6|--ipv6-only|-q|--quiet"
)

// beyond tells whether a list has more than the usual values, which are parted
// by bars.
func beyond(usual string) func(any) bool {
	known := strings.Split(usual, "|")
	return func(v any) bool {
		list, _ := v.([]string)
		return slices.ContainsFunc(list, func(item string) bool {
			return !slices.Contains(known, strings.TrimPrefix(strings.ToUpper(item), "CAP_")) && !slices.Contains(known, item)
		})
	}
}

func notEmpty(v any) bool {
	switch x := v.(type) {
	case string:
		return x != ""
	case []string:
		return len(x) > 0
	}
	return false
}

func is(words ...string) func(any) bool {
	return func(v any) bool {
		for _, w := range words {
			if v == w {
				return true
			}
		}
		return false
	}
}

func not(words ...string) func(any) bool {
	among := is(words...)
	return func(v any) bool { return !among(v) }
}

func isTrue(v any) bool  { return v == true }
func isFalse(v any) bool { return v == false }

func negative(v any) bool { n, ok := v.(int64); return ok && n < 0 }

// mountsConf is ZL-523: what mounts.conf adds is predicted, and told.
func mountsConf(s Subject) []audit.Problem {
	if !s.local() {
		return nil
	}
	var out []audit.Problem
	for _, m := range s.Host.Mounts {
		if m.Missing || m.Optional {
			continue
		}
		out = append(out, audit.Problem{Control: audit.NoHostMounts.ID, Setting: container.Path{Key: container.VolumeAt.Key(), Elem: m.Target},
			Message: fmt.Sprintf("%s makes podman copy %q into every container at %q", m.File, m.Source, m.Target), Hint: "if no container needs it, comment the line out"})
	}
	return out
}
