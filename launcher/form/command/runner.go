package command

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// shells run what they are given as text.
const shells = "sh bash dash ash zsh ksh mksh rbash yash"

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
		sc.embed(textOf(rest, j.x), embedding{by: "env -S", prefix: append(slices.Clone(c.prefix[len(sc.prefix):]), name)}, j)
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
			sc.embed(textOf(args[i:], j.x), embedding{by: name, prefix: append(slices.Clone(c.prefix[len(sc.prefix):]), name)}, j)
		}
	case oneWordOf("at batch", name), oneWordOf("parallel crontab", name) && !slices.ContainsFunc(args, func(w word) bool { return !strings.HasPrefix(w.text, "-") }):
		sc.mentioned(args, j, name)
		sc.stdin(j, c, name)
	case name == "xargs":
		sc.xargs(s, c, j)
	case name == "find" && slices.ContainsFunc(args, executing):
		sc.find(s, c, j)
	default:
		return false
	}
	return true
}

// splitAt finds the option of env that makes words of a text; -1 is none.
func splitAt(args []word) int {
	for i := 0; i < len(args); i++ {
		o := args[i].text
		switch {
		case strings.HasPrefix(o, "--split-string"), len(o) > 1 && o[0] == '-' && o[1] != '-' && strings.ContainsRune(o[:strings.IndexAny(o+"u", "uC")], 'S'):
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

// shell judges sh, with a text of its own (-c), a file, or what it reads.
func (sc *script) shell(s source, c *call, j job, name string) {
	args := s.words[c.word+1:]
	text, stdin, i := false, false, 0
	for ; i < len(args); i++ {
		o := args[i].text
		if len(args[i].spans) > 0 && len(o) > 0 && o[0] == '-' {
			sc.grave = true
			sc.hides(j.x.Pos(), "what "+name+" runs is not known: "+clip(args[i].spans[0].name)+" is put into its options")
			return
		}
		if len(args[i].spans) > 0 || len(o) < 2 || o[0] != '-' && o[0] != '+' {
			break
		}
		if o == "--" {
			i++
			break
		}
		if strings.HasPrefix(o, "--") {
			if oneWordOf("--rcfile --init-file", o) {
				i++
			}
			continue
		}
		text, stdin = text || strings.Contains(o, "c"), stdin || strings.Contains(o, "s")
		if last := o[len(o)-1]; last == 'o' || last == 'O' {
			i++
		}
	}
	sc.mentioned(args[:min(i, len(args))], j, name)
	switch {
	case text && i < len(args):
		own := []word{}
		if i+2 <= len(args) {
			own = args[min(i+2, len(args)):]
		}
		sc.embed(textOf(args[i:i+1], j.x), embedding{by: name, args: own, prefix: append(slices.Clone(c.prefix[len(sc.prefix):]), name)}, j)
	case text:
		sc.hides(j.x.Pos(), name+" -c has no text that stands here")
	case i >= len(args) || stdin || oneWordOf("- /dev/stdin /dev/fd/0 /proc/self/fd/0", args[i].text):
		sc.stdin(j, c, name)
		sc.mentioned(args[min(i, len(args)):], j, name)
	default:
		sc.fileOf(args[i], j, name, false)
		sc.mentioned(args[i:], j, name)
		sc.fedTo(j, name, false)
	}
}

// fileOf judges the file that a shell reads: another one is not of this text, but
// what a process prints is.
func (sc *script) fileOf(w word, j job, by string, names bool) {
	for _, s := range w.spans {
		switch {
		case strings.HasPrefix(s.name, "<("):
			if p, is := w.node.Parts[0].(*syntax.ProcSubst); is && len(w.node.Parts) == 1 && len(p.Stmts) == 1 {
				if t, ok := sc.output(p.Stmts[0], j.context); ok {
					sc.embed(t, embedding{by: by, names: names}, j)
					return
				}
			}
			sc.grave = true
			sc.hides(j.x.Pos(), by+" runs what other commands print, which cannot be read here")
		case s.opaque || s.param != "" && sc.unreadable(s, j.context):
			sc.grave = true
			sc.hides(j.x.Pos(), by+" runs a file that was made so that it cannot be read here")
		}
	}
}

// sourced judges source and ".".
func (sc *script) sourced(args []word, j job, by string) {
	if len(args) == 0 {
		return
	}
	w := args[0]
	sc.mentioned(args[1:], j, by)
	switch {
	case oneWordOf("/dev/stdin /dev/fd/0 /proc/self/fd/0", w.text):
		sc.stdin(j, &call{prefix: sc.prefix}, by)
	case len(w.spans) > 0 && strings.HasPrefix(w.spans[0].name, "<("):
		sc.fileOf(w, j, by, true)
	case len(w.spans) == 0 && (strings.HasPrefix(w.text, "/etc/") || strings.HasPrefix(w.text, "/usr/")) && !strings.Contains(w.text, ".."):
		// the host's own, which its administrator answers for
	case sc.about:
		sc.hides(j.x.Pos(), "what the file sets that "+by+" reads is not known: it may make podman or docker anything")
	default:
		sc.fileOf(w, j, by, true)
	}
}

// stdin judges what a shell reads from its standard input.
func (sc *script) stdin(j job, c *call, name string) {
	e := embedding{by: name, prefix: append(slices.Clone(c.prefix[len(sc.prefix):]), name), names: name == "source" || name == "."}
	texts := sc.given(j.stmt, j.context)
	for _, t := range texts {
		sc.embed(t, e, j)
	}
	if len(texts) > 0 {
		return
	}
	for _, r := range j.stmt.Redirs {
		if r.Op == syntax.RdrIn {
			sc.fileOf(sc.word(r.Word), job{x: j.x, stmt: j.stmt, context: j.context}, name, false)
			return
		}
	}
	if left := sc.feeder[j.stmt]; left != nil {
		if t, ok := sc.output(left, j.context); ok {
			sc.embed(t, e, j)
			return
		}
	}
	sc.grave = true
	sc.hides(j.x.Pos(), name+" runs what it is given to read, and that does not stand here")
}

// piped notes what a command behind a pipe reads, and whether it is a shell for which
// that stands here.
func (sc *script) piped(left, right *syntax.Stmt, c context) {
	sc.feeder[right] = left
	x, is := right.Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) == 0 || len(right.Redirs) > 0 {
		return
	}
	s := sc.source(x, c)
	at := &call{word: s.env}
	for at.word < len(s.words) {
		name, known := s.words[at.word].program()
		if !known || sc.owner(name) != nil || sc.facts.aliases[name] != nil {
			return
		}
		if oneWordOf(shells, name) && at.word+1 == len(s.words) {
			_, sc.taken[left] = sc.output(left, c)
			return
		}
		st := starterOf(name)
		if st == nil {
			return
		}
		at.skip(st, s.words)
	}
}

// output is what a statement prints, where that stands in the text.
func (sc *script) output(s *syntax.Stmt, c context) (textAt, bool) {
	x, is := s.Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) == 0 || len(x.Assigns) > 0 || s.Negated {
		return textAt{}, false
	}
	words := sc.source(x, c).words
	if len(words) == 0 || slices.ContainsFunc(words, func(w word) bool { return len(w.spans) > 0 }) || sc.owner(words[0].text) != nil || sc.facts.aliases[words[0].text] != nil {
		return textAt{}, false
	}
	if words[0].text == "cat" && (len(words) == 1 || len(words) == 2 && words[1].text == "-") {
		texts := sc.given(s, c)
		if len(texts) == 1 && len(s.Redirs) == 1 {
			return texts[0], true
		}
		return textAt{}, false
	}
	text, ok := echoed(words)
	if !ok || len(s.Redirs) > 0 {
		return textAt{}, false
	}
	t := textOf(words[1:], x)
	t.word = word{text: text}
	return t, true
}

// commandOption judges the text behind -c; false is that there is none.
func (sc *script) commandOption(args []word, c *call, j job, name string) bool {
	user := ""
	for i, w := range args {
		switch {
		case strings.HasPrefix(w.text, "--command="):
			args = slices.Insert(slices.Clone(args), i+1, w.cutPrefix("--command="))
		case w.text == "--command", len(w.text) > 1 && w.text[0] == '-' && w.text[1] != '-' && strings.HasSuffix(w.text, "c") && len(w.spans) == 0:
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
		prefix := append(slices.Clone(c.prefix[len(sc.prefix):]), asUser(name, user))
		sc.embed(textOf(args[i+1:i+2], j.x), embedding{by: name, prefix: prefix}, j)
		sc.mentioned(args[:i], j, name)
		sc.mentioned(args[i+2:], j, name)
		return true
	}
	return false
}

// filledBy is a word that another program makes while the script runs.
func filledBy(name string) (word, form.Word) {
	text := "{}"
	return word{text: text, spans: []span{{from: 0, to: len(text), name: "what " + name + " reads", many: true, opaque: true}}, parts: true}, form.Word{Text: text, Raw: text}
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
		case len(o) == 2 && strings.Contains("adEnLPs", o[1:]), oneWordOf("--arg-file --delimiter --max-lines --max-args --max-procs --max-chars --eof", o):
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
	more, shown := filledBy(by)
	words := slices.Clone(s.words)
	if mark == "" {
		words, s.shown = append(words, more), append(slices.Clone(s.shown), shown)
	} else {
		for i := range words {
			words[i] = words[i].marked(mark, more.spans[0])
		}
	}
	s.words = words
	j.prefix = append(slices.Clone(c.prefix[len(sc.prefix):]), by)
	sc.judge(s, j)
}

// marked makes each mark in a word a thing that is filled in.
func (w word) marked(mark string, as span) word {
	if mark == "" || len(w.spans) > 0 || !strings.Contains(w.text, mark) {
		return w
	}
	w.parts = w.text == mark
	for at := 0; ; {
		i := strings.Index(w.text[at:], mark)
		if i < 0 {
			return w
		}
		as.from, as.to = at+i, at+i+len(mark)
		as.many = false
		w.spans = append(w.spans, as)
		at = as.to
	}
}
