package command

import (
	"slices"
	"strings"
)

// call is where a command names its engine.
type call struct {
	engine   engine
	remote   bool // podman-remote
	word     int  // of the engine's name
	first    int  // of the first command in front of it
	prefix   []string
	assigned []int // words that set variables for the engine
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

func starterOf(name string) *starter {
	for i := range starters {
		if starters[i].name == name {
			return &starters[i]
		}
	}
	return nil
}

// findCall finds the engine's name, behind assigned words and starters. Without
// one it tells why a run may hide there; "" is that none can.
func findCall(words []word, assigned int) (*call, string) {
	c := &call{word: assigned, first: assigned}
	for i := range assigned {
		c.assigned = append(c.assigned, i)
	}
	for c.word < len(words) {
		w := &words[c.word]
		if len(w.spans) > 0 {
			return nil, hiddenBy(words, c.word)
		}
		name := w.text[strings.LastIndexByte(w.text, '/')+1:]
		switch name {
		case "podman", "docker", "podman-remote":
			c.engine, c.remote = podman, name == "podman-remote"
			if name == "docker" {
				c.engine = docker
			}
			return c, ""
		}
		s := starterOf(name)
		if s == nil {
			return nil, mayHide(name, words[c.word+1:])
		}
		c.skip(s, words)
	}
	return nil, ""
}

// skip goes past a starter, its options and what it takes of its own.
func (c *call) skip(s *starter, words []word) {
	i, user := c.word+1, ""
	for ; i < len(words) && len(words[i].text) > 1 && words[i].text[0] == '-'; i++ {
		o := words[i].text
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
			val = words[i].text
		}
		if name == "u" && s.name != "env" && s.name != "systemd-run" || name == "user" && val != "" || name == "uid" {
			user = val
		}
	}
	for ; s.assign && i < len(words) && assignment(words[i].text); i++ {
		c.assigned = append(c.assigned, i)
	}
	c.prefix = append(c.prefix, asUser(s.name, user))
	c.word = i + s.more
}

// asUser: sudo to root is sudo, to anybody else it says so.
func asUser(name, user string) string {
	if user == "" || user == "root" || user == "0" || user == "#0" {
		return name
	}
	return name + " -u " + user
}

// assignment tells whether a word is NAME=VALUE.
func assignment(s string) bool {
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

// hiddenBy: which command a shell makes of word i is not known; it matters where
// a verb of an engine follows.
func hiddenBy(words []word, i int) string {
	name := words[i].spans[0].name
	for _, w := range words[i+1:] {
		if w.text == "run" || w.text == "create" || w.text == "podman" || w.text == "docker" {
			return clip(name) + " is expanded by the shell, and may be podman or docker"
		}
	}
	return ""
}

// silent are commands that only name a run.
var silent = []string{"echo", "printf", "logger", "cat", "grep", "sed", "awk", "man", "which", "type", "test", "[", "set", "trap", "read", "export"}

// mayHide tells whether the arguments of a command that zlaunch does not know
// hold a run.
func mayHide(name string, args []word) string {
	if name == "eval" {
		return "what eval makes of its arguments is not known"
	}
	if name == "alias" {
		for _, a := range args {
			if n, _, _ := strings.Cut(a.text, "="); n == "podman" || n == "docker" {
				return n + " is an alias here, and what it stands for is not followed"
			}
		}
		return ""
	}
	if slices.Contains(silent, name) {
		return ""
	}
	for i, a := range args {
		engine := a.text == "podman" || a.text == "docker"
		verb := i+1 < len(args) && (args[i+1].text == "run" || args[i+1].text == "create" || args[i+1].text == "container")
		if engine && verb || mentionsRun(a.text) {
			return "a run in the arguments of " + clip(name) + " is not read"
		}
	}
	return ""
}

// mentionsRun finds a run in the text of one word, as of sh -c 'podman run …'.
func mentionsRun(s string) bool {
	for _, e := range []string{"podman ", "docker "} {
		if i := strings.Index(s, e); i >= 0 {
			rest := s[i+len(e):]
			return strings.Contains(rest, "run ") || strings.Contains(rest, "create ")
		}
	}
	return false
}
