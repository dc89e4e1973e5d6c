package content

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// lambdaNote is what is said of a layer that is code.
const lambdaNote = "a Keras model with a Lambda layer, which is Python bytecode, or another layer that loads code"

// codeLayers are classes of Keras that run what the settings bring.
var codeLayers = []string{"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}

// maxKeras bounds the settings of a Keras model that are parsed, in bytes.
const maxKeras = 8 << 20

// keras is the format of Keras 3, whose settings name its layers. Its weights are HDF5, which
// nobody here reads, so that it is code or unknown.
func keras(z *zip.Reader) Kind {
	for _, m := range z.File {
		if m.Name != "config.json" {
			continue
		}
		text, err := member(m, maxKeras+1)
		if err != nil || len(text) > maxKeras {
			return Kind{Format: "Keras", Class: Unknown, Note: "its settings cannot be read"}
		}
		if k := layers("Keras", text); k.Class == Code {
			return k
		}
	}
	return Kind{Format: "Keras", Class: Unknown, Note: "its weights are HDF5, which is not read"}
}

// layers judges the settings of a Keras model by the classes and modules that they name.
func layers(format string, text []byte) Kind {
	d := json.NewDecoder(bytes.NewReader(text))
	w := &layerWalk{d: d}
	err := w.value("", 0)
	switch {
	case w.code != "":
		return Kind{Format: format, Class: Code, Note: w.code}
	case err != nil:
		return Kind{Format: format, Class: Unknown, Note: "settings of a Keras model that cannot be read: " + err.Error()}
	}
	return Kind{Format: format, Class: Unknown, Note: "settings of a Keras model, whose layers are not all known"}
}

type layerWalk struct {
	d    *json.Decoder
	code string // why it is code; "" it is not known to be
}

// value reads one, of a key, and what is in it.
func (w *layerWalk) value(key string, depth int) error {
	if depth > maxNested {
		return errors.New("they are nested too deep")
	}
	t, err := w.d.Token()
	if err != nil {
		return errors.New("they are no JSON")
	}
	switch v := t.(type) {
	case string:
		w.says(key, v)
	case json.Delim:
		seen := map[string]bool{}
		for w.d.More() {
			if key = ""; v == '{' {
				if t, err = w.d.Token(); err != nil {
					return errors.New("they are no JSON")
				}
				if key, _ = t.(string); seen[key] {
					return errors.New("a key stands there twice")
				}
				seen[key] = true
			}
			if err := w.value(key, depth+1); err != nil {
				return err
			}
		}
		_, err = w.d.Token()
	}
	return err
}

func (w *layerWalk) says(key, value string) {
	switch {
	case key == "class_name" && slices.Contains(codeLayers, value[strings.LastIndexByte(value, '>')+1:]):
		w.code = lambdaNote
	case key == "module" && value != "keras" && !strings.HasPrefix(value, "keras."):
		w.code = "a Keras model that names functions of a module that is not Keras's"
	}
}
