package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

func judgeRootless(k *Case) {
	prefix := peek(k, container.Prefix)
	rootless, _, known := container.Rootless.Get(k.Spec)
	switch {
	case known && rootless:
	case known && asRoot(prefix):
		k.Fail(at(container.Prefix), "%s must not stand before the command: the engine must run as an ordinary user", prefix[0])
	case known:
		k.Fail(container.Path{}, "the engine must run as an ordinary user, not as root")
	case peek(k, container.Engine) == "docker":
		k.Open(at(container.Rootless), "docker runs as root unless its rootless mode was set up: docker info tells")
	default:
		k.Open(at(container.Rootless), "whether the engine is rootless is not known: podman info tells")
	}
}

func asRoot(prefix []string) bool {
	return slices.ContainsFunc(prefix, func(w string) bool { return slices.Contains([]string{"sudo", "doas", "su"}, path.Base(w)) })
}

func judgeTCP(k *Case) {
	remote, api := peek(k, container.Remote), peek(k, container.EngineAPI)
	_, _, known := container.EngineAPI.Get(k.Spec)
	switch {
	case strings.HasPrefix(remote, "tcp:"):
		k.Fail(at(container.Remote), "the engine must be reached by ssh:// or a Unix socket, not by %s", container.MaskText(remote))
	case strings.HasPrefix(api, "tcp:"):
		k.Fail(at(container.EngineAPI), "the engine must listen on a Unix socket, not on %s", container.MaskText(api))
	case strings.Contains(remote, "://") || known:
	case remote != "":
		k.Open(at(container.Remote), "which address the connection %q has is not known: podman system connection list tells", remote)
	default:
		k.Open(at(container.EngineAPI), "whether the engine also listens on TCP is not known: ss -ltnp on its host tells")
	}
}

// judgeEnforceable asks for the limits somebody stated: the engine's own default
// is nobody's promise.
func judgeEnforceable(k *Case) {
	asked := askedLimits(k.Spec)
	if len(asked) == 0 {
		k.NA("no limit is asked for")
		return
	}
	if peek(k, container.Cgroups) == "disabled" {
		k.Fail(at(container.Cgroups), "cgroups must not be disabled: without a cgroup no limit holds")
		return
	}
	rootless, ok := read(k, container.Rootless)
	if !ok || !rootless {
		return
	}
	version, ok := read(k, container.CgroupVersion)
	if !ok {
		return
	}
	controllers, ok := []string(nil), true
	if version >= 2 {
		controllers, ok = read(k, container.CgroupControllers)
	}
	var missing []string
	var first container.Path
	for _, l := range asked {
		if ok && !slices.Contains(controllers, l.controller) {
			if missing == nil {
				first = at(l.row)
			}
			missing = append(missing, l.row.Key())
		}
	}
	if missing != nil {
		k.Fail(first, "%s cannot be enforced: %s", strings.Join(missing, ", "), whyNot(version))
	}
}

func whyNot(version int64) string {
	if version < 2 {
		return "with cgroup version 1 the limits of an ordinary user are ignored"
	}
	return "the cgroup controllers for it are not delegated"
}

type askedLimit struct {
	row        container.Row
	controller string
}

func askedLimits(s *container.Spec) []askedLimit {
	var out []askedLimit
	ask := func(row container.Row, m container.Mark, positive bool, controller string) {
		if byEngine := len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerEngine; positive && !byEngine {
			out = append(out, askedLimit{row, controller})
		}
	}
	memory, m, _ := container.Memory.Get(s)
	ask(container.Memory, m, memory > 0, "memory")
	swap, m, _ := container.MemorySwap.Get(s)
	ask(container.MemorySwap, m, swap > 0, "memory")
	cpus, m, _ := container.Cpus.Get(s)
	ask(container.Cpus, m, cpus > 0, "cpu")
	pids, m, _ := container.PidsLimit.Get(s)
	ask(container.PidsLimit, m, pids > 0, "pids")
	return out
}

// oldest is the first Podman that zlaunch runs on and a distribution still mends
// (Debian 12).
var oldest = [2]int{4, 3}

// judgePatched never passes by itself: which mistakes are mended no version number
// tells.
func judgePatched(k *Case) {
	version, _, ok := container.EngineVersion.Get(k.Spec)
	kind := peek(k, container.Engine)
	switch {
	case ok && kind == "podman" && engine.Older(version, oldest[0], oldest[1], 0):
		k.Fail(at(container.EngineVersion), "podman must be %d.%d or later, it is %s: nobody mends that any more", oldest[0], oldest[1], version)
	case ok && kind == "podman" && len(advised(version, "")) > 0:
		k.Review(at(container.EngineVersion), "podman %s by its version obeys hostile images: %s; the distribution may have mended it, its advisories and zlaunch doctor tell",
			version, strings.Join(advised(version, ""), ", "))
	case ok && version != "":
		k.Review(at(container.EngineVersion), "whether %s %s, its runtime and the kernel carry all fixes is for the distribution's advisories to say", kind, version)
	case foreign(k):
		k.NA("no host is named whose versions could be asked for")
	default:
		k.Open(at(container.EngineVersion), "the engine's version is not known")
	}
}

// foreign tells that the subject is text somebody wrote, with no host behind it.
func foreign(k *Case) bool {
	subject := peek(k, container.Subject)
	return subject == "line" || subject == "unit"
}
