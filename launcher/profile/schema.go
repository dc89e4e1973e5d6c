package profile

import (
	"encoding/json"
	"maps"
	"slices"
)

// schema is a JSON schema of draft 7, which is what editors of TOML know best: taplo, and
// Even Better TOML with it. It refuses nothing that the reader takes; what only the reader
// refuses is what no pattern tells, and what shows once a profile is put together.
type schema map[string]any

// Schema is the JSON schema of a file of profiles, made of the shapes that read one.
func Schema() ([]byte, error) {
	keys, err := Keys()
	if err != nil {
		return nil, err
	}
	w := schemaWriter{}
	for _, k := range keys {
		w[k.Name] = k
	}
	overlay := archShape.fields[Archs[0]]
	of := schema{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": "profiles of zlaunch",
		"description": "A file of profiles, see zlaunch-profile(5).",
		"type":        "object", "additionalProperties": false, "required": []string{"schema"},
		"properties": schema{
			"schema":  schema{"const": schemaVersion, "description": "the version of the format"},
			"profile": schema{"type": "object", "propertyNames": textLike(profileName)(), "additionalProperties": ref("profile")},
		},
		"definitions": schema{
			"profile":   w.table(profileShape, ""),
			"overlay":   w.table(overlay, ""),
			"container": w.table(overlay.fields["container"], "container"),
			"waiver":    w.waiver(),
		},
	}
	text, err := json.MarshalIndent(of, "", " ")
	return append(text, '\n'), err
}

func ref(name string) schema { return schema{"$ref": "#/definitions/" + name} }

// schemaWriter writes the schemas of shapes; it knows what is told of each key.
type schemaWriter map[string]Key

// of is the schema of what stands at a key, which may be false where that removes it.
func (w schemaWriter) of(s *shape, at string) schema {
	var out schema
	switch {
	case s == waiverShape:
		out = schema{"type": "array", "items": ref("waiver"), "maxItems": maxKeys}
	case s == archShape:
		out = schema{"type": "object", "additionalProperties": false, "properties": schema{}}
		for _, a := range Archs {
			out["properties"].(schema)[a] = schema{"anyOf": []schema{ref("overlay"), {"const": false}}}
		}
	case at == "container":
		out = ref("container")
	case s.leaf != nil && s.json == nil:
		out = textLike(pattern{})()
	case s.leaf != nil:
		out = s.json()
	default:
		out = w.table(s, at)
	}
	if !s.literal && at != "extends" { // which cannot be removed
		out = schema{"anyOf": []schema{out, {"const": false}}}
	}
	if k, known := w[at]; known {
		out["description"] = k.Says()
	}
	return out
}

// table is the schema of a table of fields, or of elements by name.
func (w schemaWriter) table(s *shape, at string) schema {
	out := schema{"type": "object", "additionalProperties": false, "maxProperties": maxKeys}
	if s.elem != nil {
		out["additionalProperties"] = w.of(s.elem, join(at, "NAME"))
		if s.name.like.source != "" {
			out["propertyNames"] = textLike(s.name.like)()
		}
		return out
	}
	fields := schema{}
	for _, k := range slices.Sorted(maps.Keys(s.fields)) {
		fields[k] = w.of(s.fields[k], join(at, k))
	}
	out["properties"] = fields
	return out
}

func (w schemaWriter) waiver() schema {
	out := w.table(&shape{fields: waiverFields}, "waiver")
	out["required"] = []string{"control", "reason"}
	return out
}

func told(s schema) func() schema { return func() schema { return maps.Clone(s) } }

// tell is as for editors.
func (s *shape) tell(what schema) *shape { s.json = told(what); return s }

// textLike is a text that matches.
func textLike(re pattern) func() schema {
	return func() schema {
		out := schema{"type": "string"}
		if re.source != "" {
			out["pattern"] = re.source
		}
		if re.most > 0 {
			out["maxLength"] = re.most
		}
		return out
	}
}

// listOf is a list of elements, where one is allowed also that alone.
func listOf(each schema, one bool) schema {
	list := schema{"type": "array", "items": each, "maxItems": maxKeys}
	if !one {
		return list
	}
	return schema{"anyOf": []schema{list, each}}
}
