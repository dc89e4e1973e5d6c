package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/host"
)

// selinux notes a host without mandatory access control. Whether that may be is
// for the audit to say.
func selinux(s Subject) []audit.Problem {
	if !s.local() || s.Host.OS != "linux" {
		return nil
	}
	switch {
	case !s.Host.SELinux.Enabled:
		return []audit.Problem{{Control: audit.SomeMAC.ID, Message: "SELinux is not on: labels are not applied, and user ids alone keep containers from each other and from your files", Hint: "zlaunch explain " + audit.SomeMAC.ID}}
	case s.Host.SELinux.Mode == host.Permissive:
		return []audit.Problem{{Control: audit.SELinuxEnforcing.ID, Message: "SELinux is permissive: it logs what it would forbid and forbids nothing", Hint: "sudo setenforce 1"}}
	}
	return nil
}

// apparmor tells what rootless Podman does there: it may not load profiles, so
// it applies none, and refuses a named one (common/pkg/apparmor).
func apparmor(s Subject) []audit.Problem {
	if !s.local() || s.rootful() {
		return nil
	}
	name, _, known := container.Apparmor.Get(s.Plan)
	if known && name != "" && name != "unconfined" {
		return []audit.Problem{{Control: audit.AppArmorKept.ID, Setting: at(container.Apparmor), Fatal: true,
			Message: fmt.Sprintf("rootless podman cannot apply the AppArmor profile %q", name), Hint: "take apparmor_profile out of the profile"}}
	}
	if !s.Host.AppArmor {
		return nil
	}
	return []audit.Problem{{Control: audit.SomeMAC.ID, Message: "AppArmor is on, but rootless podman applies no profile of it to containers; seccomp, capabilities and the user namespace confine them", Hint: "podman info --format '{{.Host.Security.AppArmorEnabled}}'"}}
}

// runtimes is ZL-108: an unexpected OCI runtime is named. What it does is for
// the proof to see.
func runtimes(s Subject) []audit.Problem {
	name := s.Engine.Runtime
	if name == "" && s.local() {
		name = s.Host.Conf.String("engine.runtime")
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	if s.local() && base == "crun" && len(s.Host.Cgroup.Beside) > 0 {
		return []audit.Problem{{Fatal: true, Fix: FixCgroup2,
			Message: fmt.Sprintf("the OCI runtime crun makes no container here: cgroups are hybrid, and version 2 has the controllers %s", strings.Join(s.Host.Cgroup.Beside, " ")),
			Hint:    "install runc, and write into [engine] of ~/.config/containers/containers.conf: runtime = \"runc\"; or boot with cgroup version 2: " + askRoot}}
	}
	if name == "" || slices.Contains([]string{"crun", "runc", "krun", "kata"}, base) {
		return nil
	}
	return []audit.Problem{{Control: audit.RuntimeAndHooks.ID, Message: fmt.Sprintf("the OCI runtime is %q, neither crun nor runc", name), Hint: "podman info --format '{{.Host.OCIRuntime.Path}}'"}}
}

// programs is ZL-108: what the engine runs beside the container can give it other
// arguments, another environment and hooks, and hand the proof what it likes to see.
func programs(s Subject) []audit.Problem {
	if !s.local() {
		return nil
	}
	var out []audit.Problem
	for _, p := range s.Host.Programs {
		out = append(out, audit.Problem{Control: audit.RuntimeAndHooks.ID, Fatal: true,
			Message: fmt.Sprintf("%s has the engine use %q (%s), which could make the container another one and hide it: %s", p.File, p.Path, p.Key, p.Why),
			Hint:    programHint(p)})
	}
	return out
}

func programHint(p host.Program) string {
	away := fmt.Sprintf("take %s out of the file", p.Key)
	if p.Key == "PATH" {
		away = "have root's directories first in PATH"
	}
	return away + ", have root install it, or permit it for this run: --waive ZL-108=\"reason\""
}

// hooks is ZL-108: a hook runs as you, outside the container, before zlaunch can
// prove anything, and may change the container. It stops the run.
func hooks(s Subject) []audit.Problem {
	if !s.local() {
		return nil
	}
	var out []audit.Problem
	run := hookRun(s.Plan)
	for _, h := range s.Host.Hooks {
		switch {
		case h.Problem != "":
			out = append(out, audit.Problem{Control: audit.RuntimeAndHooks.ID, Fatal: true, Message: fmt.Sprintf("the hook file %q cannot be understood: %s", h.File, h.Problem),
				Hint: "correct or remove it: " + h.File})
		case h.Applies(run):
			out = append(out, audit.Problem{Control: audit.RuntimeAndHooks.ID, Fatal: true,
				Message: fmt.Sprintf("the hook %q would run as you at %s, before the container can be proved; %q asks for it", h.Path, strings.Join(h.Stages, ", "), h.File),
				Hint:    "take the file away, or set engine.hooks_dir in ~/.config/containers/containers.conf to an empty directory"})
		}
	}
	return out
}

// hookRun is what a hook's conditions see. The two annotations are Podman's own
// (libpod/annotations and container_internal_linux.go); their value does not
// matter to a careful answer.
func hookRun(plan *container.Spec) host.Run {
	r := host.Run{Annotations: map[string]string{"io.container.manager": "libpod", "org.opencontainers.image.stopSignal": "15"}}
	for _, k := range container.Annotation.Keys(plan) {
		r.Annotations[k], _, _ = container.Annotation.Get(plan, k)
	}
	if e, _, ok := container.Entrypoint.Get(plan); ok && len(e) > 0 {
		r.Command = e[0]
		if init, _, _ := container.Init.Get(plan); init {
			r.Command = "" // podman puts its init first, wherever that lies
		}
	}
	r.Binds = len(container.VolumeAt.Keys(plan)) > 0
	return r
}

// annotations is ZL-108: these change what the runtime does without any flag. Those
// of the image are ZL-917's.
func annotations(s Subject) []audit.Problem {
	var out []audit.Problem
	for _, k := range container.Annotation.Keys(s.Plan) {
		_, m, _ := container.Annotation.Get(s.Plan, k)
		byImage := len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerImage
		if w, obeyed := engine.WayOf(engine.Annotation, k); obeyed && w.Answer == engine.Refuse && !byImage {
			out = append(out, audit.Problem{Control: audit.RuntimeAndHooks.ID, Fatal: true, Setting: container.Path{Key: container.Annotation.Key(), Elem: k},
				Message: fmt.Sprintf("the annotation %q makes the OCI runtime act otherwise than planned", k), Hint: "take it out; or --waive ZL-108=\"reason\""})
		}
	}
	return out
}
