package quadlet

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Fix returns the lines of the unit that r was read from, changed to mean mended:
// the lines and words that decided a setting which differs are taken away, and
// keys state it behind the last of [Container]; where the Podman of o has no key,
// PodmanArgs= does. All else stays as it was written. It fails where a drop-in or
// a linked unit decides such a setting, or no option says it.
func Fix(r *form.Reading, mended *container.Spec, o Options) ([]string, error) {
	v, err := readVersion(o.Version)
	if err != nil {
		return nil, err
	}
	f := &fixer{r: r, mended: mended, v: v, o: o, changed: map[container.Path]bool{}, gone: map[int]bool{}}
	f.find()
	if len(f.changed) == 0 {
		return slices.Clone(r.Lines), nil
	}
	if err := f.settle(); err != nil {
		return nil, err
	}
	added, err := f.added()
	if err != nil {
		return nil, err
	}
	lines := f.write(added)
	return lines, f.prove(lines)
}

type fixer struct {
	r       *form.Reading
	mended  *container.Spec
	v       version
	o       Options
	changed map[container.Path]bool // settings that are written anew
	gone    map[int]bool            // words that are taken away, whole or in part
}

// fixable are the rows that options can state.
func fixable() []container.Row {
	rows := slices.Concat(container.Rows, container.ForeignRows)
	return slices.DeleteFunc(rows, func(r container.Row) bool { return r.Derived() })
}

// find lists the settings that differ.
func (f *fixer) find() {
	for _, row := range fixable() {
		was, is := values(row, f.r.Spec), values(row, f.mended)
		for p, v := range is {
			if old, had := was[p]; !had || old != v {
				f.changed[p] = true
			}
		}
		for p := range was {
			if _, has := is[p]; !has {
				f.changed[p] = true
			}
		}
	}
}

// values are the settings of a row as text, secrets included. A list of nothing
// is none.
func values(row container.Row, s *container.Spec) map[container.Path]string {
	out := map[container.Path]string{}
	for _, set := range row.Settings(s) {
		if l, is := set.Value.([]string); !is || len(l) > 0 {
			out[set.Path] = ""
		}
	}
	if len(out) == 0 {
		return out
	}
	one := &container.Spec{}
	row.Copy(one, s)
	for p := range out {
		out[p] = valueOf(one, p)
	}
	return out
}

// valueOf is one setting as text; what it shows of a secret goes nowhere.
func valueOf(s *container.Spec, p container.Path) string {
	if p.Elem == "" {
		text, _ := json.Marshal(s) // plain data always encodes
		return string(text)
	}
	for _, text := range []map[string]string{s.Env, s.Sysctl, s.LogOpt, s.Labels, s.Annotation} {
		if v, ok := text[p.Elem]; ok {
			return v
		}
	}
	return fmt.Sprint(s.Secret[p.Elem], s.Tmpfs[p.Elem], s.Volume[p.Elem], s.Publish[p.Elem], s.Ulimit[p.Elem])
}

// settle finds the words that go, and the settings that go with them.
func (f *fixer) settle() error {
	for again := true; again; {
		again = false
		for _, p := range f.paths() {
			words := f.r.At[p]
			if !f.changed[p] && !slices.ContainsFunc(words, f.goesWhole) {
				continue
			}
			for _, w := range words {
				if file := f.r.Words[w].File; file != "" {
					at := fmt.Sprintf("%s:%d", shown(file), f.r.Words[w].Line)
					return hint.Errorf("change "+at, "mending %s: %s is decided by %s", shown(f.r.Subject), clipped(p.String()), at)
				}
				again = again || !f.gone[w] || !f.changed[p]
				f.gone[w] = true
			}
			f.changed[p] = true
		}
	}
	return nil
}

func (f *fixer) paths() []container.Path {
	var out []container.Path
	for p := range f.r.At {
		if container.ByKey(p.Key) != nil {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, comparePaths)
	return out
}

// goesWhole tells of a line that is taken away that nothing of it can stay.
func (f *fixer) goesWhole(w int) bool {
	return f.gone[w] && !strings.HasPrefix(f.r.Words[w].Text, "PodmanArgs=")
}

// added are the lines that state the changed settings, by section.
func (f *fixer) added() (map[string][]string, error) {
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, row := range fixable() {
		if row.Key() == container.Restart.Key() && f.changed[container.Path{Key: row.Key()}] {
			f.restart(out)
		}
	}
	for _, o := range options {
		for _, l := range keyOf(f.v, o) {
			if by := f.overruled(l); by != "" {
				return nil, hint.Errorf("change "+by, "mending %s: the drop-in %s has the last say", shown(f.r.Subject), by)
			}
			if !slices.Contains(out["Container"], l) {
				out["Container"] = append(out["Container"], l)
			}
		}
	}
	return out, nil
}

// overruled names the drop-in that states the key of a line as well.
func (f *fixer) overruled(l string) string {
	key, _, _ := strings.Cut(l, "=")
	for _, w := range f.r.Words {
		if key != "PodmanArgs" && strings.HasSuffix(path.Dir(w.File), ".d") && strings.HasPrefix(w.Text, key+"=") {
			return shown(w.File)
		}
	}
	return ""
}

// prove reads what was written, without its drop-ins and linked units.
func (f *fixer) prove(lines []string) error {
	got, err := newReader(newTree(nowhere{}, nil), f.v, f.o, f.r.File).read(strings.Join(lines, "\n"))
	if err != nil {
		return err
	}
	for _, row := range fixable() {
		is, want := values(row, got.Spec), values(row, f.mended)
		for p := range f.changed {
			if p.Key == row.Key() && is[p] != want[p] {
				return hint.Errorf("change it by hand", "mending %s: no key says %s as it should be", shown(f.r.Subject), clipped(p.String()))
			}
		}
	}
	return nil
}

// nowhere is a file system without files.
type nowhere struct{}

func (nowhere) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
