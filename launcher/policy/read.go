package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/tomllines"
)

// schema is the version of the format.
const schema = 1

// maxKeys bounds the keys of one table and the elements of one list.
const maxKeys = 512

// FileError is a file of policy that cannot be used: it is refused as a whole, and with
// it every run.
type FileError struct {
	File   string
	Faults []Fault // in the order of the file; at least one
}

// Fault is one thing that is wrong.
type Fault struct {
	Line int    // 0 the file as a whole
	Key  string // "" none
	Err  error
}

func (e *FileError) Error() string {
	var b strings.Builder
	for i, f := range e.Faults {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString("reading the policy " + bounded.Shown(e.File))
		if f.Line > 0 {
			fmt.Fprintf(&b, ":%d", f.Line)
		}
		b.WriteString(": ")
		if f.Key != "" {
			b.WriteString(f.Key + ": ")
		}
		b.WriteString(f.Err.Error())
	}
	return b.String()
}

func (e *FileError) Unwrap() error { return e.Faults[0].Err }

// Parse reads one file; name is how it is called. The error is a *[FileError] with all
// that is wrong with it. A file that requires nothing is an error, too: nobody means that.
func Parse(name string, data []byte) (*File, error) {
	top, err := decode(data)
	if err != nil {
		return nil, &FileError{name, []Fault{*err}}
	}
	sum := sha256.Sum256(data)
	r := &reader{file: &File{Name: name, Digest: hex.EncodeToString(sum[:])}, lines: tomllines.Of(data, bounded.Shown)}
	r.top(top)
	if len(r.faults) == 0 && len(r.file.Checks)+len(r.file.Waivers) == 0 {
		r.fail("", hint.Errorf("zlaunch help policy", "it requires nothing"))
	}
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b Fault) int { return a.Line - b.Line })
		return nil, &FileError{name, r.faults}
	}
	slices.SortStableFunc(r.file.Checks, func(a, b Check) int { return a.Line - b.Line })
	for i := range r.file.Checks {
		r.file.Checks[i].contact = r.file.Contact
	}
	return r.file, nil
}

func decode(data []byte) (map[string]any, *Fault) {
	if err := bounded.TOML(data); err != nil {
		return nil, &Fault{Err: err}
	}
	var top map[string]any
	if _, err := toml.Decode(string(data), &top); err != nil {
		var at toml.ParseError
		text := err.Error()
		if errors.As(err, &at) && at.Message != "" {
			text = "toml: " + at.Message
		}
		return nil, &Fault{Line: at.Position.Line, Err: errors.New(bounded.Shown(text))}
	}
	return top, nil
}

// reader reads one file, and goes on after a fault, to find them all.
type reader struct {
	file   *File
	lines  map[string]int
	faults []Fault
}

// line is that of a key, or of the nearest table around it.
func (r *reader) line(key string) int {
	for key != "" {
		if n := r.lines[key]; n > 0 {
			return n
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return 0
}

func (r *reader) fail(key string, err error) {
	r.faults = append(r.faults, Fault{r.line(key), key, err})
}

func join(key, k string) string { return strings.TrimPrefix(key+"."+bounded.Shown(k), ".") }

// top reads the keys of the file.
func (r *reader) top(top map[string]any) {
	words := []string{"schema", "about", "contact", "waiver"}
	for _, t := range tables {
		words = append(words, string(t))
	}
	words = append(words, slices.Sorted(maps.Keys(demands))...)
	if v, ok := top["schema"].(int64); !ok || v != schema {
		r.fail("schema", hint.Errorf("begin the file with: schema = 1", "the version of the format is not 1"))
	}
	for _, k := range sortedKeys(top) {
		v := top[k]
		switch {
		case k == "schema":
		case k == "about":
			r.file.About = r.text(k, v)
		case k == "contact":
			r.file.Contact = r.text(k, v)
		case k == "waiver":
			r.waivers(v)
		case slices.Contains(tables, table(k)):
			r.table(k, v, func(key, name string, want any) { r.setting(table(k), key, name, want) })
		case k == "scan": // its keys are judged together
			of := scanDemands()
			r.table(k, v, func(key, name string, want any) { r.demand(of, key, name, want) })
		case demands[k] != nil:
			r.table(k, v, func(key, name string, want any) { r.demand(demands[k], key, name, want) })
		default:
			r.fail(bounded.Shown(k), unknownWord(k, words))
		}
	}
}

func (r *reader) text(key string, v any) string {
	s, ok := v.(string)
	if !ok || bounded.Printable(s) != nil {
		r.fail(key, wanted("one line of text", v))
	}
	return s
}

// table reads every key of a table.
func (r *reader) table(name string, v any, each func(key, name string, want any)) {
	in, ok := v.(map[string]any)
	if !ok || len(in) > maxKeys {
		r.fail(name, wanted("a table", v))
		return
	}
	for _, k := range sortedKeys(in) {
		each(join(name, k), k, in[k])
	}
}

// setting reads a check of a setting.
func (r *reader) setting(t table, key, name string, want any) {
	a, ok := answers()[name]
	switch {
	case !ok:
		r.fail(key, unknownWord(name, slices.Sorted(maps.Keys(answers()))))
		return
	case a.none != "":
		r.fail(key, fmt.Errorf("no check may be asked of %s: %s", name, a.none))
		return
	case a.asks[t] == nil:
		var may []string
		for _, o := range tables {
			if a.asks[o] != nil {
				may = append(may, "["+string(o)+"]")
			}
		}
		r.fail(key, hint.Errorf("write it below "+strings.Join(may, " or "), "%s cannot be asked of %s", t, name))
		return
	}
	j, err := a.asks[t](want)
	if err != nil {
		r.fail(key, err)
		return
	}
	r.add(Check{Key: key, Says: fmt.Sprintf(must[t], name, shownWant(want)), Want: wantOf(t, want), judge: j})
}

// demand reads a check that is about no setting.
func (r *reader) demand(of map[string]demand, key, name string, want any) {
	d := of[name]
	if d == nil {
		r.fail(key, unknownWord(name, slices.Sorted(maps.Keys(of))))
		return
	}
	says, j, err := d(want)
	if err != nil {
		r.fail(key, err)
		return
	}
	r.add(Check{Key: key, Says: says, judge: j})
}

func (r *reader) add(c Check) {
	c.File, c.Line = r.file.Name, r.line(c.Key)
	r.file.Checks = append(r.file.Checks, c)
}

// Keys are all that a file may have, but for those of [[waiver]]: "at_most.memory".
func Keys() []string {
	var out []string
	for _, t := range tables {
		for _, name := range slices.Sorted(maps.Keys(answers())) {
			if answers()[name].asks[t] != nil {
				out = append(out, string(t)+"."+name)
			}
		}
	}
	for _, t := range slices.Sorted(maps.Keys(demands)) {
		for _, name := range slices.Sorted(maps.Keys(demands[t])) {
			out = append(out, t+"."+name)
		}
	}
	return out
}
