package shell

import (
	"cmp"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// shells run what they are given as text.
const shells = "sh bash dash ash zsh ksh mksh rbash yash"

// fedPrograms run what they read, where no argument names a program.
const fedPrograms = "python python2 python3 perl ruby node nodejs php lua tclsh guile julia osascript"

// runsOther judges a command that runs a text, or words, of its own arguments; false is
// that name is none. Those that it does not know are no danger: an engine that is named
// in their arguments opens the text.
func runsOther(j job, s command.Simple, c *command.Call, name string) bool {
	args := s.Words[c.Word+1:]
	switch {
	case oneWordOf(shells, name):
		runShell(j, s, c, name)
	case name == "eval":
		if len(args) > 0 {
			j.embed(textOf(args, j.x), embedding{by: name, names: true, prefix: c.Prefix[len(j.sc.prefix):]})
		}
	case name == "trap":
		if len(args) > 0 && args[0].Text == "--" {
			args = args[1:]
		}
		if len(args) > 1 && (len(args[0].Spans) > 0 || !strings.HasPrefix(args[0].Text, "-")) {
			j.embed(textOf(args[:1], j.x), embedding{by: name, names: true})
		}
	case name == "source" || name == ".":
		runSourced(j, args, name)
	case name == "env" && splitAt(args) >= 0:
		i := splitAt(args)
		j.mentioned(args[:i], name)
		rest := slices.Clone(args[i:])
		if long := strings.HasPrefix(rest[0].Text, "--"); long {
			rest[0] = rest[0].CutPrefix("--split-string=", "--split-string")
		} else {
			rest[0] = rest[0].CutPrefix(rest[0].Text[:strings.IndexByte(rest[0].Text, 'S')+1])
		}
		j.embed(textOf(rest, j.x), embedding{by: "env -S", prefix: behind(j.sc, c, name)})
	case oneWordOf("su runuser sg script flock", name):
		return runOption(j, args, c, name)
	case name == "watch":
		i := 0
		for i < len(args) && strings.HasPrefix(args[i].Text, "-") {
			if oneWordOf("-n --interval -q --equexit", args[i].Text) {
				i++
			}
			i++
		}
		if i < len(args) {
			j.embed(textOf(args[i:], j.x), embedding{by: name, prefix: behind(j.sc, c, name)})
		}
	case oneWordOf("at batch", name), oneWordOf("parallel crontab", name) && onlyOptions(args):
		j.mentioned(args, name)
		runStdin(j, c, name)
	case oneWordOf(fedPrograms, name) && onlyOptions(args) && j.sc.flow.feeder[j.stmt] != nil:
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), name+" runs what it is given to read, and that is not read here")
	case name == "xargs":
		runXargs(j, s, c)
	case name == "find" && slices.ContainsFunc(args, executing):
		runFind(j, s, c)
	default:
		return false
	}
	return true
}

// letters tells whether a word is options of one letter.
func letters(o string) bool { return len(o) > 1 && o[0] == '-' && o[1] != '-' }

func onlyOptions(args []command.Word) bool {
	return !slices.ContainsFunc(args, func(w command.Word) bool { return !strings.HasPrefix(w.Text, "-") })
}

// behind are the commands that start what c starts, name the last: those of the text
// around it are known to the text.
func behind(sc *script, c *command.Call, name string) []string {
	return append(slices.Clone(c.Prefix[len(sc.prefix):]), name)
}

// splitAt finds the option of env that makes words of a text; -1 is none.
func splitAt(args []command.Word) int {
	for i := 0; i < len(args); i++ {
		o := args[i].Text
		switch {
		case strings.HasPrefix(o, "--split-string"), letters(o) && strings.ContainsRune(o[:strings.IndexAny(o+"u", "uC")], 'S'):
			return i
		case oneWordOf("-u -C --unset --chdir", o):
			i++
		case !strings.HasPrefix(o, "-") && !command.Assignment(o):
			return -1
		}
	}
	return -1
}

// runOption judges the text behind -c; false is that there is none.
func runOption(j job, args []command.Word, c *command.Call, name string) bool {
	user := ""
	for i, w := range args {
		switch {
		case strings.HasPrefix(w.Text, "--command="):
			args = slices.Insert(slices.Clone(args), i+1, w.CutPrefix("--command="))
		case w.Text == "--command", letters(w.Text) && strings.HasSuffix(w.Text, "c") && len(w.Spans) == 0:
		case strings.HasPrefix(w.Text, "-c"):
			args = slices.Insert(slices.Clone(args), i+1, w.CutPrefix("-c"))
		default:
			if len(w.Text) > 0 && w.Text[0] != '-' && name != "flock" {
				user = w.Text
			}
			continue
		}
		if i+1 >= len(args) {
			return false
		}
		if name == "script" && i+2 < len(args) && nodeOf(args[len(args)-1]) != nil {
			j.context.streams = streams(j.context.streams, []stream{{nodeOf(args[len(args)-1]), false}})
		}
		prefix := behind(j.sc, c, command.AsUser(name, user))
		j.embed(textOf(args[i+1:i+2], j.x), embedding{by: name, prefix: prefix})
		j.mentioned(args[:i], name)
		j.mentioned(args[i+2:], name)
		return true
	}
	return false
}

// filledBy is a word that another program makes while the script runs.
func filledBy(name string) command.Word {
	const text = "{}"
	made := command.Expansion{From: 0, To: len(text), Name: "what " + name + " reads", Many: true, Opaque: true}
	return command.Word{Text: text, Spans: []command.Expansion{made}, Parts: true}
}

// runXargs judges the command that xargs starts with what it reads.
func runXargs(j job, s command.Simple, c *command.Call) {
	i, in := c.Word+1, ""
	for ; i < len(s.Words) && strings.HasPrefix(s.Words[i].Text, "-"); i++ {
		o := s.Words[i].Text
		switch {
		case len(s.Words[i].Spans) > 0:
			j.sc.grave = true
			j.sc.hides(j.x.Pos(), "which command xargs runs is not known: "+command.Clip(s.Words[i].Spans[0].Name)+" is put into its options")
			return
		case o == "-I" || o == "-J" || o == "--replace":
			if i+1 < len(s.Words) {
				in = s.Words[i+1].Text
			}
			i++
		case strings.HasPrefix(o, "-I"):
			in = o[2:]
		case strings.HasPrefix(o, "-i"):
			in = cmp.Or(o[2:], "{}")
		case strings.HasPrefix(o, "--replace="):
			in = strings.TrimPrefix(o, "--replace=")
		case len(o) == 2 && strings.Contains("adEnLPs", o[1:]),
			oneWordOf("--arg-file --delimiter --max-lines --max-args --max-procs --max-chars --eof", o):
			i++
		}
	}
	i = min(i, len(s.Words))
	j.mentioned(s.Words[c.Word+1:i], "xargs")
	j.started(command.Simple{File: s.File, Words: s.Words[i:], Shown: s.Shown[i:]}, c, "xargs", in)
}

// executing tells whether a word of find starts a command.
func executing(w command.Word) bool {
	return oneWordOf("-exec -execdir -ok -okdir", w.Text) && len(w.Spans) == 0
}

// runFind judges the commands that find starts.
func runFind(j job, s command.Simple, c *command.Call) {
	var others []command.Word
	for i := c.Word + 1; i < len(s.Words); i++ {
		if !executing(s.Words[i]) {
			others = append(others, s.Words[i])
			continue
		}
		end := i + 1
		for end < len(s.Words) && s.Words[end].Text != ";" && s.Words[end].Text != "+" {
			end++
		}
		j.started(command.Simple{File: s.File, Words: s.Words[i+1 : end], Shown: s.Shown[i+1 : end]}, c, "find", "{}")
		i = end
	}
	if slices.ContainsFunc(others, func(w command.Word) bool { return strings.HasPrefix(w.Text, "-fprint") }) {
		j.mentioned(others, "find")
	}
}

// started judges a command that another starts with more arguments, or with others in
// the place of a mark.
func (j job) started(s command.Simple, c *command.Call, by, mark string) {
	if len(s.Words) == 0 {
		return
	}
	more := filledBy(by)
	s.Words, s.Shown = slices.Clone(s.Words), slices.Clone(s.Shown)
	if mark == "" {
		s.Words = append(s.Words, more)
		s.Shown = append(s.Shown, form.Word{Text: more.Text, Line: s.Shown[0].Line, Col: s.Shown[0].Col})
	} else {
		for i := range s.Words {
			if s.Words[i].Marked(mark, more.Spans[0]) {
				s.Shown[i].Raw = "" // it cannot be written anew
			}
		}
	}
	j.prefix = behind(j.sc, c, by)
	j.judge(s)
}
