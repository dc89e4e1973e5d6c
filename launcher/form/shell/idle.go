package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"
)

// An idle verb starts nothing, but some of its options do, and what it prints or
// copies of a container lands where the line says.

// unusual tells why an option makes more of an idle verb; "" is that it does not.
func unusual(name string, rest []command.Word) string {
	has := func(options ...string) bool { return slices.ContainsFunc(rest, beginsWith(options...)) }
	switch {
	case name == "secret create" && has("-d", "--driver"):
		return "keeps a secret by a driver, which may be any command"
	case name == "network create" && has("-d", "--driver") && !slices.ContainsFunc(rest, func(w command.Word) bool {
		return oneWordOf("bridge --driver=bridge -d=bridge -dbridge", w.Text)
	}):
		return "makes a network of a driver that reaches past the host's own"
	case name == "system migrate" && has("--new-runtime"):
		return "gives every container another runtime"
	}
	return ""
}

// programOptions are the global options by which any verb of an engine runs a program, or
// writes a file, of the line's choice.
var programOptions = []string{"--runtime", "--conmon", "--hooks-dir", "--module", "--network-cmd-path", "--storage-opt",
	"--cpu-profile", "--memory-profile", "--out"}

// givers are the verbs that print or copy what a container or an image holds.
const givers = "cp exec logs attach export save container*cp container*exec container*logs container*attach container*export image*save artifact*extract"

// gives lists what such a verb puts into a file that programs obey.
func gives(j *job, s command.Simple, c *command.Call, name string, rest []command.Word) {
	engine := command.LastOf(s.Words[c.Word].Text)
	verb, _, _ := strings.Cut(name, " ")
	for _, w := range s.Words[c.Word+1:] {
		if w.Text == verb {
			break
		}
		if option, _, _ := strings.Cut(w.Text, "="); slices.Contains(programOptions, option) {
			j.sc.hides(j.x.Pos(), engine+" "+name+": "+option+" names a program or a file of the line's own choice")
		}
	}
	if !oneWordOf(givers, strings.ReplaceAll(name, " ", "*")) {
		return
	}
	files := j.sc.flow.outputs(j.context)
	if oneWordOf("cp save export container*cp container*export image*save artifact*extract", strings.ReplaceAll(name, " ", "*")) && len(rest) > 1 {
		files = append(files, rest[1:]...)
	}
	if i := slices.IndexFunc(files, obeyedFile); i >= 0 {
		j.sc.hides(j.x.Pos(), engine+" "+name+": what a container or an image holds goes into "+command.Clip(files[i].Text)+", which programs obey")
	}
}

// outputs are the files that what a verb prints is put into, as far as they are known.
func (fl *flow) outputs(c context) (out []command.Word) {
	for _, f := range fl.opened(c) {
		if !f.in {
			out = append(out, command.Word{Text: f.path.Text})
		}
	}
	return out
}

// obeyedFile tells whether a file is one of the host's own, or begins with a dot in a
// home.
func obeyedFile(w command.Word) bool {
	name := strings.NewReplacer("${HOME}", "~", "$HOME", "~").Replace(w.Text)
	if rest, is := strings.CutPrefix(name, "/home/"); is {
		_, below, _ := strings.Cut(rest, "/")
		name = "~/" + below
	}
	if rest, is := strings.CutPrefix(name, "/root/"); is {
		name = "~/" + rest
	}
	return strings.HasPrefix(name, "~/.") || slices.ContainsFunc([]string{"/etc/", "/usr/", "/bin/", "/sbin/", "/lib", "/boot/", "/dev/", "/var/spool/"},
		func(d string) bool { return strings.HasPrefix(name, d) })
}
