package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of sockets through which a process acts outside. Those of engines are ZL-102.

var NoControlSocket = &Control{
	ID: "ZL-509", Name: "no-control-socket", Severity: High,
	Title:  "No other control sockets",
	Why:    "through the sockets of D-Bus, systemd, a desktop or an SSH agent the process acts outside the container",
	Fix:    "leave it away, or a directory of its own, mode 0700, for a socket that serves",
	Breaks: "a server that listens on a Unix socket: mount the directory it makes the socket in, and say why",
	Refs:   []string{"IBM L140-144", "OWASP #1", "PSS baseline", "systemd IPC", "CWE-668"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther, container.Rootfs},
	Judge:  eachPath(judgeNoControlSocket, mounted),
}

func judgeNoControlSocket(k *Case, p *hostPath) bool {
	what, ok := reachesSocket(p.path)
	if pl, r := socketPlaces.find(p.path); p.open != "" && (pl.exact || r < inside) {
		return false
	}
	severity := High
	switch what {
	case anyListener:
		severity = Medium
	case typedInto:
		severity = Critical
	}
	if ok && p.why == "" {
		k.FailAs(severity, p.at, "%s must not come from %s: it reaches %s, or say why it may", p.what, p.said, what)
	}
	return ok
}

// anyListener is whoever made a socket of which nothing but its name is known. It may be
// the workload's own other half, and is no way out by itself.
const anyListener = "whoever listens there"

// reachesSocket names the socket that a clean path is or holds.
func reachesSocket(p string) (what string, ok bool) {
	if slices.Contains(engineSockets, path.Base(p)) {
		return "", false
	}
	if pl, r := socketPlaces.find(p); r > above {
		return pl.what, true
	} else if q := spellings(p)[0]; r == above && (q == "/tmp" || q == "%t") { // what is further up is the host itself
		return "what every user and program of the host keeps there, sockets of the desktop and of SSH agents among it", true
	}
	if what, ok := namedSocket(p); ok {
		return what, true
	}
	ofEngine := strings.HasPrefix(spellings(p)[0], "%t/") && engineName().MatchString(p) // ZL-506
	return anyListener, isSocket(p) && !ofEngine
}

// socketPlaces are sockets through which a process acts outside, and directories
// of them (ZL-509). Those of engines are ZL-102.
var socketPlaces = newPlaceTable([][2]string{
	{"the message bus", "/run/dbus /tmp/dbus-* %t/bus %t/dbus-* %t/at-spi"},
	{"systemd", "/run/systemd %t/systemd /run/initctl /run/udev /dev/log"},
	{"the desktop", "/tmp/.X11-unix /tmp/.ICE-unix %t/wayland-* %t/pulse %t/pipewire-* %t/gvfs"},
	{"the SSH agent", agentSocket + " %t/keyring %t/openssh_agent %t/gcr"},
	{"storage and machines", "/run/lvm /run/multipathd /run/libvirt /var/lib/lxd /run/cups /run/pcscd"},
})

// agentSocket is where OpenSSH's own agent listens.
const agentSocket = container.AnyAgent
