package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// ofUnknownType takes every path in a mount of a type nobody knows, but for its target, for
// one of the host; nil where there is none.
func (m *mount) ofUnknownType(option string) *mount {
	for _, f := range strings.Split(option, ",") {
		key, value, has := strings.Cut(f, "=")
		if has && !slices.Contains([]string{"dst", "dest", "destination", "target"}, key) && looksLikePath(value) {
			m.sources = append(m.sources, pathOf(value))
		}
	}
	if len(m.sources) == 0 {
		return nil
	}
	return m
}

// mountsOf reads the mounts of a spec, by target.
func mountsOf(k *Case) []*mount {
	out := []*mount{}
	for _, target := range container.VolumeAt.Keys(k.Spec) {
		v, mark, ok := container.VolumeAt.Get(k.Spec, target)
		m := &mount{Volume: v, at: elem(container.VolumeAt, target), target: target, mark: mark}
		if ok {
			m.added = hostAdded(k, m)
			m.resolve()
			out = append(out, m)
		}
	}
	others, mark, _ := container.MountOther.Get(k.Spec)
	for _, o := range others {
		if m := otherMount(o); m != nil {
			m.mark = mark
			out = append(out, m)
		}
	}
	return out
}

// hostAdded tells whether mounts.conf of the host brought the mount. A name alone
// does not make a written volume one.
func hostAdded(k *Case, m *mount) bool {
	if hostMade(m.mark) {
		return true
	}
	targets, _, known := container.HostMounts.Get(k.Spec)
	return m.mark.Evidence >= container.OCI && m.Source == mountsConf && (!known || slices.Contains(targets, m.target))
}

// otherMount reads --mount of a type that no row holds: glob, whose matches are as many
// binds, and what nobody knows; nil for those without a path of the host.
func otherMount(option string) *mount {
	m := &mount{at: at(container.MountOther)}
	kind := ""
	for _, f := range strings.Split(option, ",") {
		key, value, has := strings.Cut(f, "=")
		switch key {
		case "type":
			kind = value
		case "src", "source":
			m.Source = value
		case "dst", "dest", "destination", "target":
			m.target = value
		case "ro", "readonly":
			m.ReadOnly = !has || value == "true"
		case "relabel":
			m.Relabel = map[string]string{"shared": "z", "private": "Z"}[value]
		case "U", "chown":
			m.Chown = !has || value == "true"
		case "nosuid", "nodev":
			m.NoSuid, m.NoDev = m.NoSuid || key == "nosuid", m.NoDev || key == "nodev"
		case "bind-propagation":
			m.Propagation = value
		}
	}
	switch {
	case slices.Contains(pathlessMounts, kind):
		return nil
	case kind != "glob":
		return m.ofUnknownType(option)
	}
	m.glob = true
	m.Open = true
	m.sources = []source{located(m.Source, true)}
	return m
}

// pathlessMounts are the types of --mount without a path of the host.
var pathlessMounts = []string{"image", "artifact", "devpts", "ramfs", "npipe", "cluster"}

// allMounts are the mounts of a case, read once.
func allMounts(k *Case) []*mount {
	if k.mounts == nil {
		k.mounts = mountsOf(k)
	}
	return k.mounts
}

// volumes calls f for every mount but those that the host's administrator adds to
// every container, whose options are ZL-523.
func volumes(k *Case, f func(m *mount)) {
	everyMount(k, func(m *mount) {
		if !m.added {
			f(m)
		}
	})
}

// everyMount is [volumes] with those: what they bring in is judged like the rest.
// Like [each] it leaves the control open where there may be more of them.
func everyMount(k *Case, f func(m *mount)) {
	for _, m := range allMounts(k) {
		f(m)
	}
	moreMounts(k)
}

// moreMounts leaves the control open where there may be more of them.
func moreMounts(k *Case) {
	if !container.VolumeAt.Complete(k.Spec) {
		k.Open(at(container.VolumeAt), "whether there is more in %s is not known", container.VolumeAt.Key())
	}
}

// isDevice tells whether a mount brings a device, harmless ones included.
func isDevice(m *mount) bool {
	return slices.ContainsFunc(m.sources, func(s source) bool { return strings.HasPrefix(s.path, "/dev/") })
}

// bareRoot is the directory of --rootfs as a bind mount at /; nil where the root is
// an image's. A directory that a shell expands is no more known than a volume's.
func bareRoot(k *Case) *mount {
	dir, mark, ok := container.Rootfs.Get(k.Spec)
	if !ok || dir == "" {
		return nil
	}
	m := &mount{at: at(container.Rootfs), target: "/", mark: mark}
	m.Source, m.Overlay = dir, peek(k, container.RootfsOverlay)
	m.Open = !m.observed() && strings.ContainsAny(dir, expansions)
	m.sources = []source{pathOf(dir)}
	return m
}
