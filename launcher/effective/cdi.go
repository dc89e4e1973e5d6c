package effective

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Inject adds what the devices of a run bring, as Podman's library applies it to the
// configuration of the OCI runtime: a variable, a node and a mount replace their
// like, hooks come one after the other. Of a node the numbers are those that the part
// says. The rows of nodes and hooks are complete then.
func Inject(s *container.Spec, parts []cdi.Part) {
	m := derived("device")
	container.DeviceNodeAt.SetComplete(s, m)
	container.HookAt.SetComplete(s, m)
	count := map[string]int{}
	for _, p := range parts {
		mark := container.From(container.Origin{Layer: container.LayerCDI, File: p.File, Key: p.By})
		for _, kv := range p.Edits.Env {
			name, value, _ := strings.Cut(kv, "=")
			bring(s, container.Env, name, value, mark)
		}
		for _, n := range p.Edits.Nodes {
			bring(s, container.DeviceNodeAt, n.Path, container.DeviceNode{Type: n.Type, Major: n.Major, Minor: n.Minor, Access: orDefault(n.Access, "rwm")}, mark)
		}
		for _, v := range p.Edits.Mounts {
			bring(s, container.VolumeAt, v.ContainerPath, container.Volume{Source: v.HostPath, ReadOnly: v.Has("ro", "rw"),
				NoSuid: v.Has("nosuid", "suid"), NoDev: v.Has("nodev", "dev"), NoExec: v.Has("noexec", "exec")}, mark)
		}
		for _, h := range p.Edits.Hooks {
			count[h.Stage]++
			bring(s, container.HookAt, container.HookKey(h.Stage, count[h.Stage]), hookOf(h), mark)
		}
	}
}

// bring sets an element and keeps whom it replaced.
func bring[T any](s *container.Spec, row container.Map[T], elem string, v T, m container.Mark) {
	_, was, _ := row.Get(s, elem)
	m.Origin = append(m.Origin[:1:1], was.Origin...)
	row.Set(s, elem, v, m)
}

func hookOf(h cdi.Hook) container.Hook {
	out := container.Hook{Path: h.Path, Args: h.Args, Env: h.Env}
	if h.Timeout != nil {
		out.Timeout = int64(*h.Timeout)
	}
	return out
}
