package profile

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// shape is what one key of a file may hold: a leaf, a table of known fields, or
// a table of elements by name.
type shape struct {
	leaf    func(v any) (any, error) // checks a value and makes it canonical
	fields  map[string]*shape
	elem    *shape
	name    rule           // of elements
	literal bool           // false is a value of it, not a removal
	takes   string         // of a leaf: what may be written, for people
	json    func() schema  // of a leaf: the same for editors, which may take more; nil: any text
	each    *func() schema // of a list: of its elements
}

// reader turns the generic tree of one definition into nodes. What is wrong it leaves
// out and goes on.
type reader struct {
	reading *reading
	layer   container.Layer
	file    string
	profile string
}

// fail notes what is wrong with one key: file, line, profile and key are always named.
func (r reader) fail(key string, err error) { r.reading.fault(r.profile, key, err) }

// origin is the place of key. In a file named after its profile, as the
// built-in ones are, the profile's name is left out of the key.
func (r reader) origin(key string) []container.Origin {
	if !named(r.file, r.profile) {
		key = r.profile + "." + key
	}
	return []container.Origin{{Layer: r.layer, File: r.file, Key: key}}
}

// named tells whether a file is named after a profile.
func named(file, profile string) bool { return path.Base(file) == profile+".toml" }

// read is nil for what is wrong.
func (r reader) read(s *shape, key string, v any) *node {
	n := &node{origins: r.origin(key)}
	if v == false && !s.literal {
		n.removed = true
		return n
	}
	if s.leaf != nil {
		value, err := s.leaf(v)
		if err != nil {
			r.fail(key, err)
			return nil
		}
		n.value = value
		return n
	}
	table, ok := v.(map[string]any)
	if !ok {
		r.fail(key, wanted("a table", v))
		return nil
	}
	n.table = make(map[string]*node, len(table))
	if len(table) > maxKeys {
		r.fail(key, fmt.Errorf("more than %d keys", maxKeys))
		return n
	}
	for _, k := range slices.Sorted(maps.Keys(table)) {
		child, err := s.child(k)
		if err != nil {
			r.fail(join(key, k), err)
		} else if c := r.read(child, join(key, k), table[k]); c != nil {
			n.table[k] = c
		}
	}
	return n
}

// child finds the shape of k in a table of shape s.
func (s *shape) child(k string) (*shape, error) {
	if c := s.fields[k]; c != nil {
		return c, nil
	}
	if s.elem == nil {
		return nil, unknown(k, slices.Sorted(maps.Keys(s.fields)))
	}
	return s.elem, s.name.check(k)
}

func join(key, k string) string {
	if key == "" {
		return bounded.Shown(k)
	}
	return key + "." + bounded.Shown(k)
}

// ofPolicy are the keys of a policy and of trust: nothing that is shared as a profile may
// set or loosen one.
var ofPolicy = []string{"policy", "policies", "trust", "trusted", "allowed_signers", "signer", "approved_by"}

// unknown says that k is none of words, and which it may have meant.
func unknown(k string, words []string) error {
	list := "known here: " + strings.Join(words, ", ")
	if len(words) > 25 { // more than a profile has itself
		list = "zlaunch help profile; the keys of container are podman-run's options, '-' written as '_'"
	}
	if slices.Contains(ofPolicy, k) {
		return hint.Errorf("let root write it: /etc/zlaunch/policy.d", "no profile says what a policy does: policy belongs into /etc/zlaunch/policy.d")
	}
	near := nearest(k, words)
	if slices.Contains(words, "container") && container.ByKey(k) != nil {
		near = "container." + k
	}
	if near != "" {
		return hint.Errorf(list, "unknown key, did you mean %s?", near)
	}
	return hint.Errorf(list, "unknown key")
}

// wanted says that v is not what it should be.
func wanted(what string, v any) error {
	return fmt.Errorf("wants %s, got %s", what, kindOf(v))
}

func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return "the string " + bounded.Shown(fmt.Sprintf("%q", v))
	case bool, int64, float64:
		return fmt.Sprint(v)
	case map[string]any:
		return "a table"
	case []any, []map[string]any:
		return "a list"
	}
	return "a date"
}
