package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// eachSource is a judge of what mounts bring in from the host. Where a source is
// not known to the end, and what is known of it is harmless, the control is open.
func eachSource(judge func(k *Case, m *mount, s source) (failed bool)) func(*Case) {
	return func(k *Case) {
		everyMount(k, func(m *mount) {
			for _, s := range m.sources {
				if !judge(k, m, s) && s.open != "" {
					k.Open(m.at, "%s: %s", m, s.open)
				}
			}
		})
		if m := bareRoot(k); m != nil && !judge(k, m, m.sources[0]) && m.sources[0].open != "" {
			k.Open(m.at, "%s: %s", m, m.sources[0].open)
		}
	}
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
	m.Open = !m.observed() && strings.ContainsAny(dir, expanded)
	m.sources = []source{located(dir, m.Open)}
	return m
}

// settled tells whether a relation holds whatever the unknown rest of a source is.
func (s source) settled(r relation) bool { return s.open == "" || r > above }

func noSensitivePath(k *Case, m *mount, s source) bool {
	pl, r := reachesHost(s.path)
	if r == apart || !s.settled(r) || s.open != "" && pl.exact {
		return false
	}
	if !m.written() && slices.ContainsFunc(hostData, func(h string) bool { return beneath(s.path, h) || s.open != "" && beneath(h, s.path) }) {
		return false
	}
	k.Fail(m.at, "%s must not come from %s: %s", m, s.said, r.words(pl))
	return true
}

// words says how a source lies to a place.
func (r relation) words(pl place) string {
	switch r {
	case above:
		return "it holds " + pl.path + ", " + pl.what
	case inside:
		return "it lies in " + pl.path + ", " + pl.what
	}
	return "it is " + pl.what
}

func noHome(k *Case, m *mount, s source) bool {
	if s.open != "" || !wholeHome(s.path) {
		return false
	}
	k.Fail(m.at, "%s must not come from %s: mount the one directory of the home that is needed", m, s.said)
	return true
}

// noCredentials grades a directory above a store lower: whether the store is there
// is not known.
func noCredentials(k *Case, m *mount, s source) bool {
	pl, r := reachesCredentials(s.path)
	if r == apart || !s.settled(r) {
		pl, r = namesStore(s)
	}
	if r == apart {
		return false
	}
	severity := Critical
	if r == above {
		severity = High
	}
	k.FailAs(severity, m.at, "%s must not come from %s: %s; use secret", m, s.said, r.words(pl))
	return true
}

// storeDepth is more names than any credential store has below a home.
const storeDepth = 5

// namesStore finds the store that a source names behind what is expanded
// elsewhere: of $HOME/.ssh it is known whatever HOME is.
func namesStore(s source) (place, relation) {
	if s.open == "" {
		return place{}, apart
	}
	behind := false
	names := strings.Split(path.Clean(s.said), "/")
	for i, name := range names {
		if behind && strings.HasPrefix(name, ".") {
			tail := strings.Join(names[i:min(i+storeDepth, len(names))], "/")
			if pl, r := credentialPlaces.find("/home/~/" + tail); r > above {
				return pl, r
			}
		}
		behind = behind || strings.ContainsAny(name, expanded)
	}
	return place{}, apart
}

func noControlSocket(k *Case, m *mount, s source) bool {
	what, ok := reachesSocket(s.path)
	if pl, r := socketPlaces.find(s.path); s.open != "" && (pl.exact || r < inside) {
		return false
	}
	if ok && !m.declared() {
		k.Fail(m.at, "%s must not come from %s: it reaches %s, or say why it may", m, s.said, what)
	}
	return ok
}

// noHarmfulRelabel demands that only trees of the workload's own are relabelled.
func noHarmfulRelabel(k *Case) {
	if peek(k, container.SELinux) == "off" {
		k.NA("SELinux is off on this host: nothing is relabelled")
		return
	}
	everyMount(k, func(m *mount) {
		for _, s := range m.sources {
			switch bad := s.path != "" && forbidden(s.path); {
			case m.Relabel == "" && !(bad && m.forgotten()):
			case m.Relabel == "":
				k.Open(m.at, "whether %s was relabelled is not known: podman inspect forgets z", s.said)
			case bad && s.open == "":
				k.Fail(m.at, "%s must not carry %s: it would relabel %s for good", m, m.Relabel, s.said)
			case s.open != "":
				k.Open(m.at, "%s: %s", m, s.open)
			}
		}
	})
}

// stableSource demands sources that nobody can swap. Whose the directories above
// a source are is a fact of the host.
func stableSource(k *Case) {
	unsafe, _, known := container.UnsafeSources.Get(k.Spec)
	for _, u := range unsafe {
		target, why, _ := strings.Cut(u, ": ")
		k.Fail(placeOf(k.Spec, target), "volume %s must come from a path that only you can change: %s", target, why)
	}
	ask := false
	volumes(k, func(m *mount) {
		ask = ask || len(m.sources) > 0
		switch {
		case m.observed(): // the kernel shows whole paths
		case m.Open && len(m.sources) > 0 && m.sources[0].open != "":
			k.Open(m.at, "%s: %s", m, m.sources[0].open)
		case m.kind == hostPath && !m.Open && !strings.HasPrefix(m.Source, "/") && !strings.HasPrefix(m.Source, "~"):
			k.Fail(m.at, "%s must come from an absolute path, not %s", m, m.Source)
		case m.kind == hostPath && slices.Contains(strings.Split(m.Source, "/"), ".."):
			k.Fail(m.at, "%s must come from a path without .., not %s", m, m.Source)
		}
	})
	if ask && !known && k.silent() {
		needsHost(k, container.UnsafeSources, "whether others can change the path of a source")
	}
}

// placeOf is the setting of a target: the volume there, or the nearest above it.
func placeOf(s *container.Spec, target string) container.Path {
	for dir := target; strings.HasPrefix(dir, "/"); dir = parent(dir) {
		if _, _, ok := container.VolumeAt.Get(s, dir); ok {
			return elem(container.VolumeAt, dir)
		}
	}
	return at(container.VolumeAt)
}

// beforeHost tells that the case is a line or a unit, which no host runs yet.
func beforeHost(k *Case) bool {
	subject := peek(k, container.Subject)
	return subject == "line" || subject == "unit"
}

// needsHost says of a control that asks a fact of the host: of a line or a unit it
// does not apply, of anything else it is open.
func needsHost(k *Case, row container.Row, what string) {
	if beforeHost(k) {
		k.NA("%s needs the host that runs it", what)
		return
	}
	k.Open(at(row), "%s is not known", what)
}
