package observe

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// isDevice tells a device, which rootless Podman binds, from a volume: both ends
// lie in /dev, and no volume is planned there.
func isDevice(m *mount, in *Context) bool {
	_, volume := plannedAt(in, container.VolumeAt, m.target)
	node := m.fstype == "bind" || m.fstype == "devtmpfs"
	return !volume && node && strings.HasPrefix(m.target, "/dev/") && m.target != "/dev/shm" && m.device() != ""
}

// device writes SOURCE, SOURCE:TARGET and, read-only, a final ":r". On devtmpfs
// the source is found below /dev.
func (m *mount) device() string {
	d := m.source
	if m.fstype == "devtmpfs" {
		d = path.Join("/dev", m.root)
	}
	if !strings.HasPrefix(d, "/dev/") {
		return ""
	}
	if d != m.target {
		d += ":" + m.target
	}
	if m.opts.ReadOnly {
		d += ":r"
	}
	return d
}

// likePlanned spells devices as the plan does: without a target equal to the
// source, and without permissions that only the kernel's read-only flag tells. A device
// that is named and no path is seen by what it brings, where the plan knows that.
func likePlanned(devices []string, in *Context) []string {
	want, _ := planned(in, container.Device)
	out := slices.Clone(devices)
	for i, d := range out {
		for _, w := range want {
			if plainDevice(w) == d {
				out[i] = w
			}
		}
	}
	for _, w := range want {
		if injects(in) && !strings.HasPrefix(w, "/") {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}

var devicePermissions = lazyregexp.New(`^[rwm]+$`)

// plainDevice writes a --device value as [mount.device] does.
func plainDevice(w string) string {
	parts := strings.Split(w, ":")
	readOnly := ""
	if n := len(parts); n > 1 && devicePermissions().MatchString(parts[n-1]) {
		if !strings.Contains(parts[n-1], "w") {
			readOnly = ":r"
		}
		parts = parts[:n-1]
	}
	if len(parts) == 2 && parts[0] == parts[1] {
		parts = parts[:1]
	}
	return strings.Join(parts, ":") + readOnly
}
