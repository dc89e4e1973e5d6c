package command

import (
	"math"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The constructors below are the kinds of option.

// set gives a row of one value its value, or leaves it open.
func set[T any](r *reader, row container.Field[T], v T) {
	row.Set(r.spec, v, r.mark)
	r.decides(at(row))
}

// closed tells that no shell decides v. Otherwise the row is unknown: what an
// earlier option said of it no longer holds.
func closed[T any](r *reader, row container.Field[T], v value) bool {
	what := v.open()
	if what == "" {
		return true
	}
	row.Clear(r.spec)
	r.decides(at(row))
	r.leave(at(row), what)
	return false
}

func text(name string, short byte, of engine, row container.Field[string]) option {
	return option{name: name, short: short, of: of, row: row, plain: true, read: func(r *reader, v value) {
		if closed(r, row, v) {
			set(r, row, v.s)
		}
	}}
}

// choice is [text] of which only some words are known, each alone or with more behind
// a colon. Another one is what the engine refuses, or a mode that nothing judges.
func choice(name string, short byte, of engine, row container.Field[string], words string) option {
	o := text(name, short, of, row)
	read := o.read
	o.read = func(r *reader, v value) {
		read(r, v)
		if head, _, _ := strings.Cut(v.s, ":"); head != "" && v.open() == "" && !oneWordOf(words, head) {
			r.wrong(at(row), "zlaunch knows no %q", clip(v.s))
		}
	}
	return o
}

// logDrivers are podman's and those that dockerd 28 has; others are plugins.
const logDrivers = "k8s-file journald none passthrough passthrough-tty json-file local syslog gelf fluentd awslogs splunk gcplogs"

func lower(row container.Field[string]) func(*reader, value) {
	return func(r *reader, v value) {
		if closed(r, row, v) {
			set(r, row, strings.ToLower(v.s))
		}
	}
}

func flag(name string, short byte, of engine, row container.Field[bool]) option {
	return option{name: name, short: short, boolean: true, of: of, row: row, plain: true, read: flagOf(row)}
}

func flagOf(row container.Field[bool]) func(*reader, value) {
	return func(r *reader, v value) {
		if b, ok := readBool(r, row, v); ok {
			set(r, row, b)
		}
	}
}

// readBool reads a switch. One that cannot be read leaves the row unknown.
func readBool[T any](r *reader, row container.Field[T], v value) (on, ok bool) {
	if !closed(r, row, v) {
		return false, false
	}
	on, err := strconv.ParseBool(v.s)
	if err != nil {
		refuse(r, row, "%q is neither true nor false", v.shown())
	}
	return on, err == nil
}

func refuse[T any](r *reader, row container.Field[T], format string, args ...any) {
	row.Clear(r.spec)
	r.decides(at(row))
	r.wrong(at(row), format, args...)
}

func integer(name string, short byte, of engine, row container.Field[int64]) option {
	return option{name: name, short: short, of: of, row: row, plain: true, read: func(r *reader, v value) {
		if n, ok := readInt(r, row, v); ok {
			set(r, row, n)
		}
	}}
}

func readInt[T any](r *reader, row container.Field[T], v value) (int64, bool) {
	if !closed(r, row, v) {
		return 0, false
	}
	n, err := strconv.ParseInt(v.s, 0, 64) // as pflag: 0x10 is 16
	if err != nil {
		refuse(r, row, "%q is not an integer", v.shown())
	}
	return n, err == nil
}

// size reads bytes as go-units does for both engines: 512m, 1g, 1GiB.
func size(name string, short byte, row container.Field[int64]) option {
	return option{name: name, short: short, of: both, row: row, read: func(r *reader, v value) {
		if !closed(r, row, v) {
			return
		}
		n, ok := sizeOf(v.s)
		if v.s == "-1" && name == "memory-swap" {
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
	return option{name: name, of: of, row: row, read: func(r *reader, v value) {
		r.each(at(row), v, func(f value) { r.item(row, f, f.s) })
	}}
}

func array(name string, of engine, row container.Field[[]string]) option {
	return option{name: name, of: of, row: row, plain: true, read: func(r *reader, v value) { r.item(row, v, v.s) }}
}

// each calls f for every part of a list with commas.
func (r *reader) each(p container.Path, v value, f func(value)) {
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
func (r *reader) item(row container.Field[[]string], v value, s string) {
	if what := v.open(); what != "" {
		r.adds(at(row))
		r.leave(at(row), what)
		return
	}
	r.append(row, s)
}

// capabilities are lower case without "cap_", as the spec has them. "all" stands
// for the whole set only without it: the engines refuse CAP_ALL.
func capabilities(row container.Field[[]string]) func(*reader, value) {
	return func(r *reader, v value) {
		r.each(at(row), v, func(f value) {
			if f.open() == "" && strings.EqualFold(f.s, "cap_all") {
				r.wrong(at(row), "%q is no capability, all of them are \"all\"", clip(f.s))
				return
			}
			r.item(row, f, strings.TrimPrefix(strings.ToLower(f.s), "cap_"))
		})
	}
}

func pairs(name string, short byte, of engine, row container.Map[string]) option {
	return option{name: name, short: short, of: of, row: row, read: func(r *reader, v value) { r.pair(row, v) }}
}

// pair reads NAME=VALUE. A value that a shell decides stays as it is written, so
// that its name is judged; a name that a shell decides leaves the row open.
func (r *reader) pair(row container.Map[string], v value) {
	k, val, has := v.cut('=')
	what := k.open()
	switch {
	case what != "":
		r.leave(at(row), what)
	case k.s == "", !has && row.Key() != container.Labels.Key():
		r.wrong(at(row), "%q is not NAME=VALUE", v.shown())
	default:
		r.put(row, k.s, val)
	}
}

func (r *reader) put(row container.Map[string], name string, v value) {
	row.Set(r.spec, name, v.s, r.mark)
	r.decides(elem(row, name))
	if what := v.open(); what != "" {
		r.leave(elem(row, name), what)
	}
}
