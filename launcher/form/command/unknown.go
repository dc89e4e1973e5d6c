package command

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// unknown judges a command whose name a shell makes. It is false where the word may be
// passed, for what follows says what is run.
func (sc *script) unknown(s *source, c *call, j *job) (done bool) {
	w := &s.words[c.word]
	rest := s.words[c.word+1:]
	name := clip(w.spans[0].name)
	if value, ok := sc.byDefault(w, j.context); ok {
		next, _ := value[0].program()
		if isEngine(next) {
			j.notes = append(j.notes, name+" may be another program")
			s.replace(c.word, value)
			return false
		}
	}
	if alternatives, ok := sc.alternatives(w, j.context); ok {
		if slices.ContainsFunc(alternatives, func(a string) bool { return a != "" && starterOf(a) == nil }) {
			sc.mayHide(*s, *j, c.word, alternatives[0])
			return true
		}
		j.notes = append(j.notes, name+" stands in front of it: "+strings.TrimPrefix(strings.Join(alternatives, " or "), " or "))
		c.word++
		return false
	}
	if len(rest) > 0 {
		if next, ok := rest[0].program(); ok {
			if isEngine(next) {
				j.notes = append(j.notes, name+" is expanded by the shell, and may be any command or option")
				c.word++
				return false
			}
		}
	}
	if why := sc.couldBe(w, rest, j.context); why != "" {
		sc.grave = sc.grave || sc.engineOf(w, j.context) != "" || slices.ContainsFunc(rest, startingVerb)
		sc.hides(j.x.Pos(), name+" is expanded by the shell, and "+why)
	} else {
		sc.mentioned(rest, *j, name)
		sc.within(*s, *j, c.word, name)
	}
	sc.fedTo(*j, name, false)
	return true
}

// couldBe tells why a word that a shell makes may be a run; "" is that it is none. In
// a text that names no engine, only what looks like a run, or was made so that nobody
// can read it, counts: most scripts begin a command with a variable.
func (sc *script) couldBe(w *word, rest []word, c context) string {
	looks := slices.ContainsFunc(rest, func(a word) bool {
		return len(a.spans) == 0 && oneWordOf("run create start exec play kube compose --privileged", a.text)
	})
	could := slices.ContainsFunc(rest, startingVerb)
	one := !w.parts && w.many(true) == ""
	for _, s := range w.spans {
		switch {
		case s.name == braceName || strings.Trim(s.name, "*?[") == "" || strings.HasSuffix(s.name, "(…)") && s.name[0] != '$':
			return "a list or a pattern may be any command"
		case s.opaque && (!one || could):
			return "what a command prints may be any command"
		case s.param != "" && sc.unreadable(s, c) && (!one || could):
			return "what it holds was made so that it cannot be read here"
		}
	}
	for _, s := range w.spans {
		if s.param != "" && sc.tainted(s.param, c) != "" && (!one || could) {
			return "may be " + sc.tainted(s.param, c)
		}
	}
	switch {
	case looks:
		return "may be podman or docker"
	case sc.about && (!one || could):
		return "may be podman or docker, or all of a command"
	}
	return ""
}

// unreadable tells whether the text sets a variable to what no reader can know.
func (sc *script) unreadable(s span, c context) bool {
	if strings.HasSuffix(s.name, "…}") && len(sc.facts.vars[s.param]) > 0 {
		return true // ${X,,}, ${X:1}, ${X/a/b}, or a list
	}
	if len(sc.facts.vars[s.param]) > maxSet {
		return true
	}
	for _, b := range sc.facts.vars[s.param] {
		if len(b.words) == 0 && !b.sure {
			return true
		}
		for _, w := range b.words {
			if slices.ContainsFunc(sc.word(w).spans, func(s span) bool { return s.opaque }) {
				if _, ok := sc.valueAt(b, c); !ok || !b.ready || slices.ContainsFunc(b.value, filledIn) {
					return true
				}
			}
		}
	}
	return false
}

// byDefault is what ${NAME:-podman} comes to where the text never sets NAME.
func (sc *script) byDefault(w *word, c context) ([]word, bool) {
	if w.node == nil || len(w.node.Parts) != 1 {
		return nil, false
	}
	p := w.node.Parts[0]
	if q, is := p.(*syntax.DblQuoted); is && len(q.Parts) == 1 {
		p = q.Parts[0]
	}
	x, is := p.(*syntax.ParamExp)
	if !is || x.Param == nil || x.Exp == nil || x.Exp.Word == nil || !defaults(x.Exp.Op) ||
		len(sc.facts.vars[x.Param.Value]) > 0 {
		return nil, false
	}
	value := fields(sc.assignedValue(x.Exp.Word, c))
	return value, len(value) > 0
}

// alternatives are all values that the text ever gives to the variable that a word is:
// one of them for sure, and each a plain name that is no engine's.
func (sc *script) alternatives(w *word, c context) ([]string, bool) {
	if !w.whollyUnknown() || w.spans[0].param == "" || sc.facts.unsure || strings.HasSuffix(w.spans[0].name, "…}") {
		return nil, false
	}
	var out []string
	sure := false
	if len(sc.facts.vars[w.spans[0].param]) > 16 {
		return nil, false
	}
	for _, b := range sc.facts.vars[w.spans[0].param] {
		value, ok := sc.valueAt(b, c)
		if !ok || !b.sure || b.list || b.more || len(value) != 1 || len(value[0].spans) > 0 {
			return nil, false
		}
		text := value[0].text
		if strings.Trim(text, namesOnly) != "" || sc.owner(text) != nil || sc.facts.aliases[text] != nil ||
			oneWordOf(shells+" eval source . exec command builtin xargs env", lastOf(text)) ||
			sc.engineIn(value, c) != "" {
			return nil, false
		}
		sure = sure || b.at.before(c.at)
		out = append(out, lastOf(text))
	}
	return out, sure
}
