package podmanrun

import (
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The constructors below are the kinds of option.

func option(name, value string) string { return "--" + name + "=" + value }

func positional[T any](f container.Field[T], args func(T) []string) Option {
	return Option{Row: f, write: func(s *container.Spec) []string {
		v, _, ok := f.Get(s)
		if !ok {
			return nil
		}
		return args(v)
	}}
}

// known calls write where the row is marked.
func known[T any](f container.Field[T], write func(T) []string) func(*container.Spec) []string {
	return func(s *container.Spec) []string {
		v, _, ok := f.Get(s)
		if !ok {
			return nil
		}
		return write(v)
	}
}

// elements calls write for each element of the row, sorted.
func elements[T any](m container.Map[T], write func(key string, v T) string) func(*container.Spec) []string {
	return func(s *container.Spec) []string {
		var out []string
		for _, k := range m.Keys(s) {
			if v, _, ok := m.Get(s, k); ok {
				out = append(out, write(k, v))
			}
		}
		return out
	}
}

func text(f container.Field[string], name string) Option {
	return Option{f, name, "", known(f, func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{option(name, v)}
	}), func(r *reading, v string) error {
		f.Set(r.spec, v, r.mark)
		return nil
	}}
}

func boolean(f container.Field[bool], name string) Option {
	return Option{f, name, "", known(f, func(v bool) []string {
		if v {
			return []string{"--" + name}
		}
		return []string{option(name, "false")}
	}), func(r *reading, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", v)
		}
		f.Set(r.spec, b, r.mark)
		return nil
	}}
}

func integer(f container.Field[int64], name string) Option {
	return Option{f, name, "", known(f, func(v int64) []string {
		return []string{option(name, strconv.FormatInt(v, 10))}
	}), func(r *reading, v string) error {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not an integer", v)
		}
		f.Set(r.spec, n, r.mark)
		return nil
	}}
}

// size writes plain bytes, so that no unit rounds.
func size(f container.Field[int64], name string) Option {
	return Option{f, name, "", known(f, func(v int64) []string {
		return []string{option(name, strconv.FormatInt(v, 10)+"b")}
	}), readSize(f)}
}

func readSize(f container.Field[int64]) func(*reading, string) error {
	return func(r *reading, v string) error {
		n, err := bytes(v)
		if err == nil {
			f.Set(r.spec, n, r.mark)
		}
		return err
	}
}

// maxSize is the largest number of bytes that podman-run reads exactly: it goes
// through a float64 (docker/go-units, parseSize).
const maxSize = 1 << 53

func bytes(v string) (int64, error) {
	n, err := units.RAMInBytes(v)
	if err != nil || math.Abs(float64(n)) > maxSize {
		return 0, fmt.Errorf("%q is not a size in bytes, as 512m or 8g", v)
	}
	return n, nil
}

// list is an option written once for each value. split takes apart what one
// option may hold when read.
func list(f container.Field[[]string], name string, split func(string) ([]string, error)) Option {
	return Option{f, name, "", known(f, func(v []string) []string {
		var out []string
		for _, e := range v {
			out = append(out, option(name, e))
		}
		return out
	}), appendTo(f, split)}
}

func appendTo(f container.Field[[]string], split func(string) ([]string, error)) func(*reading, string) error {
	return func(r *reading, v string) error {
		more, err := split(v)
		if err != nil {
			return err
		}
		had, _, _ := f.Get(r.spec)
		f.Set(r.spec, append(had, more...), r.mark)
		return nil
	}
}

func single(v string) ([]string, error) { return []string{v}, nil }

func splitColon(v string) ([]string, error) { return strings.Split(v, ":"), nil }

// splitCSV reads a value as pflag's string slices do.
func splitCSV(v string) ([]string, error) {
	if v == "" {
		return nil, nil
	}
	fields, err := csv.NewReader(strings.NewReader(v)).Read()
	if err != nil {
		return nil, fmt.Errorf("%q is not a list with commas", v)
	}
	return fields, nil
}

// quoteCSV writes one field as [splitCSV] and --mount read it.
func quoteCSV(field string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{field}) // a strings.Builder takes every write
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

func splitCapabilities(v string) ([]string, error) {
	fields, err := splitCSV(v)
	for i, c := range fields {
		fields[i] = strings.TrimPrefix(strings.ToLower(c), "cap_")
	}
	return fields, err
}

// splitNetworks: one option may name several networks, but one network's own
// options stand behind a colon and hold commas too.
func splitNetworks(v string) ([]string, error) {
	if strings.Contains(v, ":") {
		return []string{v}, nil
	}
	return strings.Split(v, ","), nil
}

type pairReader func(v string) (key, value string, err error)

func pairs(m container.Map[string], name string, read pairReader) Option {
	write := func(k, v string) string { return option(name, k+"="+v) }
	return Option{m, name, "", elements(m, write), func(r *reading, v string) error {
		k, val, err := read(v)
		if err == nil {
			m.Set(r.spec, k, val, r.mark)
		}
		return err
	}}
}

// csvPairs is for an option that Podman reads as a list with commas.
func csvPairs(m container.Map[string], name string) Option {
	write := func(k, v string) string { return option(name, quoteCSV(k+"="+v)) }
	return Option{m, name, "", elements(m, write), func(r *reading, v string) error {
		fields, err := splitCSV(v)
		for _, f := range fields {
			k, val, perr := readPair(f)
			if perr != nil {
				return perr
			}
			m.Set(r.spec, k, val, r.mark)
		}
		return err
	}}
}

func readPair(v string) (string, string, error) {
	k, val, ok := strings.Cut(v, "=")
	if !ok || k == "" {
		return "", "", fmt.Errorf("%q is not NAME=VALUE", v)
	}
	return k, val, nil
}

// readLabel: a label without "=" is an empty one.
func readLabel(v string) (string, string, error) {
	if k, val, _ := strings.Cut(v, "="); k != "" {
		return k, val, nil
	}
	return "", "", fmt.Errorf("the label has no name")
}

// readEnv never shows the value.
func readEnv(v string) (string, string, error) {
	k, val, ok := strings.Cut(v, "=")
	if !ok || k == "" {
		return "", "", fmt.Errorf("%q is not NAME=VALUE; a variable of the caller is not copied here", k)
	}
	return k, val, nil
}
