package model

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Layout is how a framework expects its models to be laid out.
type Layout string

// The layouts a profile may ask for.
const (
	Any       Layout = "any"
	Triton    Layout = "triton"    // a model repository: MODEL/config.pbtxt, MODEL/VERSION/…
	TFServing Layout = "tfserving" // one model: VERSION/saved_model.pb
	GGUF      Layout = "gguf"      // one GGUF file, or a directory with one
	ONNX      Layout = "onnx"      // at least one .onnx file
	OpenVINO  Layout = "openvino"  // an .xml with its .bin, or an .onnx file
	HF        Layout = "hf"        // config.json and .safetensors, as on Hugging Face
	MLServer  Layout = "mlserver"  // a model-settings.json for each model
)

// Layouts lists the layouts. Treat it as a constant.
var Layouts = []Layout{Any, Triton, TFServing, GGUF, ONNX, OpenVINO, HF, MLServer}

// layoutControl is the control that layout problems belong to: the format of
// what is loaded.
var layoutControl = audit.ModelRunsNoCode.ID

func (res *Result) layout(t Tree, w *walk) []audit.Problem {
	if t.Layout == Any || t.Layout == "" {
		return nil
	}
	if t.Layout == GGUF {
		return res.gguf(t, w)
	}
	if !res.Dir {
		if t.Layout == ONNX && extension(res.Path) == ".onnx" {
			return nil
		}
		return []audit.Problem{wrong(res, "a file, not a directory", "point --models at the directory that holds it")}
	}
	root, err := os.OpenRoot(res.Path)
	if err != nil {
		return []audit.Problem{wrong(res, cause(err).Error(), "ls -la "+Quote(res.Path))}
	}
	defer root.Close()
	switch t.Layout {
	case Triton:
		return res.triton(root.FS())
	case TFServing:
		return res.tfserving(root.FS())
	case ONNX:
		return res.needs(w, "no .onnx file in it", ".onnx")
	case OpenVINO:
		return res.needs(w, "no .xml or .onnx file in it", ".xml", ".onnx")
	case HF:
		return res.huggingFace(root.FS(), w)
	case MLServer:
		return res.mlserver(root.FS())
	}
	return []audit.Problem{wrong(res, fmt.Sprintf("the layout %q is not known", t.Layout), "use one of: "+layoutNames())}
}

func layoutNames() string {
	names := make([]string, len(Layouts))
	for i, l := range Layouts {
		names[i] = string(l)
	}
	return strings.Join(names, ", ")
}

func wrong(res *Result, what, hint string) audit.Problem {
	return audit.Problem{Control: layoutControl, Message: fmt.Sprintf("the models %q do not have the layout %s: %s", res.Path, res.Layout, what), Hint: hint, Fatal: true}
}

func (res *Result) needs(w *walk, what string, exts ...string) []audit.Problem {
	for _, ext := range exts {
		if s := w.whole.formats[ext]; s != nil {
			return nil
		}
	}
	return []audit.Problem{wrong(res, what, "point --models at the directory with the model files")}
}

// huggingFace wants a model directory as transformers and vLLM load it.
func (res *Result) huggingFace(fsys fs.FS, w *walk) []audit.Problem {
	if !isFile(fsys, "config.json") {
		hint := "point --models at the directory with config.json: find " + Quote(res.Path) + " -name config.json"
		return []audit.Problem{wrong(res, "no config.json in it", hint)}
	}
	if w.whole.formats[".safetensors"] != nil || matches(fsys, "*.safetensors") {
		return nil
	}
	if w.whole.formats[".bin"] != nil || matches(fsys, "*.bin") {
		return nil // pickled weights: loadable, and reported as code
	}
	return []audit.Problem{wrong(res, "config.json without .safetensors weights", "download the weights too: hf download MODEL --local-dir "+Quote(res.Path))}
}

// mlserver wants the settings of at least one model, in the tree or up to two
// directories down.
func (res *Result) mlserver(fsys fs.FS) []audit.Problem {
	for _, pattern := range []string{"", "*/", "*/*/"} {
		if matches(fsys, pattern+"model-settings.json") {
			return nil
		}
	}
	return []audit.Problem{wrong(res, "no model-settings.json in it", "lay it out as MODEL/model-settings.json with the model's file beside it, and give --models the directory above")}
}

func matches(fsys fs.FS, pattern string) bool {
	found, _ := fs.Glob(fsys, pattern)
	return len(found) > 0
}

func isFile(fsys fs.FS, name string) bool {
	st, err := fs.Stat(fsys, name)
	return err == nil && st.Mode().IsRegular()
}

// directories lists the directories in dir, links to directories of the tree
// included, hidden ones not. Sorted.
func directories(fsys fs.FS, dir string) []string {
	var out []string
	entries, _ := fs.ReadDir(fsys, dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "lost+found" || e.Type().IsRegular() {
			continue
		}
		st, err := fs.Stat(fsys, join(strings.TrimPrefix(dir, "."), e.Name()))
		if err == nil && st.IsDir() {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out
}

// versions lists the version directories in dir: decimal numbers.
func versions(fsys fs.FS, dir string) []string {
	return slices.DeleteFunc(directories(fsys, dir), func(name string) bool {
		return strings.Trim(name, "0123456789") != ""
	})
}
