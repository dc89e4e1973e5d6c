package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// actsByItself are the variables of which a shell runs what they hold.
const actsByItself = "PROMPT_COMMAND PS0 PS1 PS2 PS4 BASH_ENV ENV BASH_ALIASES BASH_CMDS"

// special lists assignments that are no mere values; given are those that stand before
// a command, which gets them.
func (sc *script) special(as []*syntax.Assign, c context, given bool) {
	for _, a := range as {
		for _, w := range valueWords(a) {
			if u := sc.words.word(w); sc.substitutes(u) {
				sc.grave = true
				sc.hides(a.Pos(), "the value holds a substitution that an engine stands in, and a shell may run it")
			}
		}
		if a.Name == nil {
			continue
		}
		tells := oneWordOf(actsByItself, a.Name.Value) || sc.names.facts.exports || sc.names.facts.exported[a.Name.Value]
		for _, w := range valueWords(a) {
			u := sc.words.word(w)
			e := ""
			if tells {
				e = sc.words.engineOf(&u, c)
			}
			switch {
			case e != "":
				sc.hides(a.Pos(), a.Name.Value+" tells other programs of "+e+", and what they do with it is not read")
			case (tells || given) && strings.ContainsAny(u.Text, " \t\n") && len(u.Spans) == 0 && sc.suspect(textAt{Word: u}):
				sc.grave = true
				sc.hides(a.Pos(), a.Name.Value+" is a text that starts a container if a program runs it")
			case a.Name.Value == "BASH_ENV" && sc.about && !given && u.Text != "":
				sc.hides(a.Pos(), "shells read the file that BASH_ENV names first, and what it sets is not known")
			}
		}
	}
}

// substitutes tells whether a quoted text holds a substitution that an engine stands in.
// A shell runs it where the text is used as arithmetic, as an index or as a prompt.
func (sc *script) substitutes(w command.Word) bool {
	holds := false
	for i := 0; i < len(w.Text) && !holds; i++ {
		holds = (w.Text[i] == '`' || strings.HasPrefix(w.Text[i:], "$(") || strings.HasPrefix(w.Text[i:], "${")) && !covered(&w, i)
	}
	return holds && sc.suspect(textAt{Word: command.Word{Text: ": <<zlaunch\n" + w.Text + "\nzlaunch\n"}})
}

func valueWords(a *syntax.Assign) []*syntax.Word {
	var out []*syntax.Word
	if a.Value != nil {
		out = append(out, a.Value)
	}
	if a.Array != nil {
		for _, e := range a.Array.Elems {
			if e.Value != nil {
				out = append(out, e.Value)
			}
		}
	}
	return out
}

// declared judges declare, export and their like.
func (sc *script) declared(d *syntax.DeclClause, c context) {
	sc.assigns(d.Args, d.Variant.Value == "export")
	for _, a := range d.Args {
		switch {
		case a.Name == nil: // an option, or a word that may be anything
			u := sc.words.word(a.Value)
			if e := sc.words.engineOf(&u, c); e != "" {
				sc.hides(a.Value.Pos(), e+" is named in what "+d.Variant.Value+" sets, and where it goes is not known")
			} else if strings.HasPrefix(u.Text, "-") && strings.Contains(u.Text, "n") && sc.about {
				sc.hides(d.Pos(), "a name stands for another variable here, and is not followed")
			}
		case a.Naked && sc.names.facts.exported[a.Name.Value]:
			if e := sc.names.tainted(a.Name.Value, c); e != "" {
				sc.hides(a.Pos(), a.Name.Value+" tells other programs of "+e+", and what they do with it is not read")
			}
		}
	}
	sc.special(d.Args, c, false)
}
