package observe

import (
	"path"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What devices of the Container Device Interface bring is seen as what it is, nodes and
// hooks, and is no device or note of its own where it is as planned.

// injects tells whether the plan knows what the devices of the run bring.
func injects(in *Context) bool {
	return in.Planned != nil && container.DeviceNodeAt.Complete(in.Planned)
}

// fillNodes sets the device nodes that the configuration has the runtime make. A node
// that no planned device brings is a device.
func fillNodes(s *container.Spec, l *specs.Linux, in *Context) {
	devices, _, _ := container.Device.Get(s)
	devices = slices.DeleteFunc(slices.Clone(devices), func(d string) bool { return in.Audit && slices.Contains(plainNodes, d) })
	for _, d := range l.Devices {
		at := path.Clean(d.Path)
		_, known := plannedAt(in, container.DeviceNodeAt, at)
		switch {
		case known:
			container.DeviceNodeAt.Set(s, at, nodeOf(d, l, in), seen(container.OCI))
		case !slices.Contains(devices, at) && !slices.Contains(plainNodes, at):
			devices = append(devices, at)
		}
	}
	container.Device.Set(s, devices, seen(container.OCI))
}

// nodeOf reads a node and what its device cgroup is to let through. A rootless engine
// may leave the rules out, which have no effect there: then nothing contradicts the
// plan.
func nodeOf(d specs.LinuxDevice, l *specs.Linux, in *Context) container.DeviceNode {
	want, _ := plannedAt(in, container.DeviceNodeAt, path.Clean(d.Path))
	n := container.DeviceNode{Type: d.Type, Major: d.Major, Minor: d.Minor, Access: want.Access}
	if n.Type == "u" {
		n.Type = "c"
	}
	if l.Resources == nil {
		return n
	}
	for _, r := range l.Resources.Devices {
		if r.Allow && r.Major != nil && *r.Major == d.Major && r.Minor != nil && *r.Minor == d.Minor {
			n.Access = r.Access
		}
	}
	return n
}

// boundNode tells a planned node that the kernel shows as a bind of the host's node of
// the same name, as a runtime in a user namespace makes it.
func boundNode(m *mount, in *Context) (n container.DeviceNode, ok bool) {
	n, planned := plannedAt(in, container.DeviceNodeAt, m.target)
	return n, planned && m.device() == m.target
}

// fillHooks sets the hooks that the configuration has; those that are not as planned
// are notes.
func fillHooks(s *container.Spec, h *specs.Hooks, in *Context) (notes []string) {
	for _, st := range stages(h) {
		for i, k := range st.hooks {
			got := container.Hook{Path: k.Path, Args: k.Args, Env: k.Env}
			if k.Timeout != nil {
				got.Timeout = int64(*k.Timeout)
			}
			notes = append(notes, setHook(s, container.HookKey(st.name, i+1), got, in)...)
		}
	}
	if injects(in) {
		container.HookAt.SetComplete(s, seen(container.OCI))
	}
	return notes
}

func setHook(s *container.Spec, key string, got container.Hook, in *Context) (notes []string) {
	if _, planned := plannedAt(in, container.HookAt, key); !planned {
		return []string{strings.TrimSpace("hook " + container.HookStage(key) + " " + got.Path)}
	}
	container.HookAt.Set(s, key, got, seen(container.OCI))
	return nil
}

// stage is the hooks of one moment.
type stage struct {
	name  string
	hooks []specs.Hook
}

func stages(h *specs.Hooks) []stage {
	if h == nil {
		return nil
	}
	return []stage{
		//lint:ignore SA1019 deprecated or not, a prestart hook still runs
		{"prestart", h.Prestart},
		{"createRuntime", h.CreateRuntime}, {"createContainer", h.CreateContainer},
		{"startContainer", h.StartContainer}, {"poststart", h.Poststart}, {"poststop", h.Poststop},
	}
}
