package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// ownNamespace demands a namespace of the container's own.
func ownNamespace(row container.Field[string]) func(*Case) {
	return func(k *Case) {
		if v, ok := read(k, row); ok && v != "private" && v != "" {
			k.Fail(at(row), "%s must be private, not %s", row.Key(), v)
		}
	}
}

// privateIpc grades the host's own higher: whatever processes of the same user share
// in memory can be read and changed, as with pid. Shareable lets others in, and
// gives nothing of the host away.
func privateIpc(k *Case) {
	switch v, ok := read(k, container.Ipc); {
	case !ok || v == "private" || v == "none":
	case v == "shareable" || v == "":
		k.FailAs(Low, at(container.Ipc), "ipc must be private: shareable lets other containers join")
	case v == "host":
		k.FailAs(High, at(container.Ipc), "ipc must be private, not host: what the host's processes share in memory can be read and changed")
	default:
		k.Fail(at(container.Ipc), "ipc must be private, not %s", v)
	}
}

// ownCgroup judges the control group itself and what is seen of the tree.
func ownCgroup(k *Case) {
	if mode, ok := read(k, container.Cgroups); ok && mode == "disabled" {
		k.Fail(at(container.Cgroups), "cgroups must be enabled: without a control group no limit holds")
	}
	if dir, m, ok := container.CgroupParent.Get(k.Spec); !ok {
		k.Open(at(container.CgroupParent), "%s is not known", container.CgroupParent.Key())
	} else if dir != "" && m.Why == "" {
		k.Fail(at(container.CgroupParent), "cgroup_parent must be left away, or say why it is %s", dir)
	}
	ns, m, ok := container.Cgroupns.Get(k.Spec)
	version, _, known := container.CgroupVersion.Get(k.Spec)
	switch {
	case !ok:
		k.Open(at(container.Cgroupns), "%s is not known", container.Cgroupns.Key())
	case version == 1 && k.silent():
		k.NA("on cgroup v1 the namespace is always the host's")
	case version == 1 || ns == "private" || ns == "":
	case !known && m.Evidence >= container.Inspected:
		k.Open(at(container.CgroupVersion), "whether the host has cgroup v1, where cgroupns is always host, is not known")
	default:
		k.Fail(at(container.Cgroupns), "cgroupns must be private, not %s", ns)
	}
}

func mendCgroup(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.Cgroups.Key():
		container.Cgroups.Set(s, "enabled", mended)
	case container.CgroupParent.Key():
		container.CgroupParent.Set(s, "", mended)
	default:
		container.Cgroupns.Set(s, "private", mended)
	}
}

// initPrograms are the first processes for which --systemd=true switches systemd
// mode on (podman-run(1), --systemd).
var initPrograms = []string{"systemd", "init", "/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init"}

// noSystemdMode grades the engine's default, which waits for systemd to be the
// first process, as a fact while nothing shows that it is.
func noSystemdMode(k *Case) {
	mode, m, ok := container.Systemd.Get(k.Spec)
	switch {
	case !ok:
		k.Open(at(container.Systemd), "%s is not known", container.Systemd.Key())
	case mode == "false" || m.Why != "":
	case mode == "always" || m.Evidence >= container.Inspected || startsInit(k.Spec):
		k.Fail(at(container.Systemd), `systemd must be "false"`)
	default:
		k.FailAs(Info, at(container.Systemd), `systemd must be "false": %s waits for systemd as the first process`, mode)
	}
	if n, ok := read(k, container.PreserveFds); ok && n > 0 {
		// What they are no text tells: a directory leads to all of the host, a socket may be an engine's.
		k.FailAs(High, at(container.PreserveFds), "preserve_fds must be 0, not %d: all that the caller has open there is the workload's", n)
	}
}

func startsInit(s *container.Spec) bool {
	words, _, _ := container.Entrypoint.Get(s)
	args, _, _ := container.Args.Get(s)
	words = slices.Concat(words, args)
	return len(words) > 0 && (slices.Contains(initPrograms, words[0]) || path.Base(words[0]) == "systemd")
}

func mendSystemd(s *container.Spec, p container.Path) {
	if p.Key == container.PreserveFds.Key() {
		container.PreserveFds.Set(s, 0, mended)
		return
	}
	container.Systemd.Set(s, "false", mended)
}

// podUnderstood: what a container of a pod shares stands in its pod, not in its own
// options.
func podUnderstood(k *Case) {
	pod, m, ok := container.Pod.Get(k.Spec)
	switch {
	case !ok:
		k.Open(at(container.Pod), "%s is not known", container.Pod.Key())
	case pod != "" && m.Why == "" && !peek(k, container.PodKnown):
		k.Open(at(container.Pod), "what the pod %s decides is not known", strings.TrimSpace(pod))
	}
}

// inPod opens what passed by a row that a pod decides, where what the pod says is
// not known.
func inPod(s *container.Spec, in []Finding) []Finding {
	pod, _, _ := container.Pod.Get(s)
	if known, _, _ := container.PodKnown.Get(s); pod == "" || known {
		return in
	}
	for i := range in {
		f := &in[i]
		for _, r := range f.Control.Reads {
			if f.Verdict == Pass && decidedByPod[r.Key()] {
				f.Verdict, f.At, f.Message = Open, at(container.Pod), "the pod "+strings.TrimSpace(pod)+" decides "+r.Key()+" too"
			}
		}
	}
	return in
}

var decidedByPod = func() map[string]bool {
	out := map[string]bool{}
	for _, r := range container.PodRows {
		out[r.Key()] = true
	}
	return out
}()
