// Package tomlschema makes JSON schemas of the types that files of TOML are read into, for
// editors that complete and check while one writes.
package tomlschema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Expressions for what stands in several files; their readers know it better.
const (
	Name     = `^[a-z0-9][a-z0-9_-]{0,62}$` // of a bundle or a profile
	Digest   = `^sha256:[0-9a-f]{64}$`
	Semantic = `^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$` // a version as SemVer has it
)

// Key is what may stand at a key, as far as its type does not say it. It refuses nothing
// that the reader takes.
type Key struct {
	Says     string   // what it is, in a line
	Like     string   // the expression that a text matches, or the names in a table of many; "" any
	OneOf    []string // the texts or whole numbers that it can be; nil: any
	Least    int      // elements of a list, or of a table of many
	Most     int      // the same, or characters of a text; 0: as many as the reader takes
	Optional bool     // also without ",omitempty" in its tag
	Either   []string // keys of a table, of which one at least must be there; nil: none
}

// schema is a JSON schema of draft 7, which is what editors of TOML know best: taplo, and
// Even Better TOML with it.
type schema map[string]any

// Keys are those of a file, with dots: "bundle.name" of each [[bundle]], "member.profile" of each
// [member.NAME], and "profiles[]" for what is in a list, or a table of many, of texts; "" is the file.
type Keys map[string]Key

// Of is the schema of a file that is read into a struct with tags of TOML, as JSON. Each key
// of the struct must be among k, and each of k in the struct.
func (k Keys) Of(file any) ([]byte, error) {
	w := writer{k, map[string]bool{}}
	out := w.of(reflect.TypeOf(file), "")
	out["$schema"] = "http://json-schema.org/draft-07/schema#"
	for key := range w.seen {
		if _, known := k[key]; !known {
			return nil, fmt.Errorf("writing a schema: nothing is said of key %q", key)
		}
	}
	for key := range k {
		if !w.seen[key] {
			return nil, fmt.Errorf("writing a schema: no key %q is read", key)
		}
	}
	text, err := json.MarshalIndent(out, "", " ")
	return append(text, '\n'), err
}

// writer writes a schema, and notes of which keys.
type writer struct {
	Keys
	seen map[string]bool
}

func (w writer) key(at string) Key {
	w.seen[at] = true
	return w.Keys[at]
}

func (w writer) of(t reflect.Type, at string) schema {
	var out schema
	k := w.key(at)
	switch t.Kind() {
	case reflect.Pointer:
		return w.of(t.Elem(), at)
	case reflect.Slice:
		out = k.list(w.element(t.Elem(), at))
	case reflect.Map:
		out = k.many(w.element(t.Elem(), at))
	case reflect.Struct:
		out = w.table(t, at)
	case reflect.Bool:
		out = schema{"type": "boolean"}
	case reflect.Int:
		out = k.number()
	case reflect.Float64:
		out = schema{"type": "number"}
	default:
		out = k.text()
	}
	if k.Says != "" {
		out["description"] = k.Says
	}
	return out
}

// element is the schema of what is in a list: of a table the keys are those of the list.
func (w writer) element(t reflect.Type, at string) schema {
	if t.Kind() == reflect.Struct {
		return w.table(t, at)
	}
	return w.of(t, at+"[]")
}

func (w writer) table(t reflect.Type, at string) schema {
	fields, required := schema{}, []string{}
	for _, f := range reflect.VisibleFields(t) { // those of a struct in it are its own
		if f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("toml"), ",")
		key := strings.TrimPrefix(at+"."+name, ".")
		fields[name] = w.of(f.Type, key)
		if options != "omitempty" && !w.key(key).Optional {
			required = append(required, name)
		}
	}
	out := schema{"type": "object", "additionalProperties": false, "properties": fields, "required": required}
	var either []schema
	for _, key := range w.key(at).Either {
		either = append(either, schema{"required": []string{key}})
	}
	if either != nil {
		out["anyOf"] = either
	}
	return out
}

func (k Key) list(items schema) schema {
	out := schema{"type": "array", "items": items}
	if k.Least > 0 {
		out["minItems"] = k.Least
	}
	if k.Most > 0 {
		out["maxItems"] = k.Most
	}
	return out
}

// many is a table whose names are whoever's who writes it.
func (k Key) many(each schema) schema {
	out := schema{"type": "object", "additionalProperties": each}
	if k.Like != "" {
		out["propertyNames"] = schema{"pattern": k.Like}
	}
	if k.Least > 0 {
		out["minProperties"] = k.Least
	}
	if k.Most > 0 {
		out["maxProperties"] = k.Most
	}
	return out
}

func (k Key) number() schema {
	out := schema{"type": "integer"}
	var all []int
	for _, text := range k.OneOf {
		n, err := strconv.Atoi(text)
		if err != nil {
			panic("tomlschema: " + text + " is no whole number") // a constant of ours
		}
		all = append(all, n)
	}
	if all != nil {
		out["enum"] = all
	}
	return out
}

func (k Key) text() schema {
	out := schema{"type": "string"}
	if k.Like != "" {
		out["pattern"] = k.Like
	}
	if k.OneOf != nil {
		out["enum"] = k.OneOf
	}
	if k.Most > 0 {
		out["maxLength"] = k.Most
	}
	return out
}
