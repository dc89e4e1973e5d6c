package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// wanted says that v is not what it should be.
func wanted(what string, v any) error {
	got := "a date"
	switch v := v.(type) {
	case string:
		got = bounded.Shown(fmt.Sprintf("%q", v))
	case bool, int64, float64:
		got = fmt.Sprint(v)
	case map[string]any:
		got = "a table"
	case []any, []map[string]any:
		got = "a list"
	}
	return fmt.Errorf("wants %s, got %s", what, got)
}

// unknownWord says that k is none of words, and which it may have meant.
func unknownWord(k string, words []string) error {
	next := "zlaunch help policy"
	if len(words) <= 20 {
		next = "known here: " + strings.Join(words, ", ")
	}
	if near := hint.Nearest(k, words); near != "" {
		return hint.Errorf(next, "unknown word %s, did you mean %s?", bounded.Shown(fmt.Sprintf("%q", k)), near)
	}
	return hint.Errorf(next, "unknown word %s", bounded.Shown(fmt.Sprintf("%q", k)))
}

// textsOf reads a list of texts.
func textsOf(want any) ([]string, error) {
	in, ok := want.([]any)
	if !ok || len(in) > maxKeys {
		return nil, wanted("a list of texts", want)
	}
	out := make([]string, 0, len(in))
	for _, e := range in {
		s, ok := e.(string)
		if !ok || s == "" || bounded.Printable(s) != nil {
			return nil, wanted("a list of texts", e)
		}
		out = append(out, s)
	}
	return out, nil
}

func atLeastOne(want any) ([]string, error) {
	out, err := textsOf(want)
	if err == nil && len(out) == 0 {
		err = wanted("at least one text", want)
	}
	return out, err
}

func patternsOf(want any) (patterns, error) {
	texts, err := textsOf(want)
	var out patterns
	for _, t := range texts {
		p, bad := newPattern(t)
		if bad != nil {
			return nil, bad
		}
		out = append(out, p)
	}
	return out, err
}

// shownWant writes what a file wants, as it stands there.
func shownWant(want any) string {
	switch v := want.(type) {
	case string:
		return bounded.Shown(v)
	case []any:
		out := make([]string, 0, len(v))
		for _, e := range v {
			out = append(out, shownWant(e))
		}
		if len(out) == 0 {
			return "none"
		}
		return strings.Join(out, ", ")
	}
	return fmt.Sprint(want)
}

// wantOf is what a check of a setting wants, which its ask has read: see [Check].
func wantOf(t table, want any) any {
	switch v := want.(type) {
	case int64:
		return float64(v)
	case string:
		if n, err := size(v); err == nil && (t == atMost || t == atLeast) {
			return n
		}
	case []any:
		out, _ := textsOf(v)
		return out
	}
	return want
}

func sortedKeys(in map[string]any) []string { return slices.Sorted(maps.Keys(in)) }

// waiverKeys are those of a [[waiver]].
var waiverKeys = []string{"control", "at", "reason", "owner", "approved_by", "expires"}

// waivers reads the [[waiver]] tables.
func (r *reader) waivers(v any) {
	in, ok := v.([]map[string]any)
	if !ok || len(in) > maxKeys {
		r.fail("waiver", wanted("tables, [[waiver]]", v))
		return
	}
	for i, e := range in {
		key := fmt.Sprintf("waiver[%d]", i)
		if w, ok := r.waiver(key, e); ok {
			r.file.Waivers = append(r.file.Waivers, w)
		}
	}
}

func (r *reader) waiver(key string, in map[string]any) (audit.Waiver, bool) {
	before := len(r.faults)
	texts := map[string]string{}
	for _, k := range sortedKeys(in) {
		switch {
		case !slices.Contains(waiverKeys, k):
			r.fail(join(key, k), unknownWord(k, waiverKeys))
		case k != "expires":
			texts[k] = strings.TrimSpace(r.text(join(key, k), in[k]))
		}
	}
	for _, k := range []string{"control", "reason", "owner", "approved_by"} {
		if texts[k] == "" {
			r.fail(key, fmt.Errorf("%s is missing", k))
		}
	}
	day, ok := in["expires"].(time.Time)
	if !ok {
		r.fail(key, hint.Errorf("expires = 2027-03-31", "it must end: expires wants a date without quotes"))
	}
	if c := audit.ByID(texts["control"]); texts["control"] != "" && (c == nil || c == audit.PolicyMet) {
		r.fail(join(key, "control"), unknownWord(texts["control"], controlIDs()))
	}
	y, m, d := day.Date()
	return audit.Waiver{
		Control: texts["control"], At: texts["at"], Reason: texts["reason"], Owner: texts["owner"], ApprovedBy: texts["approved_by"],
		Expires: time.Date(y, m, d, 0, 0, 0, 0, time.UTC),
		Origin:  container.Origin{Layer: container.LayerPolicy, File: fmt.Sprintf("%s:%d", r.file.Name, r.line(key)), Key: "waiver"},
	}, len(r.faults) == before
}
