package derive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Answer is what a server answered.
type Answer struct {
	Status int    `json:"status"` // of HTTP
	Type   string `json:"type"`   // Content-Type without parameters
	Body   []byte `json:"-"`
}

// MaxAnswer bounds the body of an answer, in bytes: an embedding of a long text has some 100 KiB.
const MaxAnswer = 16 << 20

// Alike is how two answers are compared.
type Alike struct {
	JSON   bool     // as JSON, in which the order of members means nothing; else byte by byte
	Ignore []string // members that do not count, by their names from the outermost on: "id", "usage.total_time"
}

// maxTold is how many differences are told of.
const maxTold = 8

// Unlike says in what two answers differ; nil is in nothing. The first is the old server's.
func (a Alike) Unlike(old, now Answer) []string {
	var out []string
	if old.Status != now.Status {
		out = append(out, fmt.Sprintf("the status is %d, and was %d", now.Status, old.Status))
	}
	if old.Type != now.Type {
		out = append(out, fmt.Sprintf("the content type is %.80q, and was %.80q", now.Type, old.Type))
	}
	if !a.JSON {
		if i := firstDifferent(old.Body, now.Body); i >= 0 {
			out = append(out, fmt.Sprintf("the body differs from byte %d on: %.60q, and was %.60q", i, now.Body[i:], old.Body[i:]))
		}
		return out
	}
	x, errX := document(old.Body)
	y, errY := document(now.Body)
	if err := errors.Join(errX, errY); err != nil {
		return append(out, fmt.Sprintf("an answer is no JSON: %.200v", err))
	}
	c := comparing{ignore: a.Ignore}
	c.values("", x, y)
	return append(out, c.out...)
}

// firstDifferent is where two texts begin to differ; -1 nowhere.
func firstDifferent(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}

// document reads one JSON document; numbers stay as they are written.
func document(body []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("more stands behind the document")
	}
	return v, nil
}

// comparing is a comparison of two documents under way.
type comparing struct {
	ignore []string
	out    []string
}

// values compares what stands at a place; elements of a list have the place of their list.
func (c *comparing) values(at string, a, b any) {
	if len(c.out) >= maxTold {
		return
	}
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			c.members(at, x, y)
			return
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				c.values(at, x[i], y[i])
			}
			return
		}
	default:
		if a == b {
			return
		}
	}
	c.out = append(c.out, fmt.Sprintf("%s is %s, and was %s", named(at), brief(b), brief(a)))
}

func (c *comparing) members(at string, a, b map[string]any) {
	keys := slices.Collect(maps.Keys(a))
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		place := strings.TrimPrefix(at+"."+k, ".")
		x, inA := a[k]
		y, inB := b[k]
		switch {
		case slices.Contains(c.ignore, place):
		case inA && inB:
			c.values(place, x, y)
		case inA:
			c.out = append(c.out, fmt.Sprintf("%s is gone, and was %s", named(place), brief(x)))
		default:
			c.out = append(c.out, fmt.Sprintf("%s is new: %s", named(place), brief(y)))
		}
	}
}

func named(at string) string {
	if at == "" {
		return "the document"
	}
	return fmt.Sprintf("%.120q", at)
}

func brief(v any) string {
	text, _ := json.Marshal(v) // what was decoded encodes
	return fmt.Sprintf("%.60s", text)
}
