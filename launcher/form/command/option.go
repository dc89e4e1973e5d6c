package command

import (
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// engine is whose command it is.
type engine uint8

const (
	podman engine = 1 << iota
	docker
	both = podman | docker
)

func (e engine) String() string {
	if e == docker {
		return "docker"
	}
	return "podman"
}

// option is one option of a run: how it is written, and which setting it decides.
type option struct {
	name    string
	short   byte
	boolean bool // has a value only behind "="
	of      engine
	row     container.Row // nil: several, or none that is judged
	read    func(r *reader, v Value)
	plain   bool   // its value is what the row holds
	dashed  string // "--name"

	judged   bool   // a control reads it in Other
	harmless string // why nothing needs to judge it
	opens    string // why no control can judge it
}

func (o *option) path() container.Path {
	if o.row == nil {
		return container.Path{}
	}
	return PathOf(o.row)
}

// table is the options of one engine.
type table struct {
	long  map[string]*option
	short [128]*option
	names []string
}

// tables are an engine's options behind the verb and in front of it.
type tables struct{ run, front *table }

// Made when first asked for: most commands of zlaunch read no line.
var (
	podmanTables = sync.OnceValue(func() tables { return tables{makeTable(podman, runOptions()), makeTable(podman, inFront(podman))} })
	dockerTables = sync.OnceValue(func() tables { return tables{makeTable(docker, runOptions()), makeTable(docker, inFront(docker))} })
)

func tablesOf(e engine) tables {
	if e == docker {
		return dockerTables()
	}
	return podmanTables()
}

func makeTable(e engine, options []option) *table {
	t := &table{long: map[string]*option{}}
	for _, o := range options {
		t.add(e, o)
	}
	for alias, name := range aliases {
		if o := t.long[name]; o != nil {
			t.long[alias] = o
		}
	}
	return t
}

func (t *table) add(e engine, o option) {
	if o.of&e == 0 {
		return
	}
	o.dashed = "--" + o.name
	if t.long[o.name] != nil {
		panic("two options " + o.name)
	}
	t.long[o.name] = &o
	t.names = append(t.names, o.name)
	if o.short != 0 {
		t.short[o.short] = &o
	}
}

// aliases are podman's other names (cmd/podman/utils/alias.go) and docker's
// hidden ones.
var aliases = map[string]string{
	"net": "network", "dns-opt": "dns-option", "net-alias": "network-alias",
	"healthcheck-command": "health-cmd", "healthcheck-interval": "health-interval", "healthcheck-retries": "health-retries",
	"healthcheck-start-period": "health-start-period", "healthcheck-timeout": "health-timeout",
	"override-arch": "arch", "override-os": "os", "override-variant": "variant",
}

// keepAs appends the option to a list as "--name=value".
func keepAs(row container.Field[[]string]) func(*reader, Value) {
	return func(r *reader, v Value) {
		if what := v.Open(); what != "" {
			r.leave(PathOf(row), what)
		}
		written := r.opt.dashed + "=" + v.Text
		if r.opt.boolean && v.w == yes {
			written = r.opt.dashed
		}
		r.append(row, written)
	}
}

func (r *reader) append(row container.Field[[]string], more ...string) {
	had, _, _ := row.Get(r.spec)
	row.Set(r.spec, append(had, more...), r.mark)
	r.adds(PathOf(row))
}

// OptionOf finds an option of podman run by its long name or its letter: its long name,
// and whether a word of its own is its value. known is false where podman has none.
func OptionOf(word string) (name string, value, known bool) {
	t := podmanTables().run
	o := t.long[word]
	if len(word) == 1 && word[0] < 128 {
		o = t.short[word[0]]
	}
	if o == nil {
		return "", false, false
	}
	return o.name, !o.boolean, true
}
