package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// volumesLabelled demands z or Z of binds. What a sensitive path would need is not
// asked: relabelling it is ZL-511.
func volumesLabelled(k *Case) {
	if peek(k, container.SELinux) == "off" {
		k.NA("SELinux is off on this host: nothing is labelled")
		return
	}
	volumes(k, func(m *mount) {
		switch {
		case m.Relabel != "" || m.Labelled || m.kind == namedVolume || m.kind == anonymousVolume || m.kind == memoryMount || fromSystem(m):
		case m.kind == pathOrName:
			k.Open(m.at, "%s: %s is expanded by the shell", m, m.Source)
		case m.Overlay:
			k.Open(m.at, "the label of %s on disk is not known: nothing relabels below an overlay", m.Source)
		case m.forgotten():
			k.Open(m.at, "the label of %s on disk is not known: podman inspect forgets z, ls -dZ shows it", m.Source)
		default:
			k.Fail(m.at, "%s must carry z or Z", m)
		}
	})
}

// fromSystem tells that a mount comes from a place that must not be relabelled.
func fromSystem(m *mount) bool {
	return slices.ContainsFunc(m.sources, func(s source) bool { return s.open == "" && forbidden(s.path) })
}

// secretFile matches the names of files and directories that hold a secret.
var secretFile = pattern(`(?i)^(.*\.(key|p12|pfx|jks|keytab|kdbx)|id_(rsa|dsa|ecdsa|ed25519)|\.env|(.*[-_.])?(secrets?|tokens?|passwords?|credentials?)([-_.].*)?)$`)

// labelFits judges what the source alone can tell of a label: a secret is for one
// container. Whether another container needs a store marked Z is not known here.
func labelFits(k *Case) {
	if peek(k, container.SELinux) == "off" {
		k.NA("SELinux is off on this host: nothing is labelled")
		return
	}
	label := map[string]string{}
	volumes(k, func(m *mount) {
		if m.Relabel == "" || len(m.sources) == 0 {
			return
		}
		s := m.sources[0]
		_, store := reachesCredentials(s.path)
		other, again := label[s.path]
		switch label[s.path] = m.Relabel; {
		case s.path == "" || s.open != "":
		case m.Relabel == "z" && (store > above || secretFile().MatchString(path.Base(s.path))):
			k.Fail(m.at, "%s must carry Z: with z every container may read %s", m, s.said)
		case again && other != m.Relabel:
			k.Fail(m.at, "%s must carry %s: %s is mounted twice, and the last label counts for both", m, other, s.said)
		}
	})
}

func noChown(k *Case) {
	volumes(k, func(m *mount) {
		switch {
		case m.Chown:
			k.Fail(m.at, "%s must not carry U: it gives %s away", m, m.Source)
		case m.forgotten() && m.kind == bindMount:
			k.Open(m.at, "whether U gave %s away is not known: only the create command tells", m.Source)
		}
	})
}

func privatePropagation(k *Case) {
	everyMount(k, func(m *mount) {
		switch m.Propagation {
		case "", "private", "rprivate", "unbindable", "runbindable":
		case "slave", "rslave":
			if !m.declared() {
				k.Fail(m.at, "%s must be rprivate, or say why it is %s", m, m.Propagation)
			}
		default:
			k.Fail(m.at, "%s must be rprivate, not %s", m, m.Propagation)
		}
	})
}

// volumesInert demands nosuid and nodev of binds. The engine gives them to its own
// volumes, and to an overlay they cannot be given.
func volumesInert(k *Case) {
	volumes(k, func(m *mount) {
		var must []string
		if !m.NoSuid {
			must = append(must, "nosuid")
		}
		if !m.NoDev {
			must = append(must, "nodev")
		}
		switch {
		case len(must) == 0 || m.Overlay || isDevice(m):
		case m.kind == bindMount || m.kind == memoryMount:
			k.Fail(m.at, "%s must be %s", m, strings.Join(must, ","))
		case m.kind == pathOrName:
			k.Open(m.at, "%s: %s is expanded by the shell", m, m.Source)
		}
	})
}

func noWritableSubmount(k *Case) {
	found, _, known := container.SubMounts.Get(k.Spec)
	for _, f := range found {
		k.Fail(placeOf(k.Spec, f), "%s must be read-only too, or mounted by itself: ro of the volume above does not reach it", f)
	}
	if known {
		return
	}
	ask := false
	volumes(k, func(m *mount) { ask = ask || m.kind == bindMount && m.ReadOnly })
	if ask {
		needsHost(k, container.SubMounts, "what is mounted below a read-only volume")
	}
}

func overlayThrowAway(k *Case) {
	volumes(k, func(m *mount) {
		switch {
		case m.Upper != "" && !m.declared():
			k.Fail(m.at, "%s must not keep what is written in %s, or say why", m, m.Upper)
		case m.Overlay && m.Upper == "" && m.forgotten():
			k.Open(m.at, "whether the overlay at %s has an upperdir is not known: only the create command tells", m.target)
		}
	})
}

// volumeName matches what Podman takes for a volume's name (libpod/define,
// NameRegex).
var volumeName = pattern(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

func volumesAreVolumes(k *Case) {
	var ask []*mount
	volumes(k, func(m *mount) {
		switch {
		case m.kind != namedVolume:
		case len(m.sources) > 0:
			k.Fail(m.at, "%s must name the path it binds: %s is %s", m, m.Source, saidOf(m.sources))
		case m.Backed():
		case !volumeName().MatchString(m.Source):
			k.Fail(m.at, "%s must come from a path that begins with / or ./: %s is no name of a volume", m, m.Source)
		case m.mark.Evidence < container.Kernel: // which shows what is really mounted
			ask = append(ask, m)
		}
	})
	if len(ask) == 0 {
		return
	}
	if beforeHost(k) {
		if k.silent() {
			k.NA("whether %s is a volume or a bind needs the host that runs it", ask[0].Source)
		}
		return
	}
	for _, m := range ask {
		k.Open(m.at, "whether %s is a volume or a bind is not known: podman volume inspect tells", m.Source)
	}
}

func saidOf(list []source) string {
	said := make([]string, len(list))
	for i, s := range list {
		said[i] = s.said
	}
	return strings.Join(said, ", ")
}

func noBareRootfs(k *Case) {
	if dir, ok := read(k, container.Rootfs); ok && dir != "" {
		written := ""
		if overlay, _, known := container.RootfsOverlay.Get(k.Spec); known && !overlay {
			written = ", and it is written to on the host"
		}
		k.Fail(at(container.Rootfs), "rootfs must be left away and image name an image: %s has no digest%s", dir, written)
	}
}

func noHostMounts(k *Case) {
	seen := map[string]bool{}
	everyMount(k, func(m *mount) {
		if m.added {
			seen[m.target] = true
			k.Fail(m.at, "volume %s must be taken out of the host's mounts.conf or containers.conf", m.target)
		}
	})
	targets, _, known := container.HostMounts.Get(k.Spec)
	for _, target := range targets {
		if !seen[target] {
			k.Fail(at(container.HostMounts), "%s must be taken out of the host's mounts.conf", target)
		}
	}
	if !known && len(seen) == 0 {
		needsHost(k, container.HostMounts, "what mounts.conf adds")
	}
}
