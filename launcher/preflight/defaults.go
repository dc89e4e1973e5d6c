package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
)

// hostDefault is a key of containers.conf that can weaken a run.
type hostDefault struct {
	key  string
	row  container.Row // the setting it bears on
	does string
	weak func(v any) bool
}

// weakening lists the keys of ZL-107 in the order of containers.conf(5).
// Not here: those whose value zlaunch always states itself to the same end, such
// as log_driver, umask or pids_limit.
var weakening = []hostDefault{
	{"containers.annotations", container.Annotation, "adds annotations", notEmpty},
	{"containers.apparmor_profile", container.Apparmor, "changes the AppArmor profile", is("unconfined")},
	{"containers.cgroups", container.Memory, "leaves limits out", is("disabled", "no-conmon")},
	{"containers.cgroupns", container.Cgroupns, "shares the host's namespace", is("host")},
	{"containers.default_capabilities", container.CapAdd, "adds default capabilities", beyond(usualCapabilities)},
	{"containers.default_sysctls", container.Sysctl, "sets kernel parameters", beyond(usualSysctls)},
	{"containers.devices", container.Device, "adds devices", notEmpty},
	{"containers.env", container.Env, "adds environment variables", notEmpty},
	{"containers.env_host", container.Env, "copies the whole environment in", isTrue},
	{"containers.ipcns", container.Ipc, "shares the host's namespace", is("host")},
	{"containers.label", container.SecurityLabel, "switches SELinux separation off", isFalse},
	{"containers.mounts", container.VolumeAt, "adds mounts", notEmpty},
	{"containers.netns", container.Network, "shares the host's network", is("host")},
	{"containers.oom_score_adj", container.Memory, "protects containers from the OOM killer", negative},
	{"containers.pidns", container.Pid, "shares the host's namespace", is("host")},
	{"containers.privileged", container.Privileged, "makes every container privileged", isTrue},
	{"containers.seccomp_profile", container.SeccompProfile, "replaces the seccomp profile", notEmpty},
	{"containers.userns", container.Userns, "shares your user namespace", is("host")},
	{"containers.utsns", container.Uts, "shares the host's namespace", is("host")},
	{"containers.volumes", container.VolumeAt, "adds mounts", notEmpty},
	{"engine.env", container.Env, "sets variables for the engine and its helpers", notEmpty},
	{"engine.no_pivot_root", container.ReadOnly, "weakens the switch to the container's root", isTrue},
}

// hostDefaults is ZL-107. It only tells: what takes effect against the plan is
// stopped by the proof, with the evidence. Values of variables are not shown.
func hostDefaults(s Subject) []Problem {
	if !s.local() {
		return nil
	}
	var out []Problem
	for _, d := range weakening {
		set := s.Host.Conf.Get(d.key)
		if set == nil || !d.weak(set.Value) {
			continue
		}
		out = append(out, Problem{Control: "ZL-107", Setting: at(d.row),
			Message: fmt.Sprintf("%s sets %s = %s, which %s; the run stops if that takes effect against the plan", set.Origin().File, d.key, shownValue(d, set), d.does),
			Hint:    "take it out, or ask for it in the profile"})
	}
	return out
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

func isTrue(v any) bool  { return v == true }
func isFalse(v any) bool { return v == false }

func negative(v any) bool { n, ok := v.(int64); return ok && n < 0 }

// mountsConf is ZL-523: what mounts.conf adds is predicted, and told.
func mountsConf(s Subject) []Problem {
	if !s.local() {
		return nil
	}
	var out []Problem
	for _, m := range s.Host.Mounts {
		if m.Missing || m.Optional {
			continue
		}
		out = append(out, Problem{Control: "ZL-523", Setting: container.Path{Key: container.VolumeAt.Key(), Elem: m.Target},
			Message: fmt.Sprintf("%s makes podman copy %q into every container at %q", m.File, m.Source, m.Target), Hint: "if no container needs it, comment the line out"})
	}
	return out
}
