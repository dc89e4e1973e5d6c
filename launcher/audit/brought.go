package audit

import (
	"path"
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

// driver tells a part of a device's driver: a file of the operating system among its
// programs and libraries, that a specification brings read-only to such a place in the
// container. The workload can neither change it nor learn a secret from it, and an
// accelerator is of no use without: NVIDIA's specification brings some thirty. What else
// one brings is judged like any mount.
func (m *mount) driver() bool {
	return m.mark.Brought() && m.ReadOnly && inDriverPlace(path.Clean(m.Source)) && inDriverPlace(cleanTarget(m.target))
}

func inDriverPlace(p string) bool {
	return slices.ContainsFunc(driverPlaces, func(d string) bool { return beneath(p, d) && p != d })
}

// driverPlaces are directories of programs and libraries (hier(7)).
var driverPlaces = []string{"/bin", "/sbin", "/lib", "/lib64", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/local", "/usr/share", "/opt"}
