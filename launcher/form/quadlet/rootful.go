package quadlet

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// system are the directories of units that the system's manager reads; below
// users/ they are for the users' managers (podman-systemd.unit(5)).
var system = []string{"run/containers/systemd/", "etc/containers/systemd/", "usr/share/containers/systemd/"}

// ofSystem tells whose manager reads a unit, as far as its place says it.
func (r *reader) ofSystem() (yes, known bool) {
	if r.o.Rootful {
		return true, true
	}
	file := strings.TrimPrefix(r.out.File, "/")
	for _, d := range system {
		if rest, ok := strings.CutPrefix(file, d); ok {
			return !strings.HasPrefix(rest, "users/"), true
		}
	}
	user := strings.HasPrefix(file, "run/user/") || strings.Contains("/"+file, "/.config/containers/systemd/")
	return false, user
}

func asRootless(r *reader) {
	if system, known := r.ofSystem(); known {
		container.Rootless.Set(r.out.Spec, !system, container.From(container.Origin{Layer: r.layer(), File: r.out.File}))
	}
}

// layer is whose file the unit is.
func (r *reader) layer() container.Layer {
	switch system, known := r.ofSystem(); {
	case system:
		return container.LayerSystem
	case known:
		return container.LayerUser
	}
	return container.LayerProject
}
