package content

import (
	"encoding/binary"
	"strings"
	"testing"
)

// ran is a pickle of protocol 0 behind something on the stack: it calls os.system.
const ran = "0cposix\nsystem\n(S'id'\ntR."

type judged struct {
	name, text, format string
	class              Class
	note               string
}

func (c judged) check(t *testing.T) {
	t.Helper()
	k, err := Of(c.name, strings.NewReader(c.text), int64(len(c.text)))
	if err != nil || k.Format != c.format || k.Class != c.class || !strings.Contains(k.Note, c.note) || c.note == "" && k.Note != "" {
		t.Errorf("%s %.20q: %+v, %v, want %s %s %q", c.name, c.text, k, err, c.format, c.class, c.note)
	}
}

// What is data by one reading and something else by another is never data.
func TestTwoReadings(t *testing.T) {
	st, one := safetensorsFile(), llama(binary.LittleEndian).String()
	lambda := zipped("config.json", `{"class_name": "Lambda"}`, "metadata.json", "{}", "model.weights.h5", hdf)
	wide := "X" + "\x18\x00\x00\x00" + "\x00\x00\x00" + `{"` + strings.Repeat("a", 19)
	blanks := strings.Repeat(" ", 90)
	for _, c := range []judged{
		{"m.gguf", "GGUF\x03\x00\x00\x00\x00" + ran, "pickle", Code, "calls"},
		{"m.safetensors", wide + ran, "pickle", Code, "calls"},
		{"m.pkl", wide + ran, "pickle", Code, "calls"},
		{"m.pkl", st, "pickle by its name", Code, ""},
		{"m.pt", one, "pickle by its name", Code, ""},
		{"m.pt", "PK\x05\x06\n0" + ran, "pickle by its name", Code, ""},
		{"pytorch_model-00001-of-00002.bin", st, "pickle by its name", Code, ""},
		{"m.npz", "PK\x05\x06" + strings.Repeat("\x00", 18), "empty zip", Data, ""},
		{"m.npz", "PK\x05\x06" + strings.Repeat("\x00", 19), "empty zip", Unknown, "more stands"},
		{"m.keras", headed("{}", strings.Repeat(" ", 6)+lambda), "safetensors", Unknown, "do not end where"},
		{"m.safetensors", headed("{}", strings.Repeat(" ", 6)+lambda), "safetensors", Unknown, "do not end where the file ends"},
		{"m.h5", "GGUF\x03\x00\x00\x00" + strings.Repeat("\x00", 504) + hdf + `"Lambda"`, "GGUF", Unknown, "do not end"},
		{"m.gguf", st, "safetensors", Unknown, "takes it for GGUF"},
		{"m.safetensors", one, "GGUF", Unknown, "takes it for safetensors"},
		{"m.npy", st, "safetensors", Unknown, "takes it for arrays"},
		{"m.json", st, "safetensors", Unknown, "is none"},
		{"m.txt", st, "safetensors", Unknown, "takes it for text"},
		{"m.yaml", st, "safetensors", Unknown, "takes it for YAML"},
		{"m.bin", st, "safetensors", Unknown, "name does not tell"},
		{"weights", one, "GGUF", Unknown, "name does not tell"},
		{"m.py", st, "py source", Code, ""},
		{"libmodel.so", st, "program by its name", Code, ""},
		{"a.npy", npyOf("{'descr': "+blanks+"'O', 'fortran_order': False, 'shape': (1,), }", "x"), "npy", Code, "array of objects"},
		{"a.npy", npyOf("{'descr': '<f8', 'fortran_order': False, 'shape': (1,),"+blanks+"'descr': 'O'}", "x"), "npy", Code, "array of objects"},
		{"a.npy", npyOf("{'descr': '\\x4f', 'fortran_order': False, 'shape': (1,), }", "x"), "npy", Unknown, "none that NumPy writes"},
		{"a.npy", npyOf("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "x"), "npy", Unknown, "none that NumPy writes"},
		{"a.npy", npyOf("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "1234567"), "npy", Unknown, "not as long"},
		{"a.npy", npyOf("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "123456789"), "npy", Unknown, "not as long"},
		{"a.npy", npyOf("{'descr': '<U2', 'fortran_order': False, 'shape': (2, 1), }", strings.Repeat("x", 16)), "npy", Data, ""},
		{"a.npy", npyOf("{'descr': '|b1', 'fortran_order': True, 'shape': (), }", "x"), "npy", Data, ""},
		{"m.keras", zipped("config.json", `{"class_name":  "Lambda"}`, "model.weights.h5", ""), "Keras", Code, "Lambda"},
		{"m.keras", zipped("config.json", `{"class_name": "\u004cambda"}`, "model.weights.h5", ""), "Keras", Code, "Lambda"},
		{"m.keras", zipped("config.json", `{"module":"keras.layers","class_name":"Dense","config":{"activation":{"module":"builtins","class_name":"function","config":"exec"}}}`, "model.weights.h5", ""), "Keras", Code, "not Keras's"},
		{"config.json", `{"model":{"_target_":"os.system","command":"id"}}`, "JSON", Unknown, "has Python look up"},
		{"config.json", `{"model":{"_t\u0061rget_": "os.system"}}`, "JSON", Unknown, "has Python look up"},
		{"config.json", `{"py/reduce":[{"py/function":"os.system"},{"py/tuple":["id"]}]}`, "JSON", Unknown, "has Python look up"},
		{"vocab.json", `{"_target_":17,"class_path":18,"py/object": 19}`, "JSON", Data, ""},
		{"conf.yaml", "model:\n  _target_: os.system\n", "YAML", Unknown, "has Python look up"},
		{"conf.yaml", "model: {'class_path' : os.system}\n", "YAML", Unknown, "has Python look up"},
		{"conf.yaml", "my_targets: 3\nnotarget: py\n", "text", Data, ""},
		{"config.json", `{"py\/reduce":[{"py\/function":"os.system"}]}`, "JSON", Unknown, "has Python look up"},
		{"config.json", `{"py/repr":"os/os.system('id')"}`, "JSON", Unknown, "has Python look up"},
		{"config.json", `{"a":[{"b":{}},{"target":"os.system","params":{}}]}`, "JSON", Unknown, "has Python look up"},
		{"model-settings.json", `{"implementation":"subprocess.Popen"}`, "JSON", Unknown, "has Python look up"},
		{"config.json", `{"attn_implementation":"org/kernel"}`, "JSON", Unknown, "has Python look up"},
		{"config.json", `{"attn_implementation":"sdpa","parent_library":"transformers.models.bert","trust_remote_code":false,"target":["q"],"x":null}`, "JSON", Unknown, "has Python look up"},
		{"config.json", `{"attn_implementation":"sdpa","parent_library":"transformers.models.bert","trust_remote_code":false,"x":null}`, "JSON", Data, ""},
		{"config.json", `{"trust_remote_code":true}`, "JSON", Unknown, "has Python look up"},
		{"model_index.json", `{"_class_name":"P","unet":["diffusers","U"],"t":["transformers","T"],"s":[null,null]}`, "JSON", Data, ""},
		{"model_index.json", `{"_class_name":"P","unet":["antigravity","X"]}`, "JSON", Unknown, "not diffusers' own"},
		{"weights.txt", strings.Repeat("N0", 50_001) + "cos\nsystem\n(S'id'\ntR.", "pickle", Unknown, "too long"},
		{"conf.yaml", "\"\\x5ftarget_\": os.system\n", "YAML", Unknown, "has Python look up"},
		{"conf.yaml", "k: &k _target_\nx: {*k : os.system}\n", "YAML", Unknown, "has Python look up"},
		{"conf.yaml", "_target_: # x\n  os.system\n", "YAML", Unknown, "has Python look up"},
		{"conf.yaml", "a: [_target_: &x os.system]\n", "YAML", Unknown, "has Python look up"},
		{"conf.yaml", "model:\n  target: os.system\n  params: {command: id}\n", "YAML", Unknown, "has Python look up"},
		{"modules.json", `[{"idx":0,"type":"sentence_transformers.models.Transformer"}]`, "JSON", Data, ""},
		{"modules.json", `[{"idx":0,"type":"sentence_transformers.models.Transformer"},{"type":"evil.Module"}]`, "JSON", Unknown, "not sentence-transformers's own"},
		{"modules.json", `{"type":"evil.Module"}`, "JSON", Unknown, "not sentence-transformers's own"},
		{"modules.json", `[{"t\u0079pe":"evil.Module"}]`, "JSON", Unknown, "not sentence-transformers's own"},
		{"requirements.txt", "numpy\n", "text", Unknown, "some servers install"},
		{"m.json", `{"config":[{"class_n\u0061me":"Lambda"}]}`, "JSON", Code, "Lambda"},
		{"m.json", `{"class_name":"Dense","class_name":"Dense"}`, "JSON", Unknown, "twice"},
		{"m.h5", hdf + `{"class_name": "\u004cambda"}`, "HDF5", Code, "Lambda"},
		{"m.onnx", "\x7a\x10" + "\x00\x00\x00\x00\x00\x00{\"" + "aaaaaaaa" + onnxAt("../../secret", 0), "ONNX", Unknown, "a field that ONNX does not"},
		{"m.onnx", string(joined(field(7, field(1, joined(field(4, "Relu"), field(99, "x")))))), "ONNX", Unknown, "a field that ONNX does not"},
		{"m.onnx", string(joined(field(1, 8), field(7, 3))), "ONNX", Unknown, "a field that ONNX does not"},
		{"saved_model.pb", "\x7a\x10" + "\x00\x00\x00\x00\x00\x00{\"" + "aaaaaaaa\x12\x0aWriteFile", "SavedModel", Code, "files or Python"},
		{"saved_model.pb", "\x12\x0dImmutableConst", "SavedModel", Code, "files or Python"},
		{"saved_model.pbtxt", "meta_graphs { graph_def { node { op: \"WriteFile\" } } }\n", "SavedModel as text", Code, "files or Python"},
		{"saved_model.pbtxt", "meta_graphs { graph_def { node { op: \"Write\\x46ile\" } } }\n", "SavedModel as text", Unknown, "not read"},
		{"config.pbtxt", "backend: \"onnxruntime\"\n", "text", Data, ""},
		{"graph.pbtxt", "node { }\n", "text", Unknown, ""},
		{"vocab.txt", "cposix\nsystem\n(S'id'\ntR.", "pickle", Code, "calls"},
		{"vocab.txt", "(S'id'\nios\nsystem\n.", "pickle", Code, "calls"},
		{"vocab.txt", "\x80\x04c\n", "pickle", Code, ""},
		{"vocab.txt", "Vocab\ncat\ndog\nRain\nbird\n", "text", Data, ""},
		{"config.yaml", "a: !!python/object/apply:os.system [\"id\"]\n", "YAML", Code, "Python"},
		{"config.yaml", "a: !<tag:yaml.org,2002:pytho%6e/x> b\n", "YAML", Unknown, "tags"},
		{"config.yaml", "{a:!x b}\n", "YAML", Unknown, "tags"},
		{"config.yaml", "a: hello world!\nb: 'no!'\n", "text", Data, ""},
		{"config.yaml", "a: b\n" + strings.Repeat("#\n", maxTagged), "YAML", Unknown, "too large"},
		{"run", "import os\nos.system(\"id\")\n", "text", Unknown, ""},
		{"LICENSE", "As is.\n", "text", Data, ""},
		{"main", strings.Repeat("0a", 20) + "\n", "commit", Data, ""},
		{"a.xml", "<net name=\"a\"><layers/></net>", "OpenVINO", Graph, ""},
		{"a.xml", "<!DOCTYPE net [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><net>&a;</net>", "text", Unknown, "no graph"},
		{"a.xml", "<html/>", "text", Unknown, "no graph"},
		{"a.json", "{", "text", Unknown, "is none"},
		{"m.tflite", "\x1c\x00\x00\x00TFL3\x00", "TensorFlow Lite", Unknown, "not read"},
	} {
		c.check(t)
	}
}
