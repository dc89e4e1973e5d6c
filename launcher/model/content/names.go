package content

import (
	"path"
	"slices"
	"strings"
)

// reader is what a loader takes a file for by its name.
type reader struct {
	what    string   // for a note
	formats []string // those of its content that agree with that
	read    func(f file, is Kind) Kind
}

// judge tells what a reader does with a file that is no code by its content alone.
func (r reader) judge(f file, is Kind) Kind {
	switch {
	case r.read != nil:
		return r.read(f, is)
	case slices.Contains(r.formats, is.Format), is.Class == Unknown && r.what == "":
		return is
	}
	is.Class = Unknown
	if r.what == "" {
		is.Note = "its name does not tell what reads it"
	} else {
		is.Note = "a loader takes it for " + r.what + " by its name"
	}
	return is
}

func reads(what string, formats ...string) reader { return reader{what: what, formats: formats} }

func by(read func(f file, is Kind) Kind) reader { return reader{read: read} }

// named is code whatever is in it.
func named(format string) reader {
	return by(func(file, Kind) Kind { return Kind{Format: format, Class: Code} })
}

// source is a program in a language that its name tells.
var source = by(func(f file, _ Kind) Kind {
	return Kind{Format: strings.TrimPrefix(f.ext, ".") + " source", Class: Code}
})

// plain is text that its readers take as it stands.
var plain = by(func(f file, is Kind) Kind {
	if is.Format == "text" {
		is.Class = Data
		return is
	}
	return reads("text").judge(f, is)
})

// installed are lists of packages that some servers install before they load a model.
var installed = by(func(f file, is Kind) Kind {
	if is.Format == "text" {
		return Kind{Format: "text", Class: Unknown, Note: "a list of packages, which some servers install"}
	}
	return plain.judge(f, is)
})

// Pickles and programs by their names. Protocols 0 and 1 of pickle have no first bytes, joblib
// compresses, and loaders take more than one format.
var (
	pickleByName  = named("pickle by its name")
	programByName = named("program by its name")
)

// readers are what loaders take files for by the endings of their names.
var readers = map[string]reader{
	".pkl": pickleByName, ".pickle": pickleByName, ".joblib": pickleByName, ".dill": pickleByName,
	".pt": pickleByName, ".pth": pickleByName, ".ckpt": pickleByName, ".pt2": pickleByName, ".cloudpickle": pickleByName,
	".so": programByName, ".dylib": programByName, ".dll": programByName, ".exe": programByName, ".jar": programByName, ".war": programByName,
	".class": programByName, ".pyc": programByName, ".pyd": programByName, ".whl": programByName, ".egg": programByName, ".mar": programByName,
	".py": source, ".pyx": source, ".sh": source, ".lua": source, ".js": source, ".pl": source, ".rb": source, ".r": source, ".jl": source,
	".ipynb":       named("notebook"),
	".safetensors": reads("safetensors", "safetensors"),
	".gguf":        reads("GGUF", "GGUF"),
	".npy":         reads("arrays of NumPy", "npy", "npz"),
	".npz":         reads("arrays of NumPy", "npy", "npz", "empty zip"),
	".onnx":        by(onnx),
	".json":        by(settings), ".yaml": by(yaml), ".yml": by(yaml), ".xml": by(openVINO),
	".txt": plain, ".md": plain, ".toml": plain, ".csv": plain, ".tsv": plain, ".jinja": plain, ".vocab": plain, ".merges": plain, ".tiktoken": plain,
}

// wholes are names that tell more than their endings.
var wholes = map[string]reader{
	"saved_model.pb": by(savedModel), "saved_model.pbtxt": by(savedModel), "config.pbtxt": plain,
	"modules.json":     by(modules),
	"model_index.json": by(pipeline),
	"requirements.txt": installed, "conda.yaml": installed, "conda.yml": installed, "environment.yml": installed, "python_env.yaml": installed,
	"readme": plain, "license": plain, "licence": plain, "notice": plain, "copying": plain, ".gitattributes": plain, ".gitignore": plain,
	"training_args.bin": pickleByName, "optimizer.bin": pickleByName, "scheduler.bin": pickleByName,
}

// torch are how the names of weights begin that PyTorch reads, where they end in .bin.
var torch = []string{"pytorch_model", "adapter_model", "diffusion_pytorch_model"}

// NameTells is what of a file's name tells what reads it: "" nothing. Names of which it is the
// same are judged the same.
func NameTells(name string) string {
	base := strings.ToLower(path.Base(name))
	if _, ok := wholes[base]; ok {
		return base
	}
	ext := path.Ext(base)
	if ext == ".bin" && slices.ContainsFunc(torch, func(p string) bool { return strings.HasPrefix(base, p) }) {
		return torch[0] + ext
	}
	if _, ok := readers[ext]; ok {
		return ext
	}
	return ""
}

// readerOf tells what reads a file.
func readerOf(name string) reader {
	tells := NameTells(name)
	if r, ok := wholes[tells]; ok {
		return r
	}
	if r, ok := readers[tells]; ok {
		return r
	}
	if tells != "" {
		return pickleByName
	}
	return by(nameless)
}

// nameless is what no loader is known to take for anything by its name: all of it is unknown,
// but the commit that the cache of Hugging Face keeps under the name of a branch.
func nameless(f file, is Kind) Kind {
	text := strings.TrimSuffix(string(f.head), "\n")
	if len(text) == 40 && f.size <= 41 && strings.Trim(text, "0123456789abcdef") == "" {
		return Kind{Format: "commit", Class: Data}
	}
	return reader{}.judge(f, is)
}
