package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// runShell judges sh, with a text of its own (-c), a file, or what it reads.
func runShell(j job, s command.Simple, c *command.Call, name string) {
	args := s.Words[c.Word+1:]
	text, stdin, i := false, false, 0
	for ; i < len(args); i++ {
		o := args[i].Text
		if len(args[i].Spans) > 0 && len(o) > 0 && o[0] == '-' {
			j.sc.grave = true
			j.sc.hides(j.x.Pos(), "what "+name+" runs is not known: "+command.Clip(args[i].Spans[0].Name)+" is put into its options")
			return
		}
		if len(args[i].Spans) > 0 || len(o) < 2 || o[0] != '-' && o[0] != '+' {
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
	j.mentioned(args[:min(i, len(args))], name)
	first := slices.ContainsFunc(args[:min(i, len(args))], beginsWith("--rcfile", "--init-file"))
	if j.sc.about && (first || slices.ContainsFunc(s.Words[:c.Word], beginsWith("BASH_ENV="))) {
		j.sc.hides(j.x.Pos(), "what the file sets that "+name+" reads first is not known: it may make podman or docker anything")
	}
	switch {
	case text && i < len(args):
		own := []command.Word{}
		if i+2 <= len(args) {
			own = args[min(i+2, len(args)):]
		}
		j.embed(textOf(args[i:i+1], j.x), embedding{by: name, args: own, prefix: behind(j.sc, c, name)})
	case text:
		j.sc.hides(j.x.Pos(), name+" -c has no text that stands here")
	case i >= len(args) || stdin || oneWordOf("- /dev/stdin /dev/fd/0 /proc/self/fd/0", args[i].Text):
		runStdin(j, c, name)
		j.mentioned(args[min(i, len(args)):], name)
	default:
		runFile(j, args[i], name, false)
		j.mentioned(args[i:], name)
		j.fedTo(name, false)
	}
}

func beginsWith(prefixes ...string) func(command.Word) bool {
	return func(w command.Word) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(w.Text, p) })
	}
}

// runFile judges the file that a shell reads: another one is not of this text, but
// what a process prints is.
func runFile(j job, w command.Word, by string, names bool) {
	if j.sc.names.facts.made[w.Text] {
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), by+" runs a file that the script makes, and which cannot be read here")
	}
	for _, s := range w.Spans {
		switch {
		case strings.HasPrefix(s.Name, "<("):
			node := nodeOf(w)
			if p, is := node.Parts[0].(*syntax.ProcSubst); is && len(node.Parts) == 1 && len(p.Stmts) == 1 {
				if t, ok := j.sc.flow.output(p.Stmts[0], j.context); ok {
					j.embed(t, embedding{by: by, names: names})
					return
				}
			}
			j.sc.grave = true
			j.sc.hides(j.x.Pos(), by+" runs what other commands print, which cannot be read here")
		case s.Opaque || s.Param != "" && j.sc.names.unreadable(s, j.context):
			j.sc.grave = true
			j.sc.hides(j.x.Pos(), by+" runs a file that was made so that it cannot be read here")
		}
	}
}

// runSourced judges source and ".".
func runSourced(j job, args []command.Word, by string) {
	if len(args) == 0 {
		return
	}
	w := args[0]
	j.mentioned(args[1:], by)
	switch {
	case oneWordOf("/dev/stdin /dev/fd/0 /proc/self/fd/0", w.Text):
		runStdin(j, &command.Call{Prefix: j.sc.prefix}, by)
	case len(w.Spans) > 0 && strings.HasPrefix(w.Spans[0].Name, "<("):
		runFile(j, w, by, true)
	case len(w.Spans) == 0 && !strings.Contains(w.Text, "..") && (strings.HasPrefix(w.Text, "/etc/") || strings.HasPrefix(w.Text, "/usr/")):
		// the host's own, which its administrator answers for
	case j.sc.about:
		j.sc.hides(j.x.Pos(), "what the file sets that "+by+" reads is not known: it may make podman or docker anything")
	default:
		runFile(j, w, by, true)
	}
}

// filledIn tells whether a shell fills something into a word.
func filledIn(w command.Word) bool { return len(w.Spans) > 0 }

// runStdin judges what a shell reads from its standard input.
func runStdin(j job, c *command.Call, name string) {
	e := embedding{by: name, prefix: behind(j.sc, c, name), names: name == "source" || name == "."}
	texts := j.sc.flow.given(j.stmt, j.context)
	for _, t := range texts {
		j.embed(t, e)
	}
	if len(texts) > 0 {
		return
	}
	for _, r := range j.stmt.Redirs {
		if r.Op == syntax.RdrIn {
			runFile(job{sc: j.sc, x: j.x, stmt: j.stmt, context: j.context}, j.sc.words.word(r.Word), name, false)
			return
		}
	}
	if left := j.sc.flow.feeder[j.stmt]; left != nil {
		if t, ok := j.sc.flow.output(left, j.context); ok {
			j.embed(t, e)
			return
		}
	}
	j.sc.grave = true
	j.sc.hides(j.x.Pos(), name+" runs what it is given to read, and that does not stand here")
}

// piped notes what a command behind a pipe reads, and whether it is a shell for which
// that stands here.
func (fl *flow) piped(left, right *syntax.Stmt, c context) {
	fl.feeder[right], fl.eater[left] = left, right
	x, is := right.Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) == 0 || len(right.Redirs) > 0 {
		return
	}
	s := fl.words.source(x, c)
	at := &command.Call{Word: s.Env}
	for at.Word < len(s.Words) {
		name, known := s.Words[at.Word].Program()
		if !known || fl.words.names.owner(name) != nil || fl.words.names.facts.aliases[name] != nil {
			return
		}
		if oneWordOf(shells, name) && at.Word+1 == len(s.Words) {
			_, fl.taken[left] = fl.output(left, c)
			return
		}
		st := command.StarterOf(name)
		if st == nil {
			return
		}
		at.Skip(st, s.Words)
	}
}

// output is what a statement prints, where that stands in the text.
func (fl *flow) output(s *syntax.Stmt, c context) (textAt, bool) {
	x, is := s.Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) == 0 || len(x.Assigns) > 0 || s.Negated {
		return textAt{}, false
	}
	words := fl.words.source(x, c).Words
	if len(words) == 0 || slices.ContainsFunc(words, filledIn) || fl.words.names.owner(words[0].Text) != nil || fl.words.names.facts.aliases[words[0].Text] != nil {
		return textAt{}, false
	}
	if words[0].Text == "cat" && (len(words) == 1 || len(words) == 2 && words[1].Text == "-") {
		texts := fl.given(s, c)
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
	t.Word = command.Word{Text: text}
	return t, true
}
