package quadlet

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// argument is one word of ExecStart=, not filled in yet, and the line of the unit
// that says it: an index into the words of the reading, -1 where Quadlet itself
// does.
type argument struct {
	text string
	word int
}

// maker makes the line that Podman's generator would write.
type maker struct {
	*reader
	section string
	args    []argument
	env     int // how many arguments in front set variables
}

func newMaker(r *reader) *maker { return &maker{reader: r, section: "Container"} }

func (m *maker) add(word int, texts ...string) {
	for _, t := range texts {
		m.args = append(m.args, argument{t, word})
	}
}

// line makes the whole line, in the generator's order.
func (m *maker) line() {
	m.environment()
	m.add(-1, "podman")
	m.each("ContainersConfModule", "--module=")
	m.words("GlobalArgs", "", execWords)
	m.add(-1, "run")
	makeName(m)
	m.add(-1, "--replace", "--rm")
	m.keys(ownKeys)
	m.after()
}

// after ends the line: PodmanArgs=, the image and its arguments.
func (m *maker) after() {
	m.words("PodmanArgs", "", execWords)
	l, said := m.u.last(m.section, "Exec")
	if !makeImage(m) || !said {
		return
	}
	// The last Exec= counts, with the quotes it has.
	at := m.u.index[[2]string{m.section, "Exec"}]
	m.split(m.u.lines[at[len(at)-1]], execWords, func(w string) { m.add(l.word, w) })
}

// makeName is ContainerName=, or the unit's own.
func makeName(m *maker) {
	l, _ := m.u.last(m.section, "ContainerName")
	if l.value != "" {
		m.add(l.word, "--name", l.value)
		return
	}
	prefix, instance, template := m.u.template()
	switch service := m.u.text(m.section, "ServiceName"); {
	case template && instance == "":
		return // systemd-web_%i, for each instance another
	case template && !m.v.since(5, 0):
		m.add(-1, "--name", "systemd-"+literal(m.u.stem()))
	case template:
		if !m.v.since(5, 2) && strings.ContainsAny(m.u.stem(), `-\`) {
			m.wrong(-1, "%s is called by %%P and %%I, for which systemd turns each - of %s into a slash", clipped(m.u.name), clipped(m.u.stem()))
		}
		m.add(-1, "--name", "systemd-"+literal(prefix)+"_"+literal(instance))
	case service != "":
		m.add(-1, "--name", "systemd-"+service)
	default:
		m.add(-1, "--name", "systemd-"+literal(m.u.stem()))
	}
}

// literal writes a text so that systemd fills nothing in.
func literal(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "%", "%%"), "$", "$$")
}

// makeImage is Image= or Rootfs=, one of them; it tells whether there is any.
func makeImage(m *maker) bool {
	image, _ := m.u.last(m.section, "Image")
	rootfs, _ := m.u.last(m.section, "Rootfs")
	switch {
	case image.value != "" && rootfs.value != "":
		m.wrong(rootfs.word, "Image= and Rootfs= stand in one unit; Podman refuses the unit")
		fallthrough
	case image.value != "":
		m.add(image.word, imageOf(m, image))
	case rootfs.value != "":
		m.add(rootfs.word, "--rootfs", rootfs.value)
	}
	return image.value+rootfs.value != ""
}

// octal is an escape of three digits.
var octal = lazyregexp.New(`\\[0-7]`)

// split splits a line into words; a line that Podman cannot split says nothing.
func (m *maker) split(l line, as rule, each func(string)) {
	if as == execWords && !m.v.since(5, 4) && octal().MatchString(l.value) {
		m.wrong(l.word, "%s=: of a number behind a backslash Podman before 5.4 reads another letter", l.key)
	}
	words, err := split(l.value, as)
	if err != nil {
		m.wrong(l.word, "%s=: %s", l.key, err)
	}
	for _, w := range words {
		each(w)
	}
}

// environment gives the line what [Service] tells Podman itself.
func (m *maker) environment() {
	for _, l := range m.u.all("Service", "Environment") {
		m.split(l, execWords, func(w string) {
			if name, _, _ := strings.Cut(w, "="); command.ObeyedVariable(name) {
				m.add(l.word, w)
				m.env++
			}
		})
	}
	readSurroundings(m.reader)
	for _, key := range []string{"EnvironmentFile", "PassEnvironment"} {
		for _, l := range m.u.all("Service", key) {
			if !told(l) {
				continue
			}
			for _, row := range toldByVariables {
				m.open(form.Open{At: container.Path{Key: row.Key()}, Word: l.word,
					Why: "[Service] " + key + "= may set variables of Podman itself, as CONTAINERS_CONF, and what it holds is not read"})
			}
		}
	}
}

// toldByVariables are the rows that a variable of Podman's own environment can
// reach; containers.conf, behind the first, decides what the line does not state.
var toldByVariables = []container.Row{container.Modules, container.Remote, container.EngineOpts}

// fill fills the line in as systemd does, with the holes that stay.
func (m *maker) fill() (args []string, holes map[int][]command.Hole) {
	args, holes = make([]string, len(m.args)), map[int][]command.Hole{}
	for i, a := range m.args {
		text, h := filled(a.text)
		if args[i] = text; len(h) > 0 {
			holes[i] = h
		}
	}
	return args, holes
}
