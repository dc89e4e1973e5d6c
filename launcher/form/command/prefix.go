package command

import (
	"slices"
	"strings"
)

// Call is where a command names its engine.
type Call struct {
	Engine   engine
	Remote   bool // podman-remote
	Word     int  // of the engine's name
	First    int  // of the first command in front of it
	Prefix   []string
	Assigned []int   // words that set variables for the engine
	paths    []int   // starters that are called by a path
	unsure   []int   // properties of systemd-run that may set variables
	set      []Value // variables that options of a starter set: systemd-run --setenv
}

// starter is a command that starts another, which follows its own options.
type starter struct {
	name   string
	values string // its short options with a value
	long   string // its long options with a value in the next word
	more   int    // how many words of its own follow the options
	assign bool   // takes NAME=VALUE in front of the command
}

var starters = []starter{
	{name: "sudo", values: "ugphCTrtURD", long: "user group prompt host close-from type role chdir chroot other-user command-timeout", assign: true},
	{name: "doas", values: "uC"},
	{name: "pkexec", long: "user"},
	{name: "setpriv", long: "reuid regid groups inh-caps ambient-caps bounding-set securebits pdeathsig selinux-label apparmor-profile"},
	{name: "busybox"},
	{name: "toybox"},
	{name: "unbuffer"},
	{name: "catchsegv"},
	{name: "fakeroot"},
	{name: "dbus-run-session"},
	{name: "rlwrap"},
	{name: "xvfb-run"},
	{name: "env", values: "uC", long: "unset chdir", assign: true},
	{name: "nohup"},
	{name: "time", values: "fo", long: "format output"},
	{name: "nice", values: "n", long: "adjustment"},
	{name: "ionice", values: "cn", long: "class classdata"},
	{name: "timeout", values: "ks", long: "kill-after signal", more: 1},
	{name: "setsid"},
	{name: "stdbuf", values: "ioe", long: "input output error"},
	{name: "exec", values: "a"},
	{name: "command"},
	{name: "builtin"},
	{name: "taskset", more: 1},
	{name: "numactl", values: "CNmipl", long: "cpunodebind physcpubind membind interleave preferred"},
	{name: "chrt", more: 1},
	{name: "systemd-run", values: "puMHECt", long: `property unit slice machine host setenv uid gid nice working-directory description
		on-active on-boot on-calendar timer-property path-property socket-property service-type`},
	{name: "systemd-inhibit", long: "what who why mode"},
	{name: "runuser", values: "ugG", long: "user group supp-group"},
	{name: "flock", values: "Ewc", long: "wait timeout conflict-exit-code", more: 1},
	{name: "caffeinate"},
	{name: "strace", values: "eopsu"},
}

func StarterOf(name string) *starter {
	for i := range starters {
		if starters[i].name == name {
			return &starters[i]
		}
	}
	return nil
}

// EngineOf tells which engine a program is whose options are known.
func EngineOf(name string) (e engine, remote, ok bool) {
	switch name {
	case "podman", "podman.exe":
		return podman, false, true
	case "podman-remote":
		return podman, true, true
	case "docker", "docker.io", "docker.exe", "nvidia-docker", "nerdctl":
		return docker, false, true
	}
	return 0, false, false
}

func IsEngine(name string) bool { _, _, is := EngineOf(name); return is }

// ofItsOwn is what is not known of an engine that takes the options of another, and does
// something else by default.
func ofItsOwn(name string) string {
	switch name {
	case "nvidia-docker":
		return "nvidia-docker adds devices that no option names"
	case "nerdctl":
		return "nerdctl takes docker's options, and its own defaults are not known here"
	}
	return ""
}

// findCall finds the engine's name, behind assigned words and starters; nil is none.
func findCall(words []Word, assigned int) *Call {
	c := &Call{Word: assigned, First: assigned}
	for i := range assigned {
		c.Assigned = append(c.Assigned, i)
	}
	for c.Word < len(words) {
		w := &words[c.Word]
		if len(w.Spans) > 0 {
			return nil
		}
		name := w.Text[strings.LastIndexByte(w.Text, '/')+1:]
		if e, remote, is := EngineOf(name); is {
			c.Engine, c.Remote = e, remote
			return c
		}
		s := StarterOf(name)
		if s == nil {
			return nil
		}
		c.Skip(s, words)
	}
	return nil
}

// Skip goes past a starter, its options and what it takes of its own.
func (c *Call) Skip(s *starter, words []Word) {
	i, user := c.Word+1, ""
	for ; i < len(words) && len(words[i].Text) > 1 && words[i].Text[0] == '-'; i++ {
		o := words[i].Text
		if o == "--" {
			i++
			break
		}
		name, val, has := strings.Cut(strings.TrimLeft(o, "-"), "=")
		needs := slices.Contains(strings.Fields(s.long), name)
		if o[1] != '-' {
			at := strings.IndexAny(o[1:], s.values) + 1
			needs, has = s.values != "" && at > 0, at > 0 && at < len(o)-1
			name, val = o[max(at, 1):max(at, 1)+1], o[max(at, 1)+1:]
		}
		if needs && !has && i+1 < len(words) {
			i++
			val = words[i].Text
		}
		if s.name == "systemd-run" && (name == "setenv" || name == "E") {
			c.set = append(c.set, words[i].Whole().From(len(words[i].Text)-len(val)))
		}
		if s.name == "systemd-run" && (name == "p" || name == "property") && unsureProperty(val) {
			c.unsure = append(c.unsure, i)
		}
		if name == "u" && s.name != "env" && s.name != "systemd-run" || name == "user" && val != "" || name == "uid" {
			user = val
		}
	}
	for ; s.assign && i < len(words) && Assignment(words[i].Text); i++ {
		c.Assigned = append(c.Assigned, i)
	}
	if strings.Contains(words[c.Word].Text, "/") {
		c.paths = append(c.paths, c.Word)
	}
	c.Prefix = append(c.Prefix, AsUser(s.name, user))
	c.Word = i + s.more
}

// asUser: sudo to root is sudo, to anybody else it says so.
func AsUser(name, user string) string {
	if user == "" || user == "root" || user == "0" || user == "#0" {
		return name
	}
	return name + " -u " + user
}

// Assignment tells whether a word is NAME=VALUE.
func Assignment(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		switch {
		case c == '=':
			return i > 0
		case !letter && (i == 0 || c < '0' || c > '9'):
			return false
		}
	}
	return false
}
