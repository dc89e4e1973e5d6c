package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// embedding is how a text that stands in a script is run.
type embedding struct {
	by     string         // the command that runs it
	names  bool           // it knows the names of the script around it: eval, trap, source
	args   []command.Word // its own arguments; nil: not known
	prefix []string       // commands that start the shell
	strict bool           // it may be anything but a shell's text
}

// textAt is a text and where it is written.
type textAt struct {
	command.Word
	at int // a byte of the script
}

// given are the here-documents and here-strings of a statement.
func (fl *flow) given(s *syntax.Stmt, c context) []textAt {
	var out []textAt
	for _, r := range s.Redirs {
		switch {
		case r.Hdoc != nil:
			at := int(r.Hdoc.Pos().Offset())
			raw := fl.words.names.text[at:min(int(r.Hdoc.End().Offset()), len(fl.words.names.text))]
			if quotedDelimiter(r.Word) {
				out = append(out, textAt{command.Word{Text: raw, Node: r.Hdoc}, at})
				continue
			}
			b := builder{names: fl.words.names, context: &c, whole: true}
			b.parts(r.Hdoc.Parts, true)
			out = append(out, textAt{b.word(r.Hdoc), at})
		case r.Op == syntax.WordHdoc:
			out = append(out, textAt{fl.words.assignedValue(r.Word, c), int(r.Word.Pos().Offset())})
		}
	}
	return out
}

// quotedDelimiter tells whether a shell puts nothing into a here-document.
func quotedDelimiter(w *syntax.Word) bool {
	for _, p := range w.Parts {
		l, is := p.(*syntax.Lit)
		if !is || strings.Contains(l.Value, `\`) {
			return true
		}
	}
	return false
}

// fedTo judges the text that a command is given to read, which is not a shell. What is
// written to a file may be a script, or anything.
func (j job) fedTo(name string, passed bool) {
	if passed && (name != "read" && oneWordOf(silent, name) || !j.sc.flow.caught(j.context)) {
		return
	}
	for _, t := range j.sc.flow.given(j.stmt, j.context) {
		switch e := j.sc.words.engineOf(&t.Word, j.context); {
		case e != "" && name == "ssh":
			j.sc.hides(j.x.Pos(), e+" is named in the text that "+name+" takes to another host")
		case writesScript(j, name, t.Text):
			j.embed(t, embedding{by: name})
		case e != "":
			j.embed(t, embedding{by: name, strict: true})
		case interprets(name) && !oneWordOf(ofProgram, name) && callsOthers(t.Word):
			j.sc.grave = true
			j.sc.hides(j.x.Pos(), "the program that "+command.Clip(name)+" is given runs others, and is not read")
		case j.sc.suspect(t):
			j.sc.grave = true
			j.sc.hides(j.x.Pos(), "the text that "+command.Clip(name)+" is given starts a container if a shell runs it")
		}
	}
}

// writesScript tells whether a text is written to a file that a shell will run.
func writesScript(j job, name, text string) bool {
	if j.sc.strict || !oneWordOf("cat tee", name) {
		return false
	}
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "#!") {
		words := strings.Fields(strings.TrimPrefix(first, "#!"))
		return len(words) > 0 && (oneWordOf(shells, command.LastOf(words[0])) || len(words) > 1 && oneWordOf(shells, words[1]))
	}
	var files []*syntax.Word
	for _, r := range j.stmt.Redirs {
		if r.Hdoc == nil {
			files = append(files, r.Word)
		}
	}
	return slices.ContainsFunc(append(files, j.x.Args...), func(w *syntax.Word) bool {
		file := j.sc.words.word(w).Text
		used := j.sc.names.facts.handed[file] && !slices.Contains(j.x.Args, w) || j.sc.names.facts.called[file] && command.LastOf(file) != name
		return used || strings.HasSuffix(file, ".sh") || strings.HasSuffix(file, ".bash")
	})
}

// suspect tells whether a text starts a container, or runs what nobody can read, if a
// shell runs it.
func (sc *script) suspect(t textAt) bool {
	h := &harvest{file: sc.file, lines: sc.lines, starts: sc.starts, first: sc.first, about: sc.about, seen: map[string]bool{}}
	child := newScript(h, &names{text: t.filled(), origin: func(int) int { return 0 }})
	child.depth = sc.depth + 1
	if child.depth > maxDepth || sc.work >= maxWork {
		return true
	}
	if child.parse() != nil {
		return namesEngine([]byte(t.Text)) && strings.HasPrefix(t.Text, ": <<")
	}
	h.work = sc.work
	child.read()
	sc.work = h.work + len(t.Text)/4
	return h.grave
}

// embed reads a text that a command runs.
func (j job) embed(t textAt, e embedding) {
	if t.WhollyUnknown() {
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), command.Clip(e.by)+" runs "+command.Clip(t.Spans[0].Name)+", which cannot be read here")
		return
	}
	text := t.filled()
	child := newScript(j.sc.harvest, &names{text: text, origin: j.sc.names.originOf(text, t.at), args: e.args})
	child.prefix, child.strict, child.depth, child.flow.shared = slices.Concat(j.sc.prefix, e.prefix), e.strict, j.sc.depth+1, j.sc.flow.opened(j.context)
	if e.names {
		child.names.outer, child.names.around = j.sc.names, j.context
	}
	if len(t.Spans) > 0 && (j.sc.about || e.names) && !e.strict {
		j.sc.hides(j.x.Pos(), command.Clip(t.Spans[0].Name)+" is put into the text before "+command.Clip(e.by)+" runs it")
	}
	var err error
	if child.depth <= maxDepth && j.sc.work < maxWork {
		err = child.parse()
	}
	switch {
	case child.depth > maxDepth || j.sc.work >= maxWork:
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), "texts within texts go too deep to be read")
		return
	case err == nil:
		child.read()
	case !e.strict:
		if j.sc.about || len(t.Spans) > 0 || namesEngine([]byte(text)) {
			j.sc.hides(j.x.Pos(), "what "+command.Clip(e.by)+" runs is not read: "+err.Error())
		}
	}
	if e.strict {
		child.rest(e.by)
	}
}

// rest lists every place of the text that names an engine, but those that were read.
func (sc *script) rest(by string) {
	read := CoverOf(sc.spans)
	for _, m := range mentions(sc.names.text) {
		if at := sc.names.origin(m.From); !read.Holds(at) {
			sc.list(at, m.name+" is named in the text that "+command.Clip(by)+" is given, and what is done with it is not read")
		}
	}
}

// filled is a text with a name in the place of what no reader can know.
func (t *textAt) filled() string {
	var b strings.Builder
	at := 0
	for _, s := range t.Spans {
		if s.From < at {
			continue
		}
		b.WriteString(t.Text[at:s.From])
		if s.Param != "" {
			b.WriteString(t.Text[s.From:s.To])
		} else {
			b.WriteString("${_}")
		}
		at = s.To
	}
	b.WriteString(t.Text[at:])
	return b.String()
}

// textOf makes one text of several words, as eval does.
func textOf(ws []command.Word, x *syntax.CallExpr) textAt {
	t := textAt{at: int(x.Pos().Offset())}
	if len(ws) == 1 {
		t.Word = ws[0]
	} else {
		t.Word = join(ws, " ")
	}
	if len(ws) > 0 && nodeOf(ws[0]) != nil {
		t.at = int(nodeOf(ws[0]).Pos().Offset())
	}
	return t
}
