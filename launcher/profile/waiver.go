package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// waiverFields are the keys of one [[profile.NAME.waiver]].
var waiverFields = map[string]*shape{
	"control": wordText(controlID, `a control such as "ZL-503"`),
	"at":      text(func(s string) error { _, err := parsePlace(s); return err }).as("a setting, as \"memory\" or \"tmpfs /tmp\""),
	"reason":  text(nil), "owner": text(nil),
	"expires": {takes: "a date without quotes", leaf: day, json: textLike(lazy(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`, 0))}, // editors see a text
}

// waiverShape reads the array of waivers into a table keyed by control and
// place, so that waivers merge as every other collection does.
var waiverShape = &shape{leaf: func(v any) (any, error) { return tables(v) }}

func tables(v any) ([]map[string]any, error) {
	switch v := v.(type) {
	case []map[string]any:
		if len(v) <= maxKeys {
			return v, nil
		}
	case []any:
		out := make([]map[string]any, 0, len(v))
		for _, e := range v {
			t, ok := e.(map[string]any)
			if !ok {
				return nil, wanted("a list of tables, [[profile.NAME.waiver]]", v)
			}
			out = append(out, t)
		}
		if len(v) <= maxKeys {
			return out, nil
		}
	}
	return nil, wanted("a list of tables, [[profile.NAME.waiver]]", v)
}

// day is a time.Time at 00:00 UTC of a TOML date.
func day(v any) (any, error) {
	t, ok := v.(time.Time)
	if !ok {
		return nil, wanted("a date such as 2027-03-31, without quotes", v)
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), nil
}

// waivers turns the raw entries below n, if there are any, into a table whose
// leaves are Waivers.
func (r reader) waivers(key string, n *node) {
	w := n.table["waiver"]
	if w == nil || w.removed {
		return
	}
	if r.layer == container.LayerProject {
		r.fail(join(key, "waiver"), hint.Errorf(`waive on the command line: --waive ZL-503="reason"`,
			"a project file carries no waivers"))
		return
	}
	entries := w.value.([]map[string]any)
	w.value, w.table = nil, make(map[string]*node, len(entries))
	for i, e := range entries {
		at, before := fmt.Sprintf("%s[%d]", join(key, "waiver"), i), len(r.reading.faults)
		one := r.read(&shape{fields: waiverFields}, at, e)
		if len(r.reading.faults) > before {
			continue
		}
		waiver, err := r.waiver(at, one)
		id := strings.TrimSpace(waiver.Control + " " + waiver.At)
		if err == nil && w.table[id] != nil {
			err = fmt.Errorf("a second waiver of %s", id)
		}
		if err != nil {
			r.fail(at, err)
			continue
		}
		w.table[id] = &node{value: waiver, origins: one.origins}
	}
}

func (r reader) waiver(key string, n *node) (audit.Waiver, error) {
	w := audit.Waiver{
		Control: get(n, "control", ""), At: get(n, "at", ""), Reason: get(n, "reason", ""),
		Owner: get(n, "owner", ""), Expires: get(n, "expires", time.Time{}), Origin: n.origins[0],
	}
	switch {
	case w.Control == "":
		return w, fmt.Errorf("names no control")
	case strings.TrimSpace(w.Reason) == "":
		return w, fmt.Errorf("gives no reason")
	case r.layer == container.LayerBuiltIn:
		return w, nil
	case w.Owner == "":
		return w, fmt.Errorf("names no owner")
	case w.Expires.IsZero():
		return w, fmt.Errorf("does not expire; add a date, expires = 2027-03-31")
	}
	return w, nil
}

// waiversOf lists the waivers of a merged tree, sorted by control and place.
// One that a project file inherits is left out where that file decides what the
// waiver was given for: the image, the program, the user, or the very setting.
func waiversOf(tree *node, project []*node) []audit.Waiver {
	var out []audit.Waiver
	w := tree.at("waiver")
	for _, id := range w.keys() {
		waiver := w.table[id].value.(audit.Waiver)
		if !slices.ContainsFunc(project, func(n *node) bool { return decides(n, waiver) }) {
			out = append(out, waiver)
		}
	}
	return out
}

func decides(n *node, w audit.Waiver) bool {
	at, _ := parsePlace(w.At)
	for _, key := range []string{"image", "entrypoint", "user", "userns", at.Key} {
		c := n.at("container")
		if c != nil && c.table[key] != nil && (key != at.Key || at.Elem == "" || c.table[key].table[at.Elem] != nil) {
			return true
		}
	}
	return false
}
