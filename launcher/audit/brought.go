package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What devices of the Container Device Interface bring: nodes for ZL-605, and hooks for
// ZL-108.

// broughtHooks wants every hook to be root's program. What one does with the rights of
// the caller, before the walls stand, no setting tells: a person says whether it may.
func broughtHooks(k *Case) {
	for _, key := range container.HookAt.Keys(k.Spec) {
		h, _, ok := container.HookAt.Get(k.Spec, key)
		p := elem(container.HookAt, key)
		switch {
		case !ok:
		case !ofRoot(h.Path):
			k.FailAs(Critical, p, "the runtime runs %q on the host as the caller, before the container's walls stand", h.Path)
		default:
			k.Review(p, "whether %q may run on the host as the caller, before the container's walls stand, is for a person to say", h.Path)
		}
	}
}

// hookPaths gather the programs of hooks.
func hookPaths(k *Case) (out []hostPath) {
	for _, key := range container.HookAt.Keys(k.Spec) {
		h, m, _ := container.HookAt.Get(k.Spec, key)
		out = append(out, hostPath{source: pathOf(h.Path), at: elem(container.HookAt, key), what: "hook", use: ran, why: m.Why})
	}
	return out
}

// broughtNodes calls f for every node.
func broughtNodes(k *Case, f func(d *device)) {
	for _, name := range container.DeviceNodeAt.Keys(k.Spec) {
		f(&device{elem(container.DeviceNodeAt, name), name, name})
	}
}

// resolved tells that what CDI names bring is in the spec, where it is judged.
func resolved(k *Case) bool { return container.DeviceNodeAt.Complete(k.Spec) }

// leaveBrought leaves the devices away that bring nodes and hooks, and all of these with
// them.
func leaveBrought(s *container.Spec) {
	devices, _, _ := container.Device.Get(s)
	container.Device.Set(s, slices.DeleteFunc(slices.Clone(devices), func(d string) bool { return !strings.HasPrefix(d, "/") }), mended)
	container.DeviceNodeAt.Clear(s)
	container.HookAt.Clear(s)
}
