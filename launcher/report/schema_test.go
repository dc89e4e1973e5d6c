package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// conforms validates a document by a JSON schema. It asks no network: a schema
// that refers to another is an error.
func conforms(t *testing.T, file string, doc []byte) {
	t.Helper()
	if err := validate(t, file, doc); err != nil {
		t.Errorf("%s: %v", file, err)
	}
}

func validate(t *testing.T, file string, doc []byte) error {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	c.AssertFormat()
	const name = "schema:///it"
	if err := c.AddResource(name, schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(v)
}

// The published schemas are strict: what they do not know they refuse.
func TestSchemasAreStrict(t *testing.T) {
	var b bytes.Buffer
	if err := several().JSON(&b, true); err != nil {
		t.Fatal(err)
	}
	docs := map[string][]byte{"audit-v1": b.Bytes()}
	for name, v := range map[string]any{"control-v1": catalogue(), "diff-v1": difference(), "held-v1": drifted(running()).Document()} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		docs[name] = data
	}
	for name, data := range docs {
		file := "../../docs/schema/" + name + ".json"
		conforms(t, file, data)
		var v map[string]any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		for _, change := range []func(){func() { v["more"] = true }, func() { delete(v, "more"); delete(v, "catalogue") }} {
			change()
			other, _ := json.Marshal(v)
			if validate(t, file, other) == nil {
				t.Errorf("%s takes %.80s", name, other)
			}
		}
	}
}
