package content

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// field is one of a protocol buffer: bytes, or a number.
func field(number uint64, value any) []byte {
	if n, ok := value.(int); ok {
		return binary.AppendUvarint(binary.AppendUvarint(nil, number<<3), uint64(n))
	}
	var b []byte
	switch v := value.(type) {
	case string:
		b = []byte(v)
	case []byte:
		b = v
	}
	return append(binary.AppendUvarint(binary.AppendUvarint(nil, number<<3|2), uint64(len(b))), b...)
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// onnxAt is a model whose one tensor lies in another file, in a graph so many nodes deep.
func onnxAt(location string, deep int) string {
	tensor := joined(field(8, "w"), field(13, joined(field(1, "location"), field(2, location))))
	graph := joined(field(2, "g"), field(5, tensor))
	for range deep {
		graph = field(1, field(5, field(6, graph)))
	}
	return string(joined(field(1, 8), field(7, graph), field(8, field(2, 17))))
}

func zipped(members ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err == nil {
			_, err = w.Write([]byte(members[i+1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func safetensorsFile() string {
	const header = `{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + "\x00\x00\x80\x3f"
}

var (
	numbers = npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "1234")
	objects = npyOf("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "1234")
)

const (
	elf64 = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00"
	elfZ  = "\x7fELF\x02\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x16"
	hdf   = "\x89HDF\r\n\x1a\n"
)

// What a file is, its content says; what it is called, where content cannot.
func TestOf(t *testing.T) {
	for _, c := range []struct {
		name, text, format string
		class              Class
		note               string
	}{
		{"m.safetensors", safetensorsFile(), "safetensors", Data, ""},
		{"m.pkl", safetensorsFile(), "pickle by its name", Code, ""},
		{"m.safetensors", "\x80\x04\x95", "pickle", Code, ""},
		{"m.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{\"", "unknown", Unknown, "takes it for safetensors"},
		{"m.gguf", "GGUF\x03\x00\x00\x00", "GGUF", Unknown, "cut short"},
		{"m.gguf", "GGUF", "GGUF", Unknown, "cut short"},
		{"a.npy", numbers, "npy", Data, ""},
		{"a.npy", objects, "npy", Code, "array of objects"},
		{"a.npy", "\x93NUMPY", "npy", Unknown, "cannot be read"},
		{"a.npz", zipped("x.npy", numbers), "npz", Data, ""},
		{"a.npz", zipped("x.npy", numbers, "y.npy", objects), "npz", Code, "array of objects"},
		{"a.npz", zipped("x.npy", "\x80\x04"), "npz", Unknown, "no array"},
		{"m.pt", zipped("m/data.pkl", "\x80\x02"), "PyTorch zip", Code, "pickle"},
		{"m.safetensors", zipped("m/data.pkl", "\x80\x02"), "PyTorch zip", Code, "pickle"},
		{"m.pt", zipped("m/data.pkl", "", "m/code/x.py", ""), "TorchScript", Code, "pickle and code"},
		{"m.zip", zipped("META-INF/MANIFEST.MF", ""), "Java archive", Code, ""},
		{"m.zip", zipped("run.sh", ""), "zip", Code, "programs"},
		{"m.zip", zipped("readme", ""), "zip", Unknown, ""},
		{"m.zip", "PK\x03\x04", "zip", Unknown, "cannot be read"},
		{"m.keras", zipped("config.json", `{"class_name": "Dense"}`, "model.weights.h5", ""), "Keras", Unknown, "not read"},
		{"m.keras", zipped("config.json", `{"class_name": "Lambda"}`, "model.weights.h5", ""), "Keras", Code, "Lambda"},
		{"m.h5", hdf + "x", "HDF5", Unknown, "may have a Lambda layer"},
		{"m.h5", hdf + strings.Repeat("x", 256<<10-12) + `{"class_name": "Lambda"}`, "HDF5", Code, "Lambda"},
		{"m.so", elf64, "ELF", Code, "amd64"},
		{"weights.bin", elfZ, "ELF", Code, "s390x"},
		{"run", "#!/bin/sh\n", "script", Code, ""},
		{"model.py", "import os\n", "py source", Code, ""},
		{"saved_model.pb", "\x08\x01\x12\x04Relu", "SavedModel", Unknown, "not read"},
		{"saved_model.pb", "\x08\x01\x12\x08ReadFile", "SavedModel", Code, "files or Python"},
		{"m.onnx", onnxAt("weights.bin", 0), "ONNX", Graph, "in other files"},
		{"m.onnx", onnxAt("sub/weights.bin", 0), "ONNX", Graph, "in other files"},
		{"m.onnx", onnxAt("../secret", 0), "ONNX", Code, `"../secret"`},
		{"m.onnx", onnxAt("sub/../../secret", 3), "ONNX", Code, "outside of the model"},
		{"m.onnx", onnxAt("/etc/passwd", 1), "ONNX", Code, "outside of the model"},
		{"m.onnx", onnxAt(`..\secret`, 0), "ONNX", Code, "outside of the model"},
		{"m.onnx", onnxAt("w", 100), "ONNX", Unknown, "nested"},
		{"m.onnx", onnxAt(strings.Repeat("w", 9000), 0), "ONNX", Unknown, "too long"},
		{"m.onnx", string(joined(field(1, 8), field(7, field(2, "g")))), "ONNX", Graph, ""},
		{"m.onnx", string(field(1, 8)), "ONNX", Unknown, "no graph"},
		{"m.onnx", onnxAt("w", 0)[:20], "ONNX", Unknown, "cut short"},
		{"m.onnx", "not a model", "ONNX", Unknown, "cannot be read"},
		{"config.json", `{"a":1}`, "JSON", Data, ""},
		{"config.json", `{"auto_map":{"AutoModel":"m.Model"}}`, "JSON", Data, "auto_map"},
		{"vocab.txt", "a\nb\nä\n", "text", Data, ""},
		{"m.tflite", "\x1c\x00\x00\x00TFL3\x00", "TensorFlow Lite", Unknown, "not read"},
		{"m.pt", "(lp0\n.", "pickle by its name", Code, ""},
		{"m.joblib", "x\x9c\x00", "pickle by its name", Code, ""},
		{"m.bin", "\x00\x01\x02", "unknown", Unknown, ""},
		{"what.ever", "plain", "text", Unknown, ""},
		{"empty", "", "empty", Data, ""},
	} {
		k, err := Of(c.name, strings.NewReader(c.text), int64(len(c.text)))
		if err != nil || k.Format != c.format || k.Class != c.class || !strings.Contains(k.Note, c.note) || c.note == "" && k.Note != "" {
			t.Errorf("%s %.20q: %+v, %v, want %s %s %q", c.name, c.text, k, err, c.format, c.class, c.note)
		}
	}
}

// A text in the middle of which a rune is cut at the head's end is text still.
func TestLongText(t *testing.T) {
	text := strings.Repeat("ä", headSize)
	if k, _ := Of("x.txt", strings.NewReader("a"+text), int64(1+len(text))); k.Class != Data {
		t.Errorf("%+v", k)
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range []string{safetensorsFile(), objects, onnxAt("../x", 2), zipped("m/data.pkl", "x"), zipped("config.json", "{}", "model.weights.h5", ""), hdf, elf64, "GGUF\x03\x00\x00\x00"} {
		f.Add("m.onnx", []byte(s))
		f.Add("saved_model.pb", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if k, err := Of(name, bytes.NewReader(data), int64(len(data))); err != nil || k.Format == "" || k.Class == "" {
			t.Errorf("%+v, %v", k, err)
		}
	})
}
