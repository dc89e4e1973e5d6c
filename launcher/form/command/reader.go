package command

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// line is the words of one command while they are told apart: options, their values, the
// image and its arguments.
type line struct {
	reader  *reader
	words   []Word
	table   *table
	nearest int    // how many unknown options were compared with the known
	hidden  string // why the line may be a run all the same
	verbAt  int    // the word behind the options in front of the verb; 0 is that none stands there
}

// reader takes down what the options of a line say.
type reader struct {
	out    *form.Reading
	file   string
	docker bool // docker's own rules
	spec   *container.Spec

	numbers []int // 0, 1, 2 …: what [form.Reading.At] lists are slices of
	opt     *option
	mark    container.Mark // of the option that is read
	at      []int          // its words

	rootfs              bool
	arch, os, variant   string
	cpuQuota, cpuPeriod int64
	cpuAt               []int
	openRows            map[string]bool
	infraSaid           bool // of a pod: --infra stands there
}

// begin makes o the option that is read, of the words from first to before end.
func (r *reader) begin(o *option, first, end int) {
	r.opt, r.at = o, r.numbers[first:end:end]
	r.mark = r.marked(o.dashed)
}

func (r *reader) marked(key string) container.Mark {
	return container.From(container.Origin{Layer: container.LayerCommandLine, File: r.file, Key: key})
}

// decides notes that the words of this option, and no earlier ones, decide p.
func (r *reader) decides(p container.Path) { r.out.At[p] = r.at }

// adds notes that the words of this option decide p beside earlier ones.
func (r *reader) adds(p container.Path) {
	had := r.out.At[p]
	if n := len(had); n == 0 || had[n-1] != r.word() {
		r.out.At[p] = append(had, r.at...)
	}
}

func PathOf(row container.Row) container.Path { return container.Path{Key: row.Key()} }

func elem(row container.Row, e string) container.Path { return container.Path{Key: row.Key(), Elem: e} }

// leave lists a setting as open because a shell decides it.
func (r *reader) leave(p container.Path, name string) {
	r.note(form.Open{At: p, Word: r.word(), Why: Clip(name) + " is expanded by the shell"})
}

// wrong lists a value that the engine would refuse.
func (r *reader) wrong(p container.Path, format string, args ...any) {
	r.note(form.Open{At: p, Word: r.word(), Why: r.opt.dashed + ": " + fmt.Sprintf(format, args...), Unknown: true})
}

func (r *reader) note(o form.Open) {
	if o.At.Key != "" && o.At.Elem == "" {
		if r.openRows == nil {
			r.openRows = map[string]bool{}
		}
		r.openRows[o.At.Key] = true
	}
	r.out.Open = append(r.out.Open, o)
}

// aside lists what changes a setting, and what no control asks for.
func aside(r *reader, p container.Path, why string) {
	r.out.Aside = append(r.out.Aside, form.Open{At: p, Word: r.word(), Why: why})
}

// word is the last word of the option, which holds its value.
func (r *reader) word() int {
	if len(r.at) == 0 {
		return -1
	}
	return r.at[len(r.at)-1]
}

// unknown lists an option that does not exist, with the nearest that does.
func (l *line) unknown(i int, name, guess string) {
	verb := " run"
	if l.reader.out.Pod != nil {
		verb = " pod create"
	}
	why := name + " is no option of " + l.reader.out.Engine + verb
	if l.nearest < 20 {
		l.nearest++
		if near := hint.Nearest(strings.TrimLeft(name, "-"), l.table.names); near != "" && len(name) > 3 {
			why += ", the nearest is --" + near
		}
	}
	l.reader.out.Open = append(l.reader.out.Open, form.Open{Word: i, Why: why + guess, Unknown: true})
}

// options reads the options that begin at word i, the image and its arguments,
// by pflag's rules without interspersed arguments.
func (l *line) options(i int) {
	for i < len(l.words) {
		w := &l.words[i]
		switch {
		case w.Text == "--" && len(w.Spans) == 0:
			l.rest(i + 1)
			return
		case len(w.Spans) > 0 && w.Spans[0].From == 0:
			l.anyOption(i)
			if !l.hidesOptions(i) {
				l.rest(i)
				return
			}
			i++
		case len(w.Text) < 2 || w.Text[0] != '-':
			l.rest(i)
			return
		case w.Text[1] == '-':
			l.spills(i, false)
			i = l.long(i)
		default:
			l.spills(i, true)
			i = l.short(i)
		}
	}
	l.rest(i)
}

// long reads the option at word i and returns the word after it.
func (l *line) long(i int) int {
	name, v, has := l.words[i].Whole().From(2).Cut('=')
	if what := name.Open(); what != "" {
		mightBe(l.reader, i, what)
		return i + 1
	}
	if o := l.table.long[name.Text]; o != nil {
		return l.take(o, i, v, has)
	}
	if has {
		l.unknown(i, Clip("--"+name.Text), "")
		return i + 1
	}
	if o := elsewhere(l.reader, name.Text); o != nil && !o.boolean && i+1 < len(l.words) {
		l.unknown(i, Clip("--"+name.Text), "; the word after it is read as its value, as elsewhere")
		return i + 2
	}
	l.unknown(i, Clip("--"+name.Text), "; it is read as a switch")
	return i + 1
}

// elsewhere finds an option that stands at the wrong place, or belongs to the
// other engine.
func elsewhere(r *reader, name string) *option {
	for _, e := range []engine{podman, docker} {
		for _, t := range []*table{tablesOf(e).run, tablesOf(e).front} {
			if o := t.long[name]; o != nil {
				return o
			}
		}
	}
	return nil
}

// short reads the cluster at word i and returns the word after it.
func (l *line) short(i int) int {
	v := l.words[i].Whole().From(1)
	for len(v.Text) > 0 {
		if what := v.to(1).Open(); what != "" {
			mightBe(l.reader, i, what)
			return i + 1
		}
		o := l.table.short[v.Text[0]&0x7f]
		if o == nil || v.Text[0] > 0x7f {
			l.unknown(i, Clip("-"+v.Text[:1]), "; what follows it in the word is not read")
			return i + 1
		}
		switch rest := v.From(1); {
		case len(rest.Text) > 1 && rest.Text[0] == '=':
			return l.take(o, i, rest.From(1), true)
		case o.boolean:
			l.take(o, i, rest, false)
			v = rest
		case len(rest.Text) > 0:
			return l.take(o, i, rest, true)
		default:
			return l.take(o, i, rest, false)
		}
	}
	return i + 1
}

// take reads an option at word i with its value, which is the next word where
// it does not stand in the same.
func (l *line) take(o *option, i int, v Value, has bool) int {
	next := i + 1
	switch {
	case o.boolean && !has:
		v = yes.Whole()
	case !has && next < len(l.words):
		v = l.words[next].Whole()
		l.spills(next, true)
		next++
	case !has:
		l.reader.begin(o, i, next)
		l.reader.wrong(o.path(), "it has no value")
		return next
	}
	l.reader.begin(o, i, next)
	o.read(l.reader, v)
	return next
}

var yes = &Word{Text: "true"}
