package audit

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// mount is one volume of a container as the controls see it, whatever option it
// was written with.
type mount struct {
	container.Volume
	at      container.Path // the setting that findings name
	target  string
	mark    container.Mark
	kind    mountKind
	sources []source // the host's paths it brings in
	aids    []source // those that only whoever mounts it reads: a file of credentials
	added   bool     // by the host's administrator, to every container
	glob    bool     // its source is a pattern, of which every match is a mount
}

type mountKind uint8

const (
	bindMount       mountKind = iota
	namedVolume               // of the engine
	anonymousVolume           // without a name, or with one the engine made up
	memoryMount               // a tmpfs that was observed and is no --tmpfs
	pathOrName                // which of the two, only a shell knows
)

// observed tells that a mount was seen on a container that exists.
func (m *mount) observed() bool { return m.mark.Evidence >= container.Inspected }

// forgotten tells that z, U and their like, which leave no trace on a container
// that has started, are not known: nothing says what it was created with.
func (m *mount) forgotten() bool { return m.observed() && len(m.mark.Origin) == 0 }

// declared tells that whoever wrote the mount said why it is as it is.
func (m *mount) declared() bool { return m.mark.Why != "" }

// written tells whether the container writes to the host through the mount. Under
// an overlay it does not.
func (m *mount) written() bool { return !m.ReadOnly && !m.Overlay }

// String names the mount as it is set: "volume /models".
func (m *mount) String() string {
	switch m.at.Key {
	case container.MountOther.Key():
		return "mount " + m.target
	case container.Rootfs.Key():
		return m.at.Key
	}
	return "volume " + m.target
}

// resolve works out what the mount is and brings in.
func (m *mount) resolve() {
	src := m.Source
	_, word := container.Spelled(src)
	switch {
	case m.added && src == mountsConf:
		m.kind = namedVolume
	case m.observed() && (src == "overlay" || engineOverlay().MatchString(src)):
		m.Overlay = true
		m.sources = []source{{open: "what lies below its overlay is not shown; the create command names it"}}
	case m.observed() && deviceNumber().MatchString(src):
		m.sources = []source{{open: "which directory of the host it is is not known"}}
	case m.observed() && src == "tmpfs":
		m.kind = memoryMount
	case src == "" || madeUp().MatchString(src):
		m.kind = anonymousVolume
	case m.Open && !strings.Contains(src, "/") && !(m.Spelled && word):
		m.kind = pathOrName
		m.sources = []source{{said: src, open: src + " is expanded elsewhere"}}
	case m.Open && !m.Spelled:
		m.sources = []source{literally(src, true)}
	case m.Bind():
		m.sources = []source{located(src, m.Open)}
	default:
		m.kind = namedVolume
	}
	for _, more := range []string{m.Upper, m.Work} {
		if more != "" {
			s := pathOf(more)
			s.kept = true
			m.sources = append(m.sources, s)
		}
	}
	backing, aids := backingOf(m.Volume)
	m.sources, m.aids = append(m.sources, backing...), aids
}

// mountsConf is the source of a copy that the engine made because of mounts.conf,
// as observers write it.
const mountsConf = "mounts.conf"

// engineOverlay matches the path of an overlay that the engine mounted for O: of
// 4.3 STORAGE/DRIVER-containers/ID/userdata/overlay/N/merge, measured.
var engineOverlay = lazyregexp.New(`/[a-z]+-containers/[0-9a-f]{64}/userdata/overlay/\d+/merge$`)

// deviceNumber matches how observers write what no path of the host leads to.
var deviceNumber = lazyregexp.New(`^\d+:\d+:`)

// madeUp matches the names that the engine gives to anonymous volumes.
var madeUp = lazyregexp.New(`^[0-9a-f]{64}$`)
