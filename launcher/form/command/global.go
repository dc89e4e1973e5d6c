package command

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// persistent are the options of podman that stand in front of the verb or behind
// it (cmd/podman/root.go).
func persistent() []option {
	return slices.Concat(
		[]option{
			text("runtime", 0, both, container.Runtime),
			array("runtime-flag", podman, container.RuntimeOpt),
			array("hooks-dir", podman, container.HooksDir),
			{name: "storage-opt", of: podman, row: container.HostFiles, read: readStorageOpt},
		},
		hostFiles(podman, forRunning, "conmon cdi-spec-dir default-mounts-file network-cmd-path"),
		hostFiles(podman, forWriting, "cpu-profile memory-profile"),
		places(forWriting, "root runroot tmpdir volumepath imagestore network-config-dir"),
		places(forReading, "registries-conf"),
		ofEngine(harmlessEngine()),
		ofEngine([]option{
			{name: "cgroup-manager", of: podman, row: container.Other, opens: withoutSystemd, read: readCgroupManager},
			opensAt("pull-option", podman, ofStorage, container.Image),
			opensAt("network-backend", podman, "which programs make the networks is the host's to say", container.Network),
		}),
	)
}

// ofEngine keeps options among the engine's own.
func ofEngine(options []option) []option {
	for i := range options {
		options[i].row = container.EngineOpts
	}
	return options
}

const (
	ofStorage      = "what the engine finds in its storage is another, or is read in another way"
	withoutSystemd = "without systemd an ordinary user's limits do not hold"
)

// places makes options by which the engine finds its images, networks and settings
// elsewhere: what is known of them no longer holds.
func places(use, names string) []option {
	out := hostFiles(podman, use, names)
	for i := range out {
		out[i].read = func(r *reader, v Value) {
			r.hostFile(use, v)
			r.opens(ofStorage)
		}
	}
	return out
}

// readStorageOpt: one of the options is a program that mounts the layers.
func readStorageOpt(r *reader, v Value) {
	if name, program, _ := v.Cut('='); strings.HasSuffix(name.Text, "mount_program") {
		r.hostFile(forRunning, program)
	}
	r.append(container.EngineOpts, r.opt.dashed+"="+v.Text)
	r.opens(ofStorage)
}

func readCgroupManager(r *reader, v Value) {
	kept(r, v)
	if v.Text != "systemd" {
		r.opens(withoutSystemd, limits...)
	}
}

// inFront are the options that stand in front of the verb alone.
func inFront(e engine) []option {
	out := []option{
		text("connection", 'c', podman, container.Remote),
		text("url", 0, podman, container.Remote),
		text("host", 'H', both, container.Remote),
		{name: "remote", short: 'r', boolean: true, of: podman, row: container.Remote, read: readRemote},
		{name: "context", short: 'c', of: docker, row: container.Remote, read: readContext},
		{name: "context", of: podman, row: container.Remote, read: readContext},
		array("module", podman, container.Modules),
	}
	out = slices.Concat(out,
		hostFiles(podman, forReading, "config identity tls-ca tls-cert tls-key"),
		hostFiles(podman, forLogging, "out"),
		hostFiles(docker, forRunning, "config"), // plugins and programs that know passwords
		hostFiles(docker, forReading, "tlscacert tlscert tlskey"),
		ofEngine(harmlessInFront()))
	if e == podman {
		out = append(out, persistent()...)
	}
	return out
}

// DefaultRemote stands for a remote engine that the line does not name.
const DefaultRemote = "the default connection"

func readRemote(r *reader, v Value) {
	on, ok := readBool(r, container.Remote, v)
	if had, _, known := container.Remote.Get(r.spec); ok && on && (!known || had == "") {
		set(r, container.Remote, DefaultRemote)
	}
}

// readContext: docker's context "default" is the local engine.
func readContext(r *reader, v Value) {
	if v.Text != "default" && closed(r, container.Remote, v) {
		set(r, container.Remote, v.Text)
	}
}

// global reads the options in front of the verb and returns where the verb
// stands; -1 where it makes no container.
func (l *line) global(c *Call) int {
	all := tablesOf(c.Engine)
	l.table = all.front
	defer func() { l.table = all.run }()
	i := c.Word + 1
	for i < len(l.words) {
		w := &l.words[i]
		switch {
		case len(w.Spans) > 0 && w.Spans[0].From == 0:
			return l.verb(i)
		case len(w.Text) < 2 || w.Text[0] != '-' || w.Text == "--":
			return l.verb(i)
		case w.Text[1] == '-':
			i = l.long(i)
		default:
			i = l.short(i)
		}
	}
	return -1
}

func (l *line) verb(i int) int {
	l.verbAt = i
	if !l.reader.docker && i+1 < len(l.words) && l.words[i].Text == "pod" && l.words[i+1].Text == "create" {
		return i
	}
	if i < len(l.words) && l.words[i].Text == "container" {
		i++
	}
	if i < len(l.words) && len(l.words[i].Spans) > 0 {
		l.hidden = Clip(l.words[i].Spans[0].Name) + " is expanded by the shell, and " + l.reader.out.Engine + " may make a container of it"
		return -1
	}
	if i >= len(l.words) || l.words[i].Text != "run" && l.words[i].Text != "create" {
		return -1
	}
	return i
}

// surroundings notes what stands in front of the engine's name, and what the
// environment tells the engine.
func surroundings(r *reader, words []Word, c *Call) {
	if len(c.Prefix) > 0 {
		r.begin(&option{dashed: c.Prefix[0]}, c.First, c.Word)
		set(r, container.Prefix, c.Prefix)
	}
	if c.Remote {
		r.begin(&option{dashed: "podman-remote"}, c.Word, c.Word+1)
		if _, _, known := container.Remote.Get(r.spec); !known {
			set(r, container.Remote, DefaultRemote)
		}
	}
	for _, i := range append(slices.Clone(c.paths), c.Word) {
		if v := words[i].Whole(); strings.Contains(v.Text, "/") {
			r.begin(&option{dashed: path.Base(v.Text)}, i, i+1)
			r.hostFile(forRunning, v)
		}
	}
	for _, i := range c.unsure {
		r.begin(&option{dashed: Clip(words[i].Text)}, i, i+1)
		r.opens("it sets the environment of the engine, the files it finds, or where it prints")
	}
	for _, i := range c.Assigned {
		readVariable(r, i, words[i].Whole())
	}
	for _, v := range c.set {
		readVariable(r, c.First, v)
	}
}
