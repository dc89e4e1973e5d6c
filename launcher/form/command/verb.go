package command

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// engineCommand judges a command of an engine.
func (sc *script) engineCommand(s source, c *call, j *job) (next, done bool) {
	sc.grave = true
	r, verb := s.global(c)
	if verb >= 0 {
		sc.found(r.run(c, verb), *j)
		return false, true
	}
	engine := lastOf(s.words[c.word].text)
	switch at := r.verbAt; {
	case r.hidden != "":
		sc.hides(j.x.Pos(), r.hidden)
	case slices.ContainsFunc(r.out.Open, func(o form.Open) bool { return o.At.Key == "" }):
		sc.hides(j.x.Pos(), "what "+engine+" does is not known: "+r.out.Open[0].Why)
	case at == 0 || at >= len(s.words):
	case s.words[at].text == "" || s.words[at].text[0] == '-':
		sc.hides(j.x.Pos(), engine+" "+clip(s.words[at].text)+" is no command that zlaunch knows")
	default:
		return sc.verb(s, c, j, at)
	}
	return false, true
}

// verb judges a verb that makes no container by itself.
func (sc *script) verb(s source, c *call, j *job, at int) (next, done bool) {
	v, name, n := verbOf(s.words[at:])
	rest := s.words[at+n:]
	engine := lastOf(s.words[c.word].text)
	if v.answer == prefixes { // podman unshare
		c.prefix = append(c.prefix, engine+" "+name)
		for c.word = at + n; c.word < len(s.words) && strings.HasPrefix(s.words[c.word].text, "-"); c.word++ {
		}
		return true, false
	}
	sc.gives(s, c, j, name, rest)
	if why := judgeVerb(engine, v, name, rest); why != "" {
		sc.hides(j.x.Pos(), why)
	}
	return false, true
}

// found keeps a run.
func (sc *script) found(r *form.Reading, j job) {
	offset := sc.origin(int(j.x.Pos().Offset()))
	sc.stream(r, j.context)
	notes := j.notes
	if odd := pastedInRun(r); odd != "" {
		notes = append(notes, odd)
	}
	for _, why := range notes {
		r.Open = append(r.Open, form.Open{Word: -1, Why: why})
	}
	sc.filled(j)
	if (sc.depth > 0 || j.context.fn != nil) && sc.again(r, offset) {
		return
	}
	sc.keep(found{r, offset})
	sc.spans = append(sc.spans, Span{offset, sc.origin(int(j.x.End().Offset()))})
}

// again tells whether a run was read before, by another way to the same place.
func (sc *script) again(r *form.Reading, offset int) bool {
	var key strings.Builder
	key.WriteString("run " + strconv.Itoa(offset))
	for _, w := range r.Words {
		key.WriteString("\x00" + w.Text)
	}
	for _, name := range container.HostFiles.Keys(r.Spec) {
		f, _, _ := container.HostFiles.Get(r.Spec, name)
		key.WriteString("\x00" + name + "\x00" + f.Path)
	}
	had := sc.seen[key.String()]
	sc.seen[key.String()] = true
	return had
}
