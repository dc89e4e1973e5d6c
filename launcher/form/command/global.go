package command

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// persistent are the options of podman that stand in front of the verb or behind
// it (cmd/podman/root.go).
func persistent() []option {
	return slices.Concat([]option{
		text("runtime", 0, both, container.Runtime),
		array("runtime-flag", podman, container.RuntimeOpt),
		array("hooks-dir", podman, container.HooksDir),
		lastFile("conmon", podman, toRun),
		lastFile("network-cmd-path", podman, toRun),
		hostFile("cdi-spec-dir", podman, toRun), // a specification of CDI may name hooks
		{name: "storage-opt", of: podman, row: container.EngineOpts, read: keepAs(container.EngineOpts)},
		{name: "storage-driver", of: podman, row: container.EngineOpts, read: keepAs(container.EngineOpts)},
		lastFile("cpu-profile", podman, toWrite), lastFile("memory-profile", podman, toWrite),
		lastFile("root", podman, toWrite), lastFile("runroot", podman, toWrite), lastFile("imagestore", podman, toWrite),
		lastFile("tmpdir", podman, toWrite), lastFile("volumepath", podman, toWrite), lastFile("network-config-dir", podman, toWrite),
		lastFile("default-mounts-file", podman, toRead).opening("it names mounts, and is not read", container.VolumeAt),
		lastFile("registries-conf", podman, toRead).opening("where an image comes from stands in a file that is not read", container.Image, container.TlsVerify),
		opener("network-backend", podman, "what another backend makes of a network is not known", container.Network),
		opener("pull-option", podman, "what it makes of a pull is not known", container.Image),
	}, asEngine(unjudgedGlobals()))
}

// inFront are the options that stand in front of the verb alone.
func inFront(e engine) []option {
	out := slices.Concat([]option{
		text("connection", 'c', podman, container.Remote),
		text("url", 0, podman, container.Remote),
		text("host", 'H', both, container.Remote),
		{name: "remote", short: 'r', boolean: true, of: podman, row: container.Remote, read: readRemote},
		{name: "context", short: 'c', of: docker, row: container.Remote, read: readContext},
		array("module", podman, container.Modules),
		lastFile("out", podman, toLog),
		// Docker finds contexts there, and programs: plugins and credential helpers.
		{name: "config", of: docker, row: container.EngineOpts, read: keepAs(container.EngineOpts)},
	}, asEngine(unjudgedInFront()))
	if e == podman {
		out = append(out, persistent()...)
	}
	return out
}

// byDefault stands for a remote engine that the line does not name.
const byDefault = "the default connection"

func readRemote(r *reader, v value) {
	on, ok := readBool(r, container.Remote, v)
	if had, _, known := container.Remote.Get(r.spec); ok && on && (!known || had == "") {
		set(r, container.Remote, byDefault)
	}
}

// readContext: docker's context "default" is the local engine.
func readContext(r *reader, v value) {
	if v.s != "default" && closed(r, container.Remote, v) {
		set(r, container.Remote, v.s)
	}
}

// global reads the options in front of the verb and returns where the verb
// stands; -1 where it makes no container.
func (r *reader) global(c *call) int {
	all := tablesOf(c.engine)
	r.table = all.front
	defer func() { r.table = all.run }()
	i := c.word + 1
	for i < len(r.words) {
		w := &r.words[i]
		switch {
		case len(w.spans) > 0 && w.spans[0].from == 0:
			return r.verb(i)
		case len(w.text) < 2 || w.text[0] != '-' || w.text == "--":
			return r.verb(i)
		case w.text[1] == '-':
			i = r.long(i)
		default:
			i = r.short(i)
		}
	}
	return -1
}

func (r *reader) verb(i int) int {
	r.verbAt = i
	if !r.docker && i+1 < len(r.words) && r.words[i].text == "pod" && r.words[i+1].text == "create" {
		return i
	}
	if i < len(r.words) && r.words[i].text == "container" {
		i++
	}
	if i < len(r.words) && len(r.words[i].spans) > 0 {
		r.hidden = clip(r.words[i].spans[0].name) + " is expanded by the shell, and " + r.out.Engine + " may make a container of it"
		return -1
	}
	if i >= len(r.words) || r.words[i].text != "run" && r.words[i].text != "create" {
		return -1
	}
	return i
}

// surroundings notes what stands in front of the engine's name, and what the
// environment tells the engine.
func (r *reader) surroundings(words []word, c *call) {
	if len(c.prefix) > 0 {
		r.begin(&option{dashed: c.prefix[0]}, c.first, c.word)
		set(r, container.Prefix, c.prefix)
	}
	if c.remote {
		r.begin(&option{dashed: "podman-remote"}, c.word, c.word+1)
		if _, _, known := container.Remote.Get(r.spec); !known {
			set(r, container.Remote, byDefault)
		}
	}
	for _, i := range append(c.strange, c.word) {
		r.program(i, words[i].whole())
	}
	for _, i := range c.assigned {
		v := words[i].whole()
		if v.s[0] == '-' { // systemd-run --setenv=NAME=VALUE
			_, v, _ = v.cut('=')
		}
		r.environment(i, v)
	}
	for _, i := range c.unsure {
		for _, row := range ToldByVariables {
			r.note(form.Open{At: at(row), Word: i, Why: "a property of systemd-run may set variables of the engine itself"})
		}
	}
}

// program notes an engine, or what stands in front of one, that is called by the path
// of another than the system's.
func (r *reader) program(i int, w value) {
	if strings.Contains(w.s, "/") && !systemProgram(w.s) {
		r.begin(&option{dashed: path.Base(w.s)}, i, i+1)
		r.hostFile(toRun, w)
	}
}

// environment reads a variable that is set for the engine itself.
func (r *reader) environment(i int, v value) {
	name, val, _ := v.cut('=')
	r.begin(&option{dashed: name.s}, i, i+1)
	row := r.engine().told(name.s, val)
	if text, ok := row.(container.Field[string]); ok {
		r.toldRow(text, val)
		return
	}
	switch {
	case row == nil && strange(name.s):
		r.out.Open = append(r.out.Open, form.Open{Word: i, Why: clip(name.s) + " is set for the engine, and what it makes of it is not known"})
	case row == nil:
	case row.Key() == container.Modules.Key():
		r.item(container.Modules, val, val.s)
	case val.open() != "":
		r.leave(at(row), val.open())
	case row.Key() == container.EngineVars.Key():
		r.put(container.EngineVars, name.s, val)
	}
}

// toldRow gives a row the value of a variable, where no option of the line decides.
func (r *reader) toldRow(row container.Field[string], val value) {
	if had, _, known := row.Get(r.spec); known && had != byDefault {
		return
	}
	if what := val.open(); what != "" {
		r.leave(at(row), what)
		return
	}
	set(r, row, val.s)
}

func (r *reader) engine() engine {
	if r.docker {
		return docker
	}
	return podman
}
