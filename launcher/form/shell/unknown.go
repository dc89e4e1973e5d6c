package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// unknown judges a command whose name a shell makes. It is false where the word may be
// passed, for what follows says what is run.
func (j *job) unknown(s *command.Simple, c *command.Call) (done bool) {
	w := &s.Words[c.Word]
	rest := s.Words[c.Word+1:]
	name := command.Clip(w.Spans[0].Name)
	if value, ok := j.sc.names.byDefault(w, j.context); ok {
		next, _ := value[0].Program()
		if command.IsEngine(next) {
			j.notes = append(j.notes, name+" may be another program")
			s.Replace(c.Word, value)
			return false
		}
	}
	if alternatives, ok := j.sc.names.alternatives(w, j.context); ok {
		if slices.ContainsFunc(alternatives, func(a string) bool { return a != "" && command.StarterOf(a) == nil }) {
			j.mayHide(*s, c.Word, alternatives[0])
			return true
		}
		j.notes = append(j.notes, name+" stands in front of it: "+strings.TrimPrefix(strings.Join(alternatives, " or "), " or "))
		c.Word++
		return false
	}
	if len(rest) > 0 {
		if next, ok := rest[0].Program(); ok {
			if command.IsEngine(next) {
				j.notes = append(j.notes, name+" is expanded by the shell, and may be any command or option")
				c.Word++
				return false
			}
		}
	}
	if why := couldBe(j.sc, w, rest, j.context); why != "" {
		j.sc.grave = j.sc.grave || j.sc.words.engineOf(w, j.context) != "" || slices.ContainsFunc(rest, startingVerb)
		j.sc.hides(j.x.Pos(), name+" is expanded by the shell, and "+why)
	} else {
		j.mentioned(rest, name)
		j.within(*s, c.Word, name)
	}
	j.fedTo(name, false)
	return true
}

// couldBe tells why a word that a shell makes may be a run; "" is that it is none. In
// a text that names no engine, only what looks like a run, or was made so that nobody
// can read it, counts: most scripts begin a command with a variable.
func couldBe(sc *script, w *command.Word, rest []command.Word, c context) string {
	looks := slices.ContainsFunc(rest, func(a command.Word) bool {
		return len(a.Spans) == 0 && oneWordOf("run create start exec play kube compose --privileged", a.Text)
	})
	could := slices.ContainsFunc(rest, startingVerb)
	one := !w.Parts && w.Many(true) == ""
	for _, s := range w.Spans {
		switch {
		case s.Name == command.BraceList || strings.Trim(s.Name, "*?[") == "" || strings.HasSuffix(s.Name, "(…)") && s.Name[0] != '$':
			return "a list or a pattern may be any command"
		case s.Opaque && (!one || could):
			return "what a command prints may be any command"
		case s.Param != "" && sc.names.unreadable(s, c) && (!one || could):
			return "what it holds was made so that it cannot be read here"
		}
	}
	for _, s := range w.Spans {
		if s.Param != "" && sc.names.tainted(s.Param, c) != "" && (!one || could) {
			return "may be " + sc.names.tainted(s.Param, c)
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
func (ns *names) unreadable(s command.Expansion, c context) bool {
	if strings.HasSuffix(s.Name, "…}") && len(ns.facts.vars[s.Param]) > 0 {
		return true // ${X,,}, ${X:1}, ${X/a/b}, or a list
	}
	if len(ns.facts.vars[s.Param]) > maxSet {
		return true
	}
	for _, b := range ns.facts.vars[s.Param] {
		if len(b.words) == 0 && !b.sure {
			return true
		}
		for _, w := range b.words {
			if slices.ContainsFunc(ns.words().word(w).Spans, func(s command.Expansion) bool { return s.Opaque }) {
				if _, ok := ns.valueAt(b, c); !ok || !b.ready || slices.ContainsFunc(b.value, filledIn) {
					return true
				}
			}
		}
	}
	return false
}

// byDefault is what ${NAME:-podman} comes to where the text never sets NAME.
func (ns *names) byDefault(w *command.Word, c context) ([]command.Word, bool) {
	node := nodeOf(*w)
	if node == nil || len(node.Parts) != 1 {
		return nil, false
	}
	p := node.Parts[0]
	if q, is := p.(*syntax.DblQuoted); is && len(q.Parts) == 1 {
		p = q.Parts[0]
	}
	x, is := p.(*syntax.ParamExp)
	if !is || x.Param == nil || x.Exp == nil || x.Exp.Word == nil || !defaults(x.Exp.Op) ||
		len(ns.facts.vars[x.Param.Value]) > 0 {
		return nil, false
	}
	value := fields(ns.words().assignedValue(x.Exp.Word, c))
	return value, len(value) > 0
}

// alternatives are all values that the text ever gives to the variable that a word is:
// one of them for sure, and each a plain name that is no engine's.
func (ns *names) alternatives(w *command.Word, c context) ([]string, bool) {
	if !w.WhollyUnknown() || w.Spans[0].Param == "" || ns.facts.unsure || strings.HasSuffix(w.Spans[0].Name, "…}") {
		return nil, false
	}
	var out []string
	sure := false
	if len(ns.facts.vars[w.Spans[0].Param]) > 16 {
		return nil, false
	}
	for _, b := range ns.facts.vars[w.Spans[0].Param] {
		value, ok := ns.valueAt(b, c)
		if !ok || !b.sure || b.list || b.more || len(value) != 1 || len(value[0].Spans) > 0 {
			return nil, false
		}
		text := value[0].Text
		if strings.Trim(text, namesOnly) != "" || ns.owner(text) != nil || ns.facts.aliases[text] != nil ||
			oneWordOf(shells+" eval source . exec command builtin xargs env", command.LastOf(text)) ||
			ns.words().engineIn(value, c) != "" {
			return nil, false
		}
		sure = sure || b.at.before(c.at)
		out = append(out, command.LastOf(text))
	}
	return out, sure
}
