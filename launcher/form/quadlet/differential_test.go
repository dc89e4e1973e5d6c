package quadlet

import (
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// TestRecordedGenerators holds the reading of every unit against the reading of
// the line that Podman's own generator made of it.
func TestRecordedGenerators(t *testing.T) {
	for _, g := range recorded(t) {
		t.Run(g.Version, func(t *testing.T) { compareAll(t, g) })
	}
}

func compareAll(t *testing.T, g generated) {
	all, n := units(t), 0
	for name := range all {
		unit := path.Base(name)
		if path.Dir(name) != "units" || path.Ext(unit) != ".container" {
			continue
		}
		n++
		t.Run(unit, func(t *testing.T) {
			m, text := made(t, all, name, g.Version)
			start, taken := g.Exec[unit]
			if !taken {
				if !refused(m.out) {
					t.Errorf("the generator refuses it, zlaunch takes %q", text)
				}
				return
			}
			linked := func(o form.Open) bool { // that unit is refused, and the container is made all the same
				return o.Word >= 0 && sectionOf[path.Ext(m.out.Words[o.Word].File)] != ""
			}
			if slices.ContainsFunc(m.out.Open, func(o form.Open) bool { return strings.Contains(o.Why, "refuses") && !linked(o) }) {
				t.Errorf("the generator takes it, zlaunch says it is refused: %v", m.out.Open)
			}
			if c, is := openBefore[unit]; is && m.v.Before(c.version) {
				if !slices.ContainsFunc(m.out.Open, func(o form.Open) bool { return strings.Contains(o.Why, c.says) }) {
					t.Errorf("it does not say that %s: %v", c.says, m.out.Open)
				}
				return
			}
			got := readLine(t, m.fillArgs())
			want := readLine(t, wanted(t, start, unit))
			sameReadings(t, got, want)
		})
	}
	if n < 100 {
		t.Errorf("%d units are fewer than there were", n)
	}
}

// openBefore are the units whose reading for a generator before a version differs from what that
// made, which the reading must say.
var openBefore = map[string]struct {
	version engine.Version
	says    string
}{
	"escapes.container":          {engine.Version{Major: 5, Minor: 4}, "reads another letter"}, // its \101 becomes \x00 and 01
	"value-spaces.container":     {engine.Version{Major: 4, Minor: 6}, "spaces at its end are of the value"},
	"backslash-spaces.container": {engine.Version{Major: 4, Minor: 6}, "spaces at its end are of the value"},
}

// refused tells whether zlaunch says that Podman makes no service of a unit.
func refused(r *form.Reading) bool {
	return slices.ContainsFunc(r.Open, func(o form.Open) bool {
		return strings.Contains(o.Why, "refuses") || strings.Contains(o.Why, "reads no unit") || strings.Contains(o.Why, "is not known: it is not in the directory") || strings.Contains(o.Why, "names neither")
	})
}

// made makes the line of one unit.
func made(t testing.TB, all interface{ ReadFile(string) ([]byte, error) }, name, version string) (*maker, []string) {
	t.Helper()
	fsys := units(t)
	v, err := readVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(newTree(fsys, []string{path.Dir(name)}), v, Options{Version: version}, name)
	text, err := all.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.read(string(text)); err != nil {
		t.Fatal(err)
	}
	m := newMaker(r)
	m.line()
	args, _ := m.fill()
	return m, args
}

type filledLine struct {
	args  []string
	holes map[int][]command.Hole
}

func (m *maker) fillArgs() filledLine {
	args, holes := m.fill()
	return filledLine{args, holes}
}

// wanted is the generator's line without what names the unit's own run-time files.
func wanted(t *testing.T, start, unit string) filledLine {
	t.Helper()
	words, err := split(start, execWords)
	if err != nil {
		t.Fatal(err)
	}
	stem := strings.TrimSuffix(unit, ".container")
	out := filledLine{holes: map[int][]command.Hole{}}
	if at := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "--name=") }); at >= 0 { // before 5.3
		words = slices.Replace(words, at, at+1, "--name", strings.TrimPrefix(words[at], "--name="))
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case strings.HasPrefix(w, "--cidfile="):
			continue
		case w == "/usr/bin/podman":
			w = "podman"
		case w == "--pod-id-file": // before 5.6
			w = "--pod"
			words[i+1] = map[string]string{"%t/group-pod.pod-id": "systemd-group", "%t/called-pod.pod-id": "named-pod"}[words[i+1]]
		case w == "--name" && strings.HasSuffix(stem, "@"): // for each instance another
			i++
			continue
		case w == "systemd-%N":
			w = "systemd-" + strings.Replace(stem, "service-name", "other", 1) // its ServiceName=
		case w == "--name" && strings.EqualFold(words[i+1], "systemd-%p_%i"): // %P_%I before 5.2
			prefix, instance, _ := strings.Cut(stem, "@")
			if instance == "" {
				i++
				continue
			}
			words[i+1] = "systemd-" + prefix + "_" + instance
		}
		text, holes := filled(w)
		if out.args = append(out.args, text); len(holes) > 0 {
			out.holes[len(out.args)-1] = holes
		}
	}
	return out
}

func readLine(t *testing.T, l filledLine) *form.Reading {
	t.Helper()
	r, err := command.ReadFilled(l.args, 0, l.holes)
	if err != nil {
		t.Fatalf("%q: %v", l.args, err)
	}
	return r
}

func sameReadings(t *testing.T, got, want *form.Reading) {
	t.Helper()
	for _, f := range [][2]any{{*got.Spec, *want.Spec}, {got.Spec.Foreign, want.Spec.Foreign}} {
		g, w := reflect.ValueOf(f[0]), reflect.ValueOf(f[1])
		for i := range g.NumField() {
			field := g.Type().Field(i)
			if !field.IsExported() || field.Name == "Foreign" {
				continue
			}
			if a, b := sorted(field.Name, g.Field(i).Interface()), sorted(field.Name, w.Field(i).Interface()); !reflect.DeepEqual(a, b) {
				t.Errorf("%s: zlaunch %#v, generator %#v\nzlaunch   %s\ngenerator %s", field.Name, a, b, wordsOf(got), wordsOf(want))
			}
		}
	}
	for _, row := range container.All() {
		p := container.Path{Key: row.Key()}
		if _, a := got.Spec.MarkOf(p); true {
			if _, b := want.Spec.MarkOf(p); a != b {
				t.Errorf("%s: known to zlaunch %v, by the generator %v", p, a, b)
			}
		}
	}
	if a, b := whys(got), whys(want); !slices.Equal(a, b) {
		t.Errorf("open: zlaunch %q, generator %q", a, b)
	}
}

// sorted makes lists equal whose order the generator draws by lot.
func sorted(name string, v any) any {
	s, ok := v.([]string)
	if !ok || name == "Args" || name == "Entrypoint" {
		return v
	}
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func whys(r *form.Reading) []string {
	var out []string
	for _, o := range r.Open {
		out = append(out, o.At.String()+": "+o.Why)
	}
	slices.Sort(out)
	return out
}

func wordsOf(r *form.Reading) string {
	var out []string
	for _, w := range r.Words {
		out = append(out, w.Text)
	}
	return strings.Join(out, " ")
}
