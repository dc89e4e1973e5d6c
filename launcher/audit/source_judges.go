package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// eachPath is a judge of the paths of the host that a run names, of the uses that it
// asks for. Where one is not known to the end, and what is known of it is harmless, the
// control is open.
func eachPath(judge func(k *Case, p *hostPath) (said bool), uses ...use) func(*Case) {
	return func(k *Case) {
		for _, p := range hostPaths(k) {
			if slices.Contains(uses, p.use) && !judge(k, &p) && p.open != "" && !p.beside() {
				k.Open(p.at, "%s: %s", p.what, p.open)
			}
		}
		moreMounts(k)
		if slices.Contains(uses, logged) && !container.LogOpt.Complete(k.Spec) {
			k.Open(at(container.LogOpt), "whether there is more in %s is not known", container.LogOpt.Key())
		}
	}
}

// unitWord matches the specifiers of systemd that are one name: of the unit, of its
// instance, of the host, of the user (systemd.unit(5)).
var unitWord = pattern(`%[nNpijmbHuU]`)

// beside tells a path of which what is not known leads nowhere: a file of variables in
// or below the directory the engine is started in, .env, and an id that the engine keeps
// by a unit's name where such ids are kept, %t/%n.ctr-id.
func (p *hostPath) beside() bool {
	if strings.Contains(p.said, "..") {
		return false
	}
	if p.use == printed || p.use == fed { // a plain name in or below that directory
		return p.path == "" && !strings.ContainsAny(p.said, expanded) && !strings.Contains("/"+path.Clean(p.said), "/.")
	}
	named := !strings.ContainsAny(unitWord().ReplaceAllString(strings.TrimPrefix(p.said, "%t/"), ""), expanded)
	return p.use == readIn && p.path == "" && !strings.ContainsAny(p.said, expanded) ||
		p.use == kept && named && slices.ContainsFunc(engineState, func(d string) bool { return beneath(p.path, d) })
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
	m.sources = []source{pathOf(dir)}
	return m
}

// settled tells whether a relation holds whatever the unknown rest of a source is.
func (s source) settled(r relation) bool { return s.open == "" || r > above }

// noSensitivePath weighs by what becomes of the path. What the workload may write is
// graver than what it reads, and what the engine says itself is an id or a number.
func noSensitivePath(k *Case, p *hostPath) bool {
	pl, r, weight := p.steers()
	switch {
	case r == apart || !p.settled(r) || p.open != "" && pl.exact:
		return false
	case weight == Info:
		k.say(Review, Medium, p.at, "whether %s may come from %s is for a person to say: %s", p.what, p.said, r.words(pl))
	case p.mount != nil || p.use == readIn || p.use == fed:
		k.FailAs(weight, p.at, "%s must not come from %s: %s", p.what, p.said, r.words(pl))
	default:
		k.FailAs(weight, p.at, "%s must not be %s: %s, and %s", p.what, p.said, r.words(pl), p.use.does())
	}
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

func noHome(k *Case, p *hostPath) bool {
	if p.open != "" || !wholeHome(p.path) {
		return false
	}
	k.Fail(p.at, "%s must not come from %s: mount the one directory of the home that is needed", p.what, p.said)
	return true
}

// noCredentials grades a directory above a store lower: whether the store is there
// is not known.
func noCredentials(k *Case, p *hostPath) bool {
	pl, r := reachesCredentials(p.path)
	if r == apart || !p.settled(r) {
		pl, r = namesStore(p.source)
	}
	severity := Critical
	switch {
	case r == apart || r == above && p.mount == nil: // an engine opens files
		return false
	case r == above || p.use == kept:
		severity = High
	}
	if p.mount != nil || p.use == readIn || p.use == fed {
		k.FailAs(severity, p.at, "%s must not come from %s: %s; use secret", p.what, p.said, r.words(pl))
	} else {
		k.FailAs(severity, p.at, "%s must not be %s: %s, and %s", p.what, p.said, r.words(pl), p.use.does())
	}
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

func noControlSocket(k *Case, p *hostPath) bool {
	what, ok := reachesSocket(p.path)
	if pl, r := socketPlaces.find(p.path); p.open != "" && (pl.exact || r < inside) {
		return false
	}
	if ok && p.why == "" {
		k.Fail(p.at, "%s must not come from %s: it reaches %s, or say why it may", p.what, p.said, what)
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
		case m.kind == bindMount && !m.Open && !strings.HasPrefix(m.Source, "/"):
			k.Fail(m.at, "%s must come from an absolute path, not %s", m, m.Source)
		case m.kind == bindMount && slices.Contains(strings.Split(m.Source, "/"), ".."):
			k.Fail(m.at, "%s must come from a path without .., not %s", m, m.Source)
		}
	})
	stableFiles(k)
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
