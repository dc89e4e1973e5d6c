package command

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// answered is what an audit makes of an option. An option without one is a defect
// of the table, which a test finds: nothing is passed because nobody thought of
// it.
type answered string

const (
	unanswered answered = ""
	judged     answered = "judged"    // a control reads the row it decides
	hostFile   answered = "host file" // it names a file that the engine opens: row HostFiles
	noHarm     answered = "harmless"  // nothing needs to judge it, and the table says why
	opening    answered = "opening"   // no control can judge it: it opens rows, or the whole run
)

// answer derives the answer from what the table says of the option.
func (o *option) answer() answered {
	switch {
	case o.harmless != "":
		return noHarm
	case o.opens != "":
		return opening
	case o.judged:
		return judged
	case o.row == nil:
		return unanswered
	}
	switch o.row.Key() {
	case container.Other.Key(), container.EngineOpts.Key():
		return unanswered
	case container.HostFiles.Key():
		return hostFile
	}
	return judged
}

// kept keeps an option as it is written, among its like.
func kept(r *reader, v Value) {
	row := container.Other
	if r.opt.row != nil && r.opt.row.Key() == container.EngineOpts.Key() {
		row = container.EngineOpts
	}
	keepAs(row)(r, v)
}

// harmlessly makes options that nothing needs to judge, and why. They are kept as
// they are written.
func harmlessly(of engine, boolean bool, names, why string) []option {
	var out []option
	for _, n := range strings.Fields(names) {
		n, short, _ := strings.Cut(n, "/")
		o := option{name: n, boolean: boolean, of: of, row: container.Other, read: kept, harmless: why}
		if short != "" {
			o.short = short[0]
		}
		out = append(out, o)
	}
	return out
}

// unjudged is an option with a row of its own, which a mended line writes again, and
// which nothing needs to judge.
func unjudged(o option, why string) option {
	o.harmless = why
	return o
}

// opensAt makes an option whose value no control can judge: it opens the rows that
// it reaches past the options that decide them; without rows, the whole run.
func opensAt(name string, of engine, why string, rows ...container.Row) option {
	return option{name: name, of: of, row: container.Other, opens: why, read: func(r *reader, v Value) {
		kept(r, v)
		r.opens(why, rows...)
	}}
}

// opens notes that what this option does to the rows is not known, whatever other
// options say of them.
func (r *reader) opens(why string, rows ...container.Row) {
	if len(rows) == 0 {
		r.note(form.Open{Word: r.word(), Why: r.opt.dashed + ": " + why})
	}
	for _, row := range rows {
		r.note(form.Open{At: PathOf(row), Word: r.word(), Why: r.opt.dashed + ": " + why})
	}
}

// The uses of a [container.HostFile].
const (
	forReading = "read"
	forWriting = "write"
	forRunning = "run"
	forLogging = "log" // what the workload prints
)

// hostFiles makes options that name a file or a directory of the host.
func hostFiles(of engine, use, names string) []option {
	var out []option
	for _, n := range strings.Fields(names) {
		out = append(out, option{name: n, of: of, row: container.HostFiles, read: func(r *reader, v Value) { r.hostFile(use, v) }})
	}
	return out
}

// hostFile notes a file of the host that the engine opens. One that an option
// names again stands beside the first, as NAME@2.
func (r *reader) hostFile(use string, v Value) {
	key := strings.TrimPrefix(r.opt.dashed, "--")
	name := key
	for n := 2; ; n++ {
		if _, _, had := container.HostFiles.Get(r.spec, name); !had {
			break
		}
		name = fmt.Sprintf("%s@%d", key, n)
	}
	what := v.Open()
	container.HostFiles.Set(r.spec, name, container.HostFile{Path: v.Text, Use: use, Open: what != ""}, r.mark)
	p := elem(container.HostFiles, name)
	r.decides(p)
	if what != "" {
		r.leave(p, what)
	}
}
