package command

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// shells run what they are given as text.
const shells = "sh bash dash ash zsh ksh mksh rbash yash"

// fedPrograms run what they read, where no argument names a program.
const fedPrograms = "python python2 python3 perl ruby node nodejs php lua tclsh guile julia osascript"

// runner judges a command that runs a text, or words, of its own arguments; false is
// that name is none. Those that it does not know are no danger: an engine that is named
// in their arguments opens the text.
func (sc *script) runner(s source, c *call, j job, name string) bool {
	args := s.words[c.word+1:]
	switch {
	case oneWordOf(shells, name):
		sc.shell(s, c, j, name)
	case name == "eval":
		if len(args) > 0 {
			sc.embed(textOf(args, j.x), embedding{by: name, names: true, prefix: c.prefix[len(sc.prefix):]}, j)
		}
	case name == "trap":
		if len(args) > 0 && args[0].text == "--" {
			args = args[1:]
		}
		if len(args) > 1 && (len(args[0].spans) > 0 || !strings.HasPrefix(args[0].text, "-")) {
			sc.embed(textOf(args[:1], j.x), embedding{by: name, names: true}, j)
		}
	case name == "source" || name == ".":
		sc.sourced(args, j, name)
	case name == "env" && splitAt(args) >= 0:
		i := splitAt(args)
		sc.mentioned(args[:i], j, name)
		rest := slices.Clone(args[i:])
		if long := strings.HasPrefix(rest[0].text, "--"); long {
			rest[0] = rest[0].cutPrefix("--split-string=", "--split-string")
		} else {
			rest[0] = rest[0].cutPrefix(rest[0].text[:strings.IndexByte(rest[0].text, 'S')+1])
		}
		sc.embed(textOf(rest, j.x), embedding{by: "env -S", prefix: sc.behind(c, name)}, j)
	case oneWordOf("su runuser sg script flock", name):
		return sc.commandOption(args, c, j, name)
	case name == "watch":
		i := 0
		for i < len(args) && strings.HasPrefix(args[i].text, "-") {
			if oneWordOf("-n --interval -q --equexit", args[i].text) {
				i++
			}
			i++
		}
		if i < len(args) {
			sc.embed(textOf(args[i:], j.x), embedding{by: name, prefix: sc.behind(c, name)}, j)
		}
	case oneWordOf("at batch", name), oneWordOf("parallel crontab", name) && onlyOptions(args):
		sc.mentioned(args, j, name)
		sc.stdin(j, c, name)
	case oneWordOf(fedPrograms, name) && onlyOptions(args) && sc.feeder[j.stmt] != nil:
		sc.grave = true
		sc.hides(j.x.Pos(), name+" runs what it is given to read, and that is not read here")
	case name == "xargs":
		sc.xargs(s, c, j)
	case name == "find" && slices.ContainsFunc(args, executing):
		sc.find(s, c, j)
	default:
		return false
	}
	return true
}

// letters tells whether a word is options of one letter.
func letters(o string) bool { return len(o) > 1 && o[0] == '-' && o[1] != '-' }

func onlyOptions(args []word) bool {
	return !slices.ContainsFunc(args, func(w word) bool { return !strings.HasPrefix(w.text, "-") })
}

// behind are the commands that start what c starts, name the last: those of the text
// around it are known to the text.
func (sc *script) behind(c *call, name string) []string {
	return append(slices.Clone(c.prefix[len(sc.prefix):]), name)
}

// splitAt finds the option of env that makes words of a text; -1 is none.
func splitAt(args []word) int {
	for i := 0; i < len(args); i++ {
		o := args[i].text
		switch {
		case strings.HasPrefix(o, "--split-string"), letters(o) && strings.ContainsRune(o[:strings.IndexAny(o+"u", "uC")], 'S'):
			return i
		case oneWordOf("-u -C --unset --chdir", o):
			i++
		case !strings.HasPrefix(o, "-") && !assignment(o):
			return -1
		}
	}
	return -1
}

// cutPrefix takes the first of some beginnings away.
func (w word) cutPrefix(prefixes ...string) word {
	for _, p := range prefixes {
		if strings.HasPrefix(w.text, p) {
			w.text = w.text[len(p):]
			spans := slices.Clone(w.spans)
			for i := range spans {
				spans[i].from, spans[i].to = max(spans[i].from-len(p), 0), max(spans[i].to-len(p), 0)
			}
			w.spans = spans
			return w
		}
	}
	return w
}

// commandOption judges the text behind -c; false is that there is none.
func (sc *script) commandOption(args []word, c *call, j job, name string) bool {
	user := ""
	for i, w := range args {
		switch {
		case strings.HasPrefix(w.text, "--command="):
			args = slices.Insert(slices.Clone(args), i+1, w.cutPrefix("--command="))
		case w.text == "--command", letters(w.text) && strings.HasSuffix(w.text, "c") && len(w.spans) == 0:
		case strings.HasPrefix(w.text, "-c"):
			args = slices.Insert(slices.Clone(args), i+1, w.cutPrefix("-c"))
		default:
			if len(w.text) > 0 && w.text[0] != '-' && name != "flock" {
				user = w.text
			}
			continue
		}
		if i+1 >= len(args) {
			return false
		}
		if name == "script" && i+2 < len(args) && args[len(args)-1].node != nil {
			j.context.streams = streams(j.context.streams, []stream{{args[len(args)-1].node, false}})
		}
		prefix := sc.behind(c, asUser(name, user))
		sc.embed(textOf(args[i+1:i+2], j.x), embedding{by: name, prefix: prefix}, j)
		sc.mentioned(args[:i], j, name)
		sc.mentioned(args[i+2:], j, name)
		return true
	}
	return false
}

// filledBy is a word that another program makes while the script runs.
func filledBy(name string) word {
	const text = "{}"
	made := span{from: 0, to: len(text), name: "what " + name + " reads", many: true, opaque: true}
	return word{text: text, spans: []span{made}, parts: true}
}

// xargs judges the command that xargs starts with what it reads.
func (sc *script) xargs(s source, c *call, j job) {
	i, in := c.word+1, ""
	for ; i < len(s.words) && strings.HasPrefix(s.words[i].text, "-"); i++ {
		o := s.words[i].text
		switch {
		case len(s.words[i].spans) > 0:
			sc.grave = true
			sc.hides(j.x.Pos(), "which command xargs runs is not known: "+clip(s.words[i].spans[0].name)+" is put into its options")
			return
		case o == "-I" || o == "-J" || o == "--replace":
			if i+1 < len(s.words) {
				in = s.words[i+1].text
			}
			i++
		case strings.HasPrefix(o, "-I"):
			in = o[2:]
		case strings.HasPrefix(o, "-i"):
			in = orElse(o[2:], "{}")
		case strings.HasPrefix(o, "--replace="):
			in = strings.TrimPrefix(o, "--replace=")
		case len(o) == 2 && strings.Contains("adEnLPs", o[1:]),
			oneWordOf("--arg-file --delimiter --max-lines --max-args --max-procs --max-chars --eof", o):
			i++
		}
	}
	i = min(i, len(s.words))
	sc.mentioned(s.words[c.word+1:i], j, "xargs")
	sc.started(source{file: s.file, words: s.words[i:], shown: s.shown[i:]}, c, j, "xargs", in)
}

// executing tells whether a word of find starts a command.
func executing(w word) bool {
	return oneWordOf("-exec -execdir -ok -okdir", w.text) && len(w.spans) == 0
}

// find judges the commands that find starts.
func (sc *script) find(s source, c *call, j job) {
	var others []word
	for i := c.word + 1; i < len(s.words); i++ {
		if !executing(s.words[i]) {
			others = append(others, s.words[i])
			continue
		}
		end := i + 1
		for end < len(s.words) && s.words[end].text != ";" && s.words[end].text != "+" {
			end++
		}
		sc.started(source{file: s.file, words: s.words[i+1 : end], shown: s.shown[i+1 : end]}, c, j, "find", "{}")
		i = end
	}
	if slices.ContainsFunc(others, func(w word) bool { return strings.HasPrefix(w.text, "-fprint") }) {
		sc.mentioned(others, j, "find")
	}
}

// started judges a command that another starts with more arguments, or with others in
// the place of a mark.
func (sc *script) started(s source, c *call, j job, by, mark string) {
	if len(s.words) == 0 {
		return
	}
	more := filledBy(by)
	s.words, s.shown = slices.Clone(s.words), slices.Clone(s.shown)
	if mark == "" {
		s.words = append(s.words, more)
		s.shown = append(s.shown, form.Word{Text: more.text, Line: s.shown[0].Line, Col: s.shown[0].Col})
	} else {
		for i := range s.words {
			if s.words[i].marked(mark, more.spans[0]) {
				s.shown[i].Raw = "" // it cannot be written anew
			}
		}
	}
	j.prefix = sc.behind(c, by)
	sc.judge(s, j)
}

// marked makes each mark in a word a thing that is filled in, and tells whether there
// is one.
func (w *word) marked(mark string, as span) bool {
	if mark == "" || len(w.spans) > 0 || !strings.Contains(w.text, mark) {
		return false
	}
	w.parts = w.text == mark
	for at := 0; ; {
		i := strings.Index(w.text[at:], mark)
		if i < 0 {
			return true
		}
		as.from, as.to, as.many = at+i, at+i+len(mark), false
		w.spans = append(w.spans, as)
		at = as.to
	}
}
