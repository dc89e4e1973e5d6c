package command

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Option is one option of podman run or docker run, as it is written.
type Option struct {
	Name  string         // the long one without its dashes: cap-drop
	Value string         // all
	Alone bool           // it has no value: --init
	At    container.Path // of a volume: the setting that it states
	Open  bool           // something else than the engine fills in a part of Value, or a home
}

func (o Option) String() string {
	if o.Alone {
		return "--" + o.Name
	}
	return "--" + o.Name + "=" + o.Value
}

// AsOption reads an option as it is written.
func AsOption(arg string) Option {
	name, value, has := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
	return Option{Name: name, Value: value, Alone: !has}
}

// Write returns the options by which an engine, podman or docker, is told what a spec
// states in front of the image. It fails, and names the settings, where the engine has no
// option for one, or reads what is written as something else.
func Write(s *container.Spec, engine string) ([]Option, error) {
	part := &container.Spec{}
	var out []Option
	var none []string
	for _, row := range Rows() {
		switch own := ownRow(row, engine); {
		case len(row.Settings(s)) == 0 || row.Key() == container.Image.Key() || row.Key() == container.Args.Key():
		case natural(row, s, engine):
		case !Writes(row, engine):
			none = append(none, row.Key())
		case own != nil:
			options, err := own(s)
			if err != nil {
				return nil, err
			}
			out = append(out, options...)
		case inTable(row) == nil:
			options, ok := foreign(row, s, engine)
			if !ok {
				none = append(none, row.Key())
			}
			out = append(out, options...)
		default:
			row.Copy(part, s)
		}
	}
	if len(none) > 0 {
		return nil, NoOption(engine, none)
	}
	args, err := podmanrun.Args(part)
	if err != nil {
		return nil, err
	}
	for _, a := range args {
		out = append(out, AsOption(a))
	}
	return out, proved(out, s, engine)
}

// NoOption tells that an engine has no option for some rows.
func NoOption(engine string, rows []string) error {
	return hint.Errorf("change it by hand", "%s run has no option that zlaunch could write for %s", engine, strings.Join(rows, ", "))
}

// Writes tells whether an engine has an option in front of the image for a row.
func Writes(row container.Row, engine string) bool { return Keys(row, engine) != "" }

// Keys is the option in front of the image by which an engine is told a row, as a person
// writes it: "--security-opt seccomp=". "" is that the engine has none.
func Keys(row container.Row, engine string) string {
	o, ofDocker := inTable(row), engine == docker.String()
	switch {
	case o == nil && NameFor(row, engine) != "":
		return "--" + NameFor(row, engine)
	case o == nil || named(engine).long[o.Name] == nil:
		return ""
	case ofDocker && row.Key() == container.Unmask.Key():
		return "--security-opt systempaths="
	case ofDocker && o.Word != "" && !slices.Contains(dockerWords, o.Word):
		return ""
	}
	return o.Keys()
}

// dockerWords are those of podman's --security-opt that docker has.
var dockerWords = []string{"no-new-privileges", "seccomp", "label", "apparmor"}

func named(engine string) *table {
	if engine == docker.String() {
		return tablesOf(docker).run
	}
	return tablesOf(podman).run
}

// inTable is the option of a row of zlaunch's own plans; nil is none.
func inTable(row container.Row) *podmanrun.Option { return plannedRows()[row.Key()] }

var plannedRows = sync.OnceValue(func() map[string]*podmanrun.Option {
	out := map[string]*podmanrun.Option{}
	for _, o := range podmanrun.All() {
		if o.Name != "" {
			out[o.Row.Key()] = &o
		}
	}
	return out
})

// Rows are the rows that options can state.
func Rows() []container.Row {
	rows := slices.Concat(container.Rows, container.ForeignRows)
	return slices.DeleteFunc(rows, func(r container.Row) bool { return r.Derived() })
}

// foreign writes a row that only a foreign run has, by the option it is read from. It
// tells whether there is one.
func foreign(row container.Row, s *container.Spec, engine string) ([]Option, bool) {
	name := NameFor(row, engine)
	var values []string
	switch v := row.Settings(s)[0].Value.(type) {
	case bool:
		values = []string{strconv.FormatBool(v)}
	case string:
		values = []string{v}
	case int64:
		values = []string{strconv.FormatInt(v, 10)}
	case []string:
		values = v
	default:
		return nil, false
	}
	var out []Option
	for _, v := range values {
		out = append(out, Option{Name: name, Value: v})
	}
	return out, true
}

// NameFor is the first option behind the verb that states a foreign row in full; "" is
// none.
func NameFor(row container.Row, engine string) string {
	t := named(engine)
	for _, name := range t.names {
		if o := t.long[name]; o.row != nil && o.row.Key() == row.Key() && o.plain {
			return name
		}
	}
	return ""
}

// proved reads options as the engine does, but those that something else fills in.
func proved(options []Option, s *container.Spec, engine string) error {
	words, open := []string{engine, "run"}, map[string]bool{}
	for _, o := range options {
		if o.Open {
			open[o.At.Key] = true
			continue
		}
		words = append(words, o.String())
	}
	got, err := Read(append(words, "image"))
	if err != nil {
		return err
	}
	var off []string
	for _, row := range Rows() {
		skipped := open[row.Key()] || row.Key() == container.Image.Key() || row.Key() == container.Args.Key()
		if len(row.Settings(s)) > 0 && !skipped && !Holds(row, got.Spec, s, engine) {
			off = append(off, row.Key())
		}
	}
	for _, o := range got.Open {
		if o.Unknown && o.At.Key != "" {
			off = append(off, o.At.Key)
		}
	}
	if len(off) > 0 {
		return NotSaid(off)
	}
	return nil
}

// NotSaid tells that no option says what some rows should.
func NotSaid(rows []string) error {
	return hint.Errorf("change it by hand", "no option says %s as it should be", strings.Join(rows, ", "))
}

// Holds tells whether what was read says of a row what was to be written for an engine.
func Holds(row container.Row, got, want *container.Spec, engine string) bool {
	return container.Equal(row, got, want) || natural(row, want, engine) && len(row.Settings(got)) == 0
}
