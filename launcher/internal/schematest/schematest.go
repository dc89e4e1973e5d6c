// Package schematest validates TOML as an editor does, for tests of schemas.
package schematest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Editor is an editor that has the JSON Schema that of gives: it tells what is wrong with
// a text.
func Editor(t testing.TB, of func() ([]byte, error)) func(text string) error {
	t.Helper()
	data, err := of()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // no network
	if err := c.AddResource("schema:///file", instance(t, data)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema:///file")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		t.Helper()
		var v map[string]any
		if _, err := toml.Decode(text, &v); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		data, err := json.Marshal(v) // a date is a text, as editors make it
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(instance(t, data))
	}
}

func instance(t testing.TB, data []byte) any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
