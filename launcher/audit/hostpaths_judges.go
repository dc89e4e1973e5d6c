package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// does says what an engine does with a path that it opens itself.
func (u use) does() string {
	switch u {
	case logged:
		return "the engine writes there what the workload prints"
	case printed:
		return "what the workload prints is written there"
	case kept:
		return "the engine writes over it"
	}
	return "the engine does what stands there"
}

// steers finds what of the host a path lets the workload change or read that makes
// programs act otherwise, and how much that weighs; Info is for a person to say.
func (p *hostPath) steers() (place, relation, Severity) {
	switch p.use {
	case logged:
		return p.logs()
	case printed: // a caller's own file, but for one that is a program or configures one
		if beneath(p.path, "/dev") {
			return place{path: "/dev", what: "the devices of the host"}, inside, Critical
		}
		pl, r, weight := p.logs()
		if pl.path == "~" {
			r = apart
		}
		return pl, r, weight
	case kept:
		return p.overwrites()
	case readIn, fed:
		pl, r := secretPlaces.find(p.path)
		if r == above { // an engine opens files
			r = apart
		}
		return pl, r, Critical
	}
	if pl, r := reachesHost(p.path); r != apart {
		return p.weighed(pl, r)
	}
	if pl, r := codePlaces.find(p.path); p.writable() && r != apart && !wholeHome(p.path) {
		return pl, r, map[bool]Severity{true: High, false: Critical}[r == above]
	}
	pl, r := hiddenPlace(p.path)
	if _, store := reachesCredentials(p.path); store != apart { // ZL-508
		return pl, apart, Info
	}
	if p.writable() {
		return pl, r, High
	}
	return pl, r, Info
}

// weighed grades a mount of a place of the host. Read-only, a file of the host's
// configuration that holds no secret we know of is for a person to look at, and a
// start-up file tells but cannot be changed.
func (p *hostPath) weighed(pl place, r relation) (place, relation, Severity) {
	_, secret := secretPlaces.find(p.path)
	switch {
	case p.writable():
	case slices.ContainsFunc(hostData, func(h string) bool { return beneath(p.path, h) || p.open != "" && beneath(h, p.path) }):
		return pl, apart, Info
	case pl.path == "/etc" && r == inside && secret == apart && p.open == "":
		return pl, r, Info
	case pl.path == "/etc" && r == inside && secret == apart: // what it is is open
		return pl, apart, Info
	case strings.HasPrefix(pl.path, "~/") && r > above:
		return pl, r, High
	}
	return pl, r, Critical
}

// logs is what the workload writes line by line: a home has files that are programs,
// and the places of the host have nothing else. /var/log is where logs belong.
func (p *hostPath) logs() (place, relation, Severity) {
	if pl, r := reachesHost(p.path); r > above && !beneath(p.path, "/var/log") {
		return pl, r, Critical
	}
	if _, ok := beneathHome(p.path); ok {
		if pl, r := codePlaces.find(p.path); r > above {
			return pl, r, Critical
		}
		return place{path: "~", what: "a home directory"}, inside, Critical
	}
	if i := strings.Index(p.path, "/."); i >= 0 { // of a home that lies elsewhere
		return place{path: p.path[:i+1], what: "and a name there begins with a dot"}, inside, Critical
	}
	return place{}, apart, Critical
}

// engineState are where engines and service managers keep ids, pids and state.
var engineState = []string{"/run", "/var/run", "/var/lib/containers", "/var/lib/docker", "/var/log", "/var/lock"}

// overwrites is what the engine replaces by a line of its own.
func (p *hostPath) overwrites() (place, relation, Severity) {
	pl, r := reachesHost(p.path)
	if r <= above {
		pl, r = codePlaces.find(p.path)
	}
	own := strings.HasSuffix(pl.path, "/share/containers") || strings.HasSuffix(pl.path, "/share/docker")
	if r <= above || own || slices.ContainsFunc(engineState, func(d string) bool { return beneath(p.path, d) }) {
		return pl, apart, High
	}
	return pl, r, High
}

// writtenPaths demands that the engine writes nothing of the workload's to a file of
// the caller's choice. Where it must not be at all, ZL-506 and ZL-508 say so.
func writtenPaths(k *Case) {
	for _, p := range hostPaths(k) {
		if p.use != logged || p.why != "" || p.open == "" && p.forbidden() {
			continue
		}
		k.Fail(p.at, "%s must be left away, or say why: what the workload prints is written to %s", p.what, p.said)
	}
}

func (p *hostPath) forbidden() bool {
	_, r, _ := p.steers()
	_, store := reachesCredentials(p.path)
	return r != apart || store > above
}

// stableFiles demands of the files that an engine reads, obeys or writes over that
// nobody else can put another there first. Of those not asked for here ZL-108, ZL-505,
// ZL-905 and ZL-923 say it.
func stableFiles(k *Case) {
	rows := []string{container.HostFiles.Key(), container.SeccompProfile.Key(), container.Annotation.Key()}
	for _, p := range hostPaths(k) {
		if slices.Contains(rows, p.at.Key) && !slices.Contains([]use{ran, logged, printed, fed}, p.use) && p.unstable() {
			k.Fail(p.at, "%s must be a path that only you can change, not %s", p.what, p.said)
		}
	}
}

// ranFiles demands that what the engine runs, or what chooses that, is root's: it runs
// as the caller, outside of any container.
func ranFiles(k *Case) {
	for _, name := range container.HostFiles.Keys(k.Spec) {
		f, _, ok := container.HostFiles.Get(k.Spec, name)
		if !ok || f.Use != "run" {
			continue
		}
		p := elem(container.HostFiles, name)
		bad := slices.DeleteFunc(listed(f.Path), ofRoot)
		switch {
		case f.Open:
			k.say(Open, Critical, p, "what %s=%s runs on the host is not known: write the path out", name, container.MaskText(f.Path))
		case len(bad) > 0:
			k.FailAs(Critical, p, "%s must be left away: the engine runs what %q is, with the caller's rights and on the host", name, bad[0])
		}
	}
}

// listed takes a list of paths apart, as LD_PRELOAD (ld.so(8)) and PATH have it. An
// empty entry of a list is the directory the caller stands in.
func listed(paths string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(":"+paths+":", "::", ":.:"), func(c rune) bool { return c == ':' || c == ' ' })
}

// runPaths are directories in which nobody but root puts programs, and
// configuration that names them (hier(7)).
var runPaths = []string{"/bin", "/sbin", "/lib", "/lib64", "/usr", "/opt", "/etc/containers", "/etc/cdi"}

// ofRoot tells whether a path lies in a directory of root's own.
func ofRoot(p string) bool {
	return strings.HasPrefix(p, "/") && slices.ContainsFunc(runPaths, func(dir string) bool { return beneath(path.Clean(p), dir) })
}

// mendWritten makes a volume read-only, and leaves the path of a log away.
func mendWritten(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.LogOpt.Key():
		container.LogOpt.Delete(s, p.Elem)
	case container.HostFiles.Key():
		container.HostFiles.Delete(s, p.Elem)
	default:
		mendVolume(func(v *container.Volume) { v.ReadOnly = true })(s, p)
	}
}
