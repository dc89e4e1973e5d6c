package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of paths of the host that give persistence or a way out.

var NoSensitivePath = &Control{
	ID: "ZL-506", Name: "no-sensitive-path", Severity: Critical,
	Title:  "No sensitive host path",
	Why:    "host configuration, kernel and device trees, and what starts or runs from a home give persistence and escape",
	Fix:    "a directory made for this workload: --volume /srv/models:/models:ro,z",
	Breaks: "read-only /etc/localtime, /etc/pki/ca-trust and /etc/ssl/certs stay allowed",
	Refs: []string{"IBM L165-172", "OWASP #8", "CIS 5.6", "PSS baseline", "KSV-0121", "KSV-0023", "kubesec ProcMount", "NIST 3.5.5", "NIST 4.5.5",
		"CWE-668"},
	Reads: []container.Row{container.VolumeAt, container.MountOther, container.Rootfs, container.LogOpt, container.EnvFile, container.HostFiles},
	Judge: eachPath(judgeNoSensitivePath, mounted, readIn, logged, kept, redirectedOut, redirectedIn),
}

// judgeNoSensitivePath weighs by what becomes of the path. What the workload may write is
// graver than what it reads, and what the engine says itself is an id or a number.
func judgeNoSensitivePath(k *Case, p *hostPath) bool {
	pl, r, weight := p.steers()
	switch {
	case p.mount != nil && p.mount.driver():
		return false
	case r == apart || !p.settled(r) || p.open != "" && pl.exact:
		return false
	case weight == Info:
		k.say(Review, Medium, p.at, "whether %s may come from %s is for a person to say: %s", p.what, p.said, r.words(pl))
	case p.mount != nil || p.use == readIn || p.use == redirectedIn:
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

// steers finds what of the host a path lets the workload change or read that makes
// programs act otherwise, and how much that weighs; Info is for a person to say.
func (p *hostPath) steers() (place, relation, Severity) {
	switch p.use {
	case logged:
		return p.logs()
	case redirectedOut: // a caller's own file, but for one that is a program or configures one
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
	case readIn, redirectedIn:
		pl, r := secretPlaces.find(p.path)
		if r == above { // an engine opens files
			r = apart
		}
		return pl, r, Critical
	}
	return p.brought()
}

// brought is what a mount brings along.
func (p *hostPath) brought() (place, relation, Severity) {
	pl, r := reachesHost(p.path)
	ofRoot := r == inside && slices.Contains(rootHomes, pl.path) && p.open == "" // a home like others
	if r != apart && !ofRoot {
		return p.weighed(pl, r)
	}
	if pl, r := codePlaces.find(p.path); p.writable() && r != apart && !wholeHome(p.path) {
		return pl, r, map[bool]Severity{true: High, false: Critical}[r == above]
	}
	hidden, hr := hiddenPlace(p.path)
	_, store := reachesCredentials(p.path)
	switch {
	case store != apart: // ZL-508
		return hidden, apart, Info
	case hr != apart && p.writable() && !ownConfiguration(p.path):
		return hidden, hr, High
	case ofRoot:
		return pl, r, Medium
	case p.writable():
		return hidden, hr, Medium
	}
	return hidden, hr, Info
}

// weighed grades a mount of a place of the host by what a person can reach there.
//   - What of a directory of many is one program's own, and no program of the host's that
//     is known to steer it, needs a second fault: /run/myapp, /var/log/nginx, root's own
//     data. A file of configuration that is written is graver.
//   - Read-only, a file of the host's configuration that holds no secret we know of is for a
//     person to look at; programs of the system tell what an attacker knows from the
//     distribution, as do its lists of packages, and the configuration of a tool what it is set to; a start-up file, where
//     people leave tokens, tells but cannot be changed.
func (p *hostPath) weighed(pl place, r relation) (place, relation, Severity) {
	held, secret := secretPlace(p.path)
	inEtc := secret == apart && (strings.HasPrefix(pl.path, "/etc/") && r > above || pl.path == "/etc" && r == inside)
	switch known := p.open == ""; {
	case r == inside && known && slices.Contains(ownBelow, pl.path) && !engineName().MatchString(p.path):
		return pl, r, Medium
	case p.writable() && r == inside && known && pl.path == "/etc" && secret == apart:
		return pl, r, High
	case p.writable():
	case slices.ContainsFunc(hostData, func(h string) bool { return beneath(p.path, h) || !known && beneath(h, p.path) }):
		return pl, apart, Info
	case inEtc && known:
		return pl, r, Info
	case inEtc: // what it is is open
		return pl, apart, Info
	case known && (pl.what == systemPrograms && r == inside || pl.what == packageState && r > above || pl.what == toolConfiguration && r > above):
		return pl, r, Medium
	case strings.HasPrefix(pl.path, "~/") && r > above:
		return pl, r, High
	}
	if secret > above && strings.HasPrefix(pl.path, "/etc") {
		pl, r = held, secret
	}
	if held.what == namedSecret && !p.writable() {
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

func (p *hostPath) forbidden() bool {
	_, r, _ := p.steers()
	_, store := reachesCredentials(p.path)
	return r != apart || store > above
}

// does says what an engine does with a path that it opens itself.
func (u use) does() string {
	switch u {
	case logged:
		return "the engine writes there what the workload prints"
	case redirectedOut:
		return "what the workload prints is written there"
	case kept:
		return "the engine writes over it"
	}
	return "the engine does what stands there"
}
