package command

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// The constructors below are the kinds of option.

// set gives a row of one value its value, or leaves it open.
func set[T any](r *reader, row container.Field[T], v T) {
	row.Set(r.spec, v, r.mark)
	r.decides(PathOf(row))
}

// closed tells that no shell decides v. Otherwise the row is unknown: what an
// earlier option said of it no longer holds.
func closed[T any](r *reader, row container.Field[T], v Value) bool {
	what := v.Open()
	if what == "" {
		return true
	}
	row.Clear(r.spec)
	r.decides(PathOf(row))
	r.leave(PathOf(row), what)
	return false
}

func text(name string, short byte, of engine, row container.Field[string]) option {
	return option{name: name, short: short, of: of, row: row, plain: true, read: func(r *reader, v Value) {
		if closed(r, row, v) {
			set(r, row, v.Text)
		}
	}}
}

// choice is [text] of which only some words are known, each alone or with more behind
// a colon. Another one is what the engine refuses, or a mode that nothing judges.
func choice(name string, short byte, of engine, row container.Field[string], words string) option {
	o := text(name, short, of, row)
	read := o.read
	o.read = func(r *reader, v Value) {
		read(r, v)
		if head, _, _ := strings.Cut(v.Text, ":"); head != "" && v.Open() == "" && !slices.Contains(strings.Fields(words), head) {
			r.wrong(PathOf(row), "zlaunch knows no %q", Clip(v.Text))
		}
	}
	return o
}

// logDrivers are podman's and those that dockerd 28 has; others are plugins.
const logDrivers = "k8s-file journald none passthrough passthrough-tty json-file local syslog gelf fluentd awslogs splunk gcplogs"

func lower(row container.Field[string]) func(*reader, Value) {
	return func(r *reader, v Value) {
		if closed(r, row, v) {
			set(r, row, strings.ToLower(v.Text))
		}
	}
}

func flag(name string, short byte, of engine, row container.Field[bool]) option {
	return option{name: name, short: short, boolean: true, of: of, row: row, plain: true, read: flagOf(row)}
}

func flagOf(row container.Field[bool]) func(*reader, Value) {
	return func(r *reader, v Value) {
		if b, ok := readBool(r, row, v); ok {
			set(r, row, b)
		}
	}
}

// readBool reads a switch. One that cannot be read leaves the row unknown.
func readBool[T any](r *reader, row container.Field[T], v Value) (on, ok bool) {
	if !closed(r, row, v) {
		return false, false
	}
	on, err := strconv.ParseBool(v.Text)
	if err != nil {
		refuse(r, row, "%q is neither true nor false", v.shown())
	}
	return on, err == nil
}

func refuse[T any](r *reader, row container.Field[T], format string, args ...any) {
	row.Clear(r.spec)
	r.decides(PathOf(row))
	r.wrong(PathOf(row), format, args...)
}

func integer(name string, short byte, of engine, row container.Field[int64]) option {
	return option{name: name, short: short, of: of, row: row, plain: true, read: func(r *reader, v Value) {
		if n, ok := readInt(r, row, v); ok {
			set(r, row, n)
		}
	}}
}

func readInt[T any](r *reader, row container.Field[T], v Value) (int64, bool) {
	if !closed(r, row, v) {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Text, 0, 64) // as pflag: 0x10 is 16
	if err != nil {
		refuse(r, row, "%q is not an integer", v.shown())
	}
	return n, err == nil
}

// size reads bytes as go-units does for both engines: 512m, 1g, 1GiB.
func size(name string, short byte, row container.Field[int64]) option {
	return option{name: name, short: short, of: both, row: row, read: func(r *reader, v Value) {
		if !closed(r, row, v) {
			return
		}
		n, ok := sizeOf(v.Text)
		if v.Text == "-1" && name == "memory-swap" {
			n, ok = -1, true
		}
		if !ok {
			refuse(r, row, "%q is not a size, as 512m or 8g", v.shown())
			return
		}
		set(r, row, n)
	}}
}

// maxSize is the largest size that is read exactly: it goes through a float64.
const maxSize = 1 << 53

func sizeOf(s string) (int64, bool) {
	n, err := units.RAMInBytes(s)
	return n, err == nil && n >= 0 && float64(n) <= math.Min(maxSize, math.MaxInt64)
}

// slice is a list with commas, array one value for each option.
func slice(name string, of engine, row container.Field[[]string]) option {
	return option{name: name, of: of, row: row, read: func(r *reader, v Value) {
		r.each(PathOf(row), v, func(f Value) { r.item(row, f, f.Text) })
	}}
}

func array(name string, of engine, row container.Field[[]string]) option {
	return option{name: name, of: of, row: row, plain: true, read: func(r *reader, v Value) { r.item(row, v, v.Text) }}
}

// each calls f for every part of a list with commas.
func (r *reader) each(p container.Path, v Value, f func(Value)) {
	fields, ok := v.list()
	if !ok {
		r.wrong(p, "%q is not a list with commas", v.shown())
		return
	}
	for _, field := range fields {
		f(field)
	}
}

// item adds one value to a list. What a shell decides is not added.
func (r *reader) item(row container.Field[[]string], v Value, s string) {
	if what := v.Open(); what != "" {
		r.adds(PathOf(row))
		r.leave(PathOf(row), what)
		return
	}
	r.append(row, s)
}

// capabilities are lower case without "cap_", as the spec has them. "all" stands
// for the whole set only without it: the engines refuse CAP_ALL, and every name that is
// no capability.
func capabilities(row container.Field[[]string]) func(*reader, Value) {
	return func(r *reader, v Value) {
		r.each(PathOf(row), v, func(f Value) {
			name := strings.ToLower(strings.TrimSpace(f.Text))
			short := strings.TrimPrefix(name, "cap_")
			switch {
			case f.Open() != "":
				r.item(row, f, short)
			case name == "cap_all":
				r.wrong(PathOf(row), "%s refuses %q, all capabilities are \"all\"", r.out.Engine, Clip(f.Text))
			case !container.IsCapability(short):
				r.wrong(PathOf(row), "%s refuses %q, which is no capability", r.out.Engine, Clip(f.Text))
			default:
				r.append(row, short)
			}
		})
	}
}

// cappedTwice lists what Podman refuses to add and to drop at once; docker adds it.
func cappedTwice(r *reader) {
	add, _, _ := container.CapAdd.Get(r.spec)
	drop, _, _ := container.CapDrop.Get(r.spec)
	for _, c := range add {
		if !r.docker && slices.Contains(drop, c) {
			r.note(form.Open{At: PathOf(container.CapDrop), Word: -1, Why: "podman refuses to add and to drop the capability " + c, Unknown: true})
		}
	}
}

func pairs(name string, short byte, of engine, row container.Map[string]) option {
	return option{name: name, short: short, of: of, row: row, read: func(r *reader, v Value) { r.pair(row, v) }}
}

// pair reads NAME=VALUE. A value that a shell decides stays as it is written, so
// that its name is judged; a name that a shell decides leaves the row open.
func (r *reader) pair(row container.Map[string], v Value) {
	k, val, has := v.Cut('=')
	what := k.Open()
	switch {
	case what != "":
		r.leave(PathOf(row), what)
	case k.Text == "", !has && row.Key() != container.Labels.Key():
		r.wrong(PathOf(row), "%q is not NAME=VALUE", v.shown())
	default:
		r.put(row, k.Text, val)
	}
}

func (r *reader) put(row container.Map[string], name string, v Value) {
	row.Set(r.spec, name, v.Text, r.mark)
	r.decides(elem(row, name))
	if what := v.Open(); what != "" {
		r.leave(elem(row, name), what)
	}
}
