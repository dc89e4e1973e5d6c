package quadlet

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// system are the directories of units that the system's manager reads; below
// users/ they are for the users' managers (podman-systemd.unit(5)).
var system = []string{"run/containers/systemd/", "etc/containers/systemd/", "usr/share/containers/systemd/"}

// manager is whose systemd reads a unit.
type manager struct {
	system bool // the system's, which runs it as root
	known  bool // false: the unit's place does not say it
}

// managerOf tells whose manager reads a file, as far as its place says it.
func managerOf(file string, rootful bool) manager {
	if rootful {
		return manager{system: true, known: true}
	}
	file = strings.TrimPrefix(file, "/")
	for _, d := range system {
		if rest, ok := strings.CutPrefix(file, d); ok {
			return manager{system: !strings.HasPrefix(rest, "users/"), known: true}
		}
	}
	return manager{known: strings.HasPrefix(file, "run/user/") || strings.Contains("/"+file, "/.config/containers/systemd/")}
}

// layer is whose file the unit is.
func (m manager) layer() container.Layer {
	switch {
	case m.system:
		return container.LayerSystem
	case m.known:
		return container.LayerUser
	}
	return container.LayerProject
}

func asRootless(r *reader) {
	if r.by.known {
		container.Rootless.Set(r.out.Spec, !r.by.system, container.From(container.Origin{Layer: r.by.layer(), File: r.out.File}))
	}
}
