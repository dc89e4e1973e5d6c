package model_test

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/model"
)

func gguf(order binary.AppendByteOrder, version uint32) string {
	return string(order.AppendUint64(order.AppendUint32([]byte("GGUF"), version), 7))
}

func TestLayouts(t *testing.T) {
	little, big := gguf(binary.LittleEndian, 3), gguf(binary.BigEndian, 3)
	for _, c := range []struct {
		name   string
		layout model.Layout
		arch   string
		files  map[string]string
		refuse string   // "" accepts
		models []string // expected when accepted
	}{
		{"repository", model.Triton, "", map[string]string{"a/config.pbtxt": "", "a/1/model.onnx": "", "b/1/": "", "b/2/": "", ".git/": ""}, "", []string{"a", "b"}},
		{"empty", model.Triton, "", nil, "no model directory", nil},
		{"the model itself", model.Triton, "", map[string]string{"config.pbtxt": "", "1/m": ""}, "directory above", nil},
		{"a model's versions", model.Triton, "", map[string]string{"1/m": ""}, "directory above", nil},
		{"neither", model.Triton, "", map[string]string{"a/config.pbtxt": "", "a/1/m": "", "b/m": ""}, `"b" has neither`, nil},
		{"no models at all", model.Triton, "", map[string]string{"a/m": "", "b/m": ""}, "none of its 2", nil},
		{"version 0 is ignored", model.Triton, "", map[string]string{"a/01/m": ""}, "neither", nil},

		{"versions", model.TFServing, "", map[string]string{"1/saved_model.pb": "", "12/saved_model.pb": "", "assets/x": ""}, "", []string{"1", "12"}},
		{"the version itself", model.TFServing, "", map[string]string{"saved_model.pb": ""}, "directory above", nil},
		{"several models", model.TFServing, "", map[string]string{"m/1/saved_model.pb": ""}, "models/m", nil},
		{"unnumbered", model.TFServing, "", map[string]string{"m/saved_model.pb": ""}, "not a version number", nil},
		{"empty version", model.TFServing, "", map[string]string{"1/x": ""}, "no saved_model.pb", nil},
		{"nothing", model.TFServing, "", map[string]string{"x": ""}, "no version directory", nil},

		{"gguf", model.GGUF, "amd64", map[string]string{"a.gguf": little, "README": ""}, "", nil},
		{"gguf on z", model.GGUF, "s390x", map[string]string{"a.gguf": little}, "gguf-convert-endian", nil},
		{"big gguf on z", model.GGUF, "s390x", map[string]string{"a.gguf": big}, "", nil},
		{"big gguf on amd64", model.GGUF, "amd64", map[string]string{"a.gguf": big}, "copy.gguf little", nil},
		{"two ggufs", model.GGUF, "amd64", map[string]string{"a.gguf": little, "b.gguf": little}, "several models", nil},
		{"split gguf", model.GGUF, "amd64", map[string]string{"a-00001-of-00002.gguf": little, "a-00002-of-00002.gguf": little}, "", nil},
		{"not gguf", model.GGUF, "amd64", map[string]string{"a.gguf": "<html>"}, "not a GGUF", nil},
		{"short gguf", model.GGUF, "amd64", map[string]string{"a.gguf": "GGUF"}, "cut short", nil},
		{"gguf of the future", model.GGUF, "amd64", map[string]string{"a.gguf": gguf(binary.LittleEndian, 9)}, "version 9", nil},
		{"no gguf", model.GGUF, "amd64", map[string]string{"a": ""}, "no .gguf", nil},

		{"onnx", model.ONNX, "", map[string]string{"x/m.ONNX": ""}, "", nil},
		{"no onnx", model.ONNX, "", map[string]string{"m.pb": ""}, "no .onnx", nil},
		{"openvino", model.OpenVINO, "", map[string]string{"m/1/a.xml": "", "m/1/a.bin": ""}, "", nil},
		{"hugging face", model.HF, "", map[string]string{"config.json": "", "a.safetensors": ""}, "", nil},
		{"no config", model.HF, "", map[string]string{"x/config.json": "", "a.safetensors": ""}, "find ", nil},
		{"no weights", model.HF, "", map[string]string{"config.json": ""}, "weights", nil},
		{"mlserver", model.MLServer, "", map[string]string{"a/model-settings.json": "", "a/m.joblib": ""}, "", nil},
		{"one model of mlserver", model.MLServer, "", map[string]string{"model-settings.json": ""}, "", nil},
		{"mlserver by version", model.MLServer, "", map[string]string{"a/v1/model-settings.json": ""}, "", nil},
		{"no settings", model.MLServer, "", map[string]string{"a/m.joblib": ""}, "no model-settings.json", nil},
		{"any", model.Any, "", nil, "", nil},
		{"unknown", "x", "", nil, "not known", nil},
	} {
		t.Run(string(c.layout)+"/"+c.name, func(t *testing.T) {
			tree := treeAt(plant(t, c.files))
			tree.Layout, tree.Arch = c.layout, c.arch
			res, problems := model.Check(context.Background(), tree)
			control := ""
			if c.refuse != "" {
				control = "ZL-934"
			}
			fatal(t, problems, control, c.refuse)
			if c.refuse == "" && !reflect.DeepEqual(res.Models, c.models) {
				t.Errorf("models %q, want %q", res.Models, c.models)
			}
		})
	}
}

// A link inside the tree counts as what it leads to.
func TestHuggingFaceCache(t *testing.T) {
	root := plant(t, map[string]string{"blobs/1": "", "blobs/2": "", "snapshots/r/": ""})
	must(t, os.Symlink("../../blobs/1", root+"/snapshots/r/config.json"))
	must(t, os.Symlink("../../blobs/2", root+"/snapshots/r/m.safetensors"))
	tree := treeAt(root)
	_, problems := model.Check(context.Background(), tree)
	fatal(t, problems, "", "")
	tree.Path = root + "/snapshots/r"
	_, problems = model.Check(context.Background(), tree)
	fatal(t, problems, "ZL-933", "Hugging Face")
}

func TestOneFile(t *testing.T) {
	root := plant(t, map[string]string{"a.gguf": gguf(binary.LittleEndian, 2)})
	tree := treeAt(root + "/a.gguf")
	tree.Layout = model.GGUF
	res, problems := model.Check(context.Background(), tree)
	fatal(t, problems, "", "")
	if res.Dir || res.Files != 1 || res.File != "" {
		t.Errorf("got %+v", res)
	}
	tree.Layout = model.Triton
	_, problems = model.Check(context.Background(), tree)
	fatal(t, problems, "ZL-934", "a file, not a directory")
}

func TestCode(t *testing.T) {
	root := plant(t, map[string]string{
		"a.PKL": "", "w.bin": "\x80\x04x", "ov.bin": "\x00\x01", "net.pt": "PK", "model.py": "", "arm.so": "\x7fELF\x02\x01" + strings.Repeat("\x00", 12) + "\xb7\x00",
		"z.so": "\x7fELF\x02\x02" + strings.Repeat("\x00", 12) + "\x00\x16",
	})
	tree := treeAt(root)
	tree.Arch = "s390x"
	res, problems := model.Check(context.Background(), tree)
	fatal(t, problems, "", "")
	if !reflect.DeepEqual(res.Code, []string{"pickle", "program"}) || len(problems) != 3 {
		t.Fatalf("got %v %+v", res.Code, problems)
	}
	for i, want := range []string{`"a.PKL", "net.pt", "w.bin" in`, `"arm.so", "model.py", "z.so" in`, `"arm.so" in`} {
		if !strings.HasPrefix(problems[i].Message, want) {
			t.Errorf("%s, want %s", problems[i].Message, want)
		}
	}
}

// A model that was compiled for the accelerator of IBM Z is named where the machine lacks it, and
// one in another byte order wherever it is.
func TestObjects(t *testing.T) {
	lacks, swapped := "compiled for the accelerator NNPA, which this machine does not have", "in the byte order of other machines"
	for _, c := range []struct {
		file, nnpa, want string
	}{
		{"nnpa.so", model.NNPANo, lacks}, {"nnpa.so", model.NNPAUnknown, "this kernel does not tell"},
		{"nnpa.so", "yes", ""}, {"nnpa.so", "n/a", ""}, {"nnpa.so", "", ""},
		{"cpu.so", model.NNPANo, ""}, {"little.so", "yes", swapped}, {"little.so", model.NNPANo, swapped},
	} {
		text, err := os.ReadFile(filepath.Join("content", "testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		tree := treeAt(plant(t, map[string]string{"model.so": string(text)}))
		tree.Arch, tree.NNPA = "s390x", c.nnpa
		_, problems := model.Check(context.Background(), tree)
		var got []string
		for _, p := range problems {
			if !strings.Contains(p.Message, "a program that the server runs") {
				got = append(got, p.Message)
			}
		}
		if said := strings.Join(got, "; "); c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%s where NNPA is %q: %q, want %q", c.file, c.nnpa, said, c.want)
		}
	}
}

func FuzzGGUF(f *testing.F) {
	f.Add([]byte(gguf(binary.LittleEndian, 3)))
	f.Add([]byte(gguf(binary.BigEndian, 1)))
	f.Add([]byte("GGUF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		big, err := model.GGUFBigEndian(b)
		if err == nil && big == (b[4] != 0) {
			t.Errorf("%x: big %v", b[:8], big)
		}
	})
}

// Code under another name is found by what is in it, beside any number of files whose names
// tell it; code that its name tells is told once.
func TestDisguised(t *testing.T) {
	root := plant(t, map[string]string{"a.pkl": "\x80\x04", "b.pkl": "\x80\x04", "c.pkl": "\x80\x04", "weights.safetensors": "\x80\x04", "lib.bin": "\x7fELF", "w.bin": "\x80\x04", "x.so": "\x7fELF"})
	res, problems := model.Check(context.Background(), treeAt(root))
	var said []string
	for _, p := range problems {
		if strings.Contains(p.Message, "by its content") {
			said = append(said, p.Message)
		}
	}
	got := strings.Join(said, "\n")
	if len(said) != 2 || !strings.Contains(got, `"weights.safetensors" in`) || !strings.Contains(got, `"lib.bin" in`) {
		t.Errorf("%s", got)
	}
	if !reflect.DeepEqual(res.Code, []string{"ELF", "pickle", "program"}) {
		t.Errorf("%q", res.Code)
	}
}
