package content

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// pythonKeys are keys by which settings name a function, a class or a module of Python that their
// loader looks up, whichever it is: of Hydra, Lightning, latent-diffusion, MLServer, PEFT and vLLM.
// Those of jsonpickle begin with "py/". It is a list of what is known, and no proof of the contrary.
var pythonKeys = []string{"_target_", "class_path", "import_path", "target", "implementation", "parent_library", "worker_cls", "attn_implementation"}

const callsNote = "it names what its loader has Python look up and call"

// ownImplementations are values of such keys by which a loader takes what is its own.
var ownImplementations = []string{"eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention", "paged_attention"}

// python tells whether a key names something of Python. A number behind one is a vocabulary's.
func python(key string, value json.Token) bool {
	switch v := value.(type) {
	case bool:
		return v && key == "trust_remote_code"
	case string:
		if slices.Contains(ownImplementations, v) || key == "parent_library" && strings.HasPrefix(v, "transformers.") {
			return false
		}
	case json.Delim:
	default:
		return false
	}
	return strings.HasPrefix(key, "py/") || slices.Contains(pythonKeys, key)
}

// calls tells whether settings in JSON do, by their keys as a parser reads them.
func calls(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for open := []bool{}; ; { // which of the values that are open are objects
		t, err := d.Token()
		if err != nil {
			return err != io.EOF // which it read before
		}
		key, is := t.(string)
		object := len(open) > 0 && open[len(open)-1]
		switch t {
		case json.Delim('{'), json.Delim('['):
			open = append(open, t == json.Delim('{'))
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
			continue
		}
		if !object || !is {
			continue
		}
		value, err := d.Token()
		if err != nil || python(key, value) {
			return true
		}
		if value == json.Delim('{') || value == json.Delim('[') {
			open = append(open, value == json.Delim('{'))
		}
	}
}

// mayCall tells whether any such word stands in settings, so that they are worth the walk: a
// vocabulary has megabytes.
func mayCall(text []byte) bool {
	return slices.ContainsFunc(append(slices.Clone(pythonKeys), "py/", `py\/`, "trust_remote_code"), func(word string) bool { return bytes.Contains(text, []byte(word)) })
}

// pipelineLibraries are those whose classes a pipeline of diffusers is made of.
var pipelineLibraries = []string{"diffusers", "transformers"}

// pipeline is the list by which diffusers puts a pipeline together: it imports the library that an
// entry names, or a file beside it.
func pipeline(f file, is Kind) Kind {
	k := settings(f, is)
	text, _ := f.all(maxSettings)
	var entries map[string]any
	foreign := json.Unmarshal(text, &entries) != nil
	for _, e := range entries {
		if pair, is := e.([]any); is && len(pair) > 0 {
			library, named := pair[0].(string)
			foreign = foreign || named && !slices.Contains(pipelineLibraries, library)
		}
	}
	if k.Class != Data || !foreign {
		return k
	}
	return Kind{Format: "JSON", Class: Unknown, Note: "it names libraries that are not diffusers' own, which loads what it names"}
}

// modules is the list by which sentence-transformers puts a model together: it imports what that names.
func modules(f file, is Kind) Kind {
	k := settings(f, is)
	text, _ := f.all(maxSettings)
	var list []struct{ Type string }
	own := func(m struct{ Type string }) bool { return strings.HasPrefix(m.Type, "sentence_transformers.") }
	if k.Class != Data || json.Unmarshal(text, &list) == nil && !slices.ContainsFunc(list, func(m struct{ Type string }) bool { return !own(m) }) {
		return k
	}
	return Kind{Format: "JSON", Class: Unknown, Note: "it names modules that are not sentence-transformers's own, which loads what it names"}
}
