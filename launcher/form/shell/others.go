package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"
)

// interpreters run a program that stands among their arguments, in a language that is
// not read here.
const interpreters = "python python2 python3 perl ruby node nodejs php lua awk gawk mawk nawk sed expect tclsh guile " +
	"emacs vi vim ex ed m4 make gdb tmux screen osascript deno bun julia R Rscript"

// callsOut are the words by which such programs run others.
var callsOut = []string{"system", "exec", "popen", "spawn", "subprocess", "shell", "qx", "fork", "pty.", "getline", "`", "| \"", "compile(", "eval"}

// mayHide lists a command that zlaunch does not know and that may run an engine.
func (j job) mayHide(s command.Simple, at int, name string) {
	args := s.Words[at+1:]
	j.mentioned(args, name)
	j.mentioned(s.Words[:at], name)
	own := slices.ContainsFunc(engines, func(e string) bool { return strings.Contains(name, e) })
	switch {
	case slices.ContainsFunc(args, j.sc.substitutes):
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), "a substitution that an engine stands in is a word of "+command.Clip(name)+", and a shell may run it")
	case looksLikeRun(args):
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), command.Clip(name)+" may be an engine by another name: it has the words of a run")
	case j.sc.names.facts.made[s.Words[at].Text]:
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), command.Clip(name)+" is a file that the script makes, and which cannot be read here")
	case own || slices.Contains(alsoEngines, name):
		j.sc.hides(j.x.Pos(), command.Clip(name)+" may make containers, and is not read")
	case interprets(name) && slices.ContainsFunc(args, callsOthers):
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), "a program for "+command.Clip(name)+" runs others, and is not read")
	}
	j.programIn(name, args)
	j.within(s, at, name)
	j.fedTo(name, false)
}

// interprets tells whether a program of this name runs programs in a language that is
// not read here: python3.11 is python.
func interprets(name string) bool {
	return oneWordOf(interpreters, strings.TrimRight(name, "0123456789.")) || oneWordOf(interpreters, name)
}

// callsOthers tells whether a text may be a program that runs others.
func callsOthers(w command.Word) bool {
	return slices.ContainsFunc(callsOut, func(s string) bool { return strings.Contains(w.Text, s) })
}

// ofProgram are the interpreters of which the first argument is the program itself, not
// its file.
const ofProgram = "awk gawk mawk nawk sed make m4 emacs vi vim ex tmux screen gdb"

// flags are options of the others that give no program.
const flags = "- -- -u -E -s -B -I -w -W -n -q"

// programIn lists what an interpreter runs that reads its program from a pipe.
func (j job) programIn(name string, args []command.Word) {
	if !interprets(name) || oneWordOf(ofProgram, name) || slices.ContainsFunc(args, func(w command.Word) bool { return !oneWordOf(flags, w.Text) }) {
		return
	}
	left := j.sc.flow.feeder[j.stmt]
	if left == nil {
		return
	}
	if t, ok := j.sc.flow.output(left, j.context); !ok || callsOthers(t.Word) {
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), "a program for "+command.Clip(name)+" comes out of a pipe, and is not read")
	}
}

// looksLikeRun tells whether words are a verb and an option that engines alone have.
func looksLikeRun(args []command.Word) bool {
	verb, option := false, false
	for _, a := range args {
		verb = verb || oneWordOf("run create exec", a.Text)
		name, _, _ := strings.Cut(a.Text, "=")
		option = option || verb && oneWordOf(`--privileged --cap-add --cap-drop --security-opt --device --userns --pid --volumes-from
			--cgroupns`, name)
	}
	return option
}

// within judges what stands among the arguments of a command that zlaunch does not
// know as if it were run: a command behind options that are not known, and texts.
func (j job) within(s command.Simple, at int, name string) {
	for i := at + 1; i < len(s.Words); i++ {
		w := s.Words[i]
		program, known := w.Program()
		if known && (command.IsEngine(program) || oneWordOf(shells+" eval source env xargs sudo doas su runuser", program)) {
			j.prefix = append(slices.Clone(j.prefix), name)
			j.notes = append(slices.Clone(j.notes), command.Clip(name)+" starts it, and what that changes is not known")
			j.judge(command.Simple{File: s.File, Words: s.Words[i:], Shown: s.Shown[i:]})
			return
		}
		if o, text, has := strings.Cut(w.Text, "="); has && strings.HasPrefix(o, "-") {
			w = w.CutPrefix(o + "=")
			w.Text = text
		}
		if strings.ContainsAny(w.Text, " \t\n;&|`") && j.sc.suspect(textOf([]command.Word{w}, j.x)) {
			j.sc.grave = true
			j.sc.hides(j.x.Pos(), "a text among the words of "+command.Clip(name)+" starts a container if a shell runs it")
		}
	}
}
