package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// one gathers from a row of one value, many from a list.
func one(row container.Field[string], find finder) func(*Case) []hostPath {
	return func(k *Case) []hostPath {
		v, m, _ := row.Get(k.Spec)
		return named(row, m, find, v)
	}
}

func many(row container.Field[[]string], find finder) func(*Case) []hostPath {
	return func(k *Case) []hostPath {
		v, m, _ := row.Get(k.Spec)
		return named(row, m, find, v...)
	}
}

func named(row container.Row, m container.Mark, find finder, values ...string) (out []hostPath) {
	for _, v := range values {
		if said, u, ok := find(v); ok {
			out = append(out, hostPath{source: pathOf(said), at: at(row), what: row.Key(), use: u, why: m.Why})
		}
	}
	return out
}

// looksLikePath tells a path from other words: it begins as one, or a shell makes one
// of what it begins with.
func looksLikePath(v string) bool {
	return strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "../") || strings.HasPrefix(v, "~") ||
		strings.ContainsAny(v[:min(len(v), 1)], "$%") && strings.Contains(v, "/")
}

func always(u use) finder {
	return func(v string) (string, use, bool) { return v, u, v != "" }
}

func absolutely(u use) finder {
	return func(v string) (string, use, bool) { return v, u, looksLikePath(v) }
}

// optionValue finds the path that an option ends with: --log=/tmp/x.
func optionValue(u use) finder {
	return func(v string) (string, use, bool) {
		if _, value, has := strings.Cut(v, "="); has {
			v = value
		}
		return v, u, looksLikePath(v)
	}
}

// imagePath finds the file or directory of an image that comes from no registry.
func imagePath(v string) (string, use, bool) {
	kind, rest, _ := strings.Cut(v, ":")
	name, _, _ := strings.Cut(rest, ":")
	return name, readIn, slices.Contains(transports, kind) && looksLikePath(name)
}
