package quadlet

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
)

// Commands reads the runs that a unit of systemd starts by its own command lines,
// ExecStart=, ExecStartPre= and their like, with its drop-ins: a .service as podman
// generate systemd writes it, or the [Service] of a Quadlet unit. What may start a
// container there and is not read is listed.
func Commands(fsys fs.FS, name string, o Options) ([]*form.Reading, []form.Open, error) {
	v, err := readVersion(o.Version)
	if err != nil {
		return nil, nil, err
	}
	name = clean(name)
	t := newTree(fsys, append([]string{path.Dir(name)}, o.Dirs...))
	text, err := t.open(name)
	if err != nil {
		return nil, nil, err
	}
	out, open := readCommands(newReader(t, v, o, name), text)
	return out, open, nil
}

// maxRuns bounds how many runs of one unit are judged. Each takes some hundred
// kilobytes of findings.
const maxRuns = 1000

// readCommands reads the command lines of the unit.
func readCommands(r *reader, text string) (out []*form.Reading, open []form.Open) {
	file := strings.TrimPrefix(r.out.File, "/")
	r.out.Lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	r.u = r.unit(file)
	r.add(r.u, file, strings.TrimPrefix(text, "\ufeff")) // which systemd passes over
	r.dropins(r.u)
	env := newMaker(r)
	env.environment()
	told := slices.Clone(r.out.Open) // of the environment, and of lines that are none
	for _, l := range r.u.lines {
		if len(out) >= maxRuns {
			why := fmt.Sprintf("line %d: more than %d runs stand in one unit, and the rest is not read", l.at, maxRuns)
			open = append(open, form.Open{Word: -1, Why: why})
			break
		}
		if !strings.HasPrefix(l.key, "Exec") || l.value == "" || l.section == "Container" {
			open = append(open, named(l)...)
			continue
		}
		runs, more := readCommand(r, l, env)
		for _, run := range runs {
			run.Open = append(run.Open, told...)
			readStreams(r, run)
		}
		out, open = append(out, runs...), append(open, more...)
	}
	for i, run := range out {
		if run.Subject = r.out.Subject; len(out) > 1 || path.Ext(file) != ".service" {
			run.Subject = fmt.Sprintf("%s#%d", r.out.Subject, i+1)
		}
	}
	return out, open
}

// named opens a line of a unit that names an engine and is no command: a variable
// that a command takes, for one. The generator's own sections are read elsewhere.
func named(l line) []form.Open {
	if kinds[l.section] != nil || strings.HasPrefix(l.key, "Condition") || strings.HasPrefix(l.key, "Assert") ||
		slices.Contains([]string{"Description", "Documentation", "SyslogIdentifier"}, l.key) || len(shell.Mentions(l.value, nil)) == 0 {
		return nil
	}
	return []form.Open{{Word: -1, Why: fmt.Sprintf("line %d: %s= names an engine, and what is done with it is not read", l.at, clipped(l.key))}}
}

// readCommand reads one command line, or several with a lone ';' between them.
func readCommand(r *reader, l line, env *maker) (out []*form.Reading, open []form.Open) {
	words, err := split(strings.TrimLeft(l.value, "-@:+!|"), execWords)
	if err != nil {
		if len(shell.Mentions(l.value, nil)) > 0 {
			open = append(open, form.Open{Word: -1, Why: fmt.Sprintf("line %d: %s=: %s", l.at, clipped(l.key), err)})
		}
		return nil, open
	}
	prefix := l.value[:len(l.value)-len(strings.TrimLeft(l.value, "-@:+!|"))]
	for len(words) > 0 {
		end := slices.Index(words, ";")
		if end < 0 {
			end = len(words)
		}
		one := words[:end]
		if strings.Contains(prefix, "@") && len(one) > 1 {
			one = slices.Delete(slices.Clone(one), 1, 2) // what the program is told to be called
		}
		runs, more := oneCommand(r, one, l, env)
		out, open = append(out, runs...), append(open, more...)
		words = words[min(end+1, len(words)):]
		prefix = ""
		if len(words) > 0 {
			prefix = words[0][:len(words[0])-len(strings.TrimLeft(words[0], "-@:+!|"))]
			words[0] = strings.TrimPrefix(words[0], prefix)
		}
	}
	return out, open
}

// oneCommand reads the words of one program.
func oneCommand(r *reader, words []string, l line, env *maker) ([]*form.Reading, []form.Open) {
	m := &maker{reader: r, section: "Service", args: slices.Clone(env.args), env: env.env}
	m.add(l.word, words...)
	args, holes := m.fill()
	run, err := command.ReadFilled(args, m.env, holes)
	if err != nil {
		return asShell(r, m, l)
	}
	run.File, run.Lines = r.out.File, r.out.Lines
	for i := range run.Words {
		w := &run.Words[i]
		if said := m.args[i].word; said >= 0 {
			w.Line, w.Col, w.File = r.out.Words[said].Line, r.out.Words[said].Col, r.out.Words[said].File
		}
	}
	for i := range run.Open {
		run.Open[i].Why = bySystemd(run.Open[i].Why)
	}
	return []*form.Reading{run}, nil
}

// asShell reads words that are no run as a reader of scripts does: those that give a text
// to a shell. A text that systemd fills in first is open.
func asShell(r *reader, m *maker, l line) ([]*form.Reading, []form.Open) {
	var b strings.Builder
	fills := strings.ContainsAny(l.value, "$%") || m.env > 0
	for i, a := range m.args {
		text, holes := filled(a.text)
		switch {
		case i < m.env:
			continue
		case len(holes) == 0 || !strings.Contains(text, "$"):
			b.WriteString("'" + strings.ReplaceAll(text, "'", `'\''`) + "' ")
		default:
			b.WriteString(`"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", `\`, `\\`).Replace(text) + `" `)
		}
	}
	runs, open, err := shell.ScriptAt(r.out.File, []byte(b.String()), l.at)
	if err != nil || fills && len(runs) > 0 {
		return nil, append(open, form.Open{Word: -1,
			Why: fmt.Sprintf("line %d: %s= runs a container by a shell, which is not read", l.at, clipped(l.key))})
	}
	said := r.out.Words[l.word]
	for _, run := range runs {
		run.File, run.Lines = r.out.File, r.out.Lines
		for i := range run.Words {
			w := &run.Words[i]
			w.Line, w.Col, w.File, w.Raw = said.Line, said.Col, said.File, ""
		}
	}
	return runs, open
}
