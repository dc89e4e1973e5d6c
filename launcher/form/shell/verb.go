package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// engineCommand judges a command of an engine.
func (j *job) engineCommand(s command.Simple, c *command.Call) (next, done bool) {
	j.sc.grave = true
	f := s.Front(c)
	if f.Makes != nil {
		j.found(f.Makes())
		return false, true
	}
	engine := command.LastOf(s.Words[c.Word].Text)
	switch at := f.Verb; {
	case f.Hidden != "":
		j.sc.hides(j.x.Pos(), f.Hidden)
	case f.Doubt != "":
		j.sc.hides(j.x.Pos(), "what "+engine+" does is not known: "+f.Doubt)
	case at == 0 || at >= len(s.Words):
	case s.Words[at].Text == "" || s.Words[at].Text[0] == '-':
		j.sc.hides(j.x.Pos(), engine+" "+command.Clip(s.Words[at].Text)+" is no command that zlaunch knows")
	default:
		return j.verb(s, c, at)
	}
	return false, true
}

// verb judges a verb that makes no container by itself.
func (j *job) verb(s command.Simple, c *command.Call, at int) (next, done bool) {
	v, name, n := verbOf(s.Words[at:])
	rest := s.Words[at+n:]
	engine := command.LastOf(s.Words[c.Word].Text)
	if v.answer == prefixes { // podman unshare
		c.Prefix = append(c.Prefix, engine+" "+name)
		for c.Word = at + n; c.Word < len(s.Words) && strings.HasPrefix(s.Words[c.Word].Text, "-"); c.Word++ {
		}
		return true, false
	}
	gives(j, s, c, name, rest)
	if why := judgeVerb(engine, v, name, rest); why != "" {
		j.sc.hides(j.x.Pos(), why)
	}
	return false, true
}

// found keeps a run.
func (j job) found(r *form.Reading) {
	offset := j.sc.names.origin(int(j.x.Pos().Offset()))
	j.sc.flow.stream(r, j.context)
	notes := j.notes
	if odd := pastedInRun(r); odd != "" {
		notes = append(notes, odd)
	}
	for _, why := range notes {
		r.Open = append(r.Open, form.Open{Word: -1, Why: why})
	}
	fillsOther(j)
	if (j.sc.depth > 0 || j.context.fn != nil) && j.sc.again(r, offset) {
		return
	}
	j.sc.keep(found{r, offset})
	j.sc.spans = append(j.sc.spans, Span{offset, j.sc.names.origin(int(j.x.End().Offset()))})
}

// again tells whether a run was read before, by another way to the same place.
func (h *harvest) again(r *form.Reading, offset int) bool {
	var key strings.Builder
	key.WriteString("run " + strconv.Itoa(offset))
	for _, w := range r.Words {
		key.WriteString("\x00" + w.Text)
	}
	for _, name := range container.HostFiles.Keys(r.Spec) {
		f, _, _ := container.HostFiles.Get(r.Spec, name)
		key.WriteString("\x00" + name + "\x00" + f.Path)
	}
	had := h.seen[key.String()]
	h.seen[key.String()] = true
	return had
}
