// Package content tells what a file of a model is by what is in it, and whether loading it
// runs code of whoever made it. It is a list of what is known to be harmless: what it does not
// know is unknown, whatever it is called.
package content

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"
)

// Class is what loading a file does.
type Class string

// The classes, from the one that says least.
const (
	Unknown Class = "unknown" // nobody here can tell
	Data    Class = "data"    // numbers, words and settings
	Graph   Class = "graph"   // operations that the server has, and nothing else
	Code    Class = "code"    // whatever its maker wrote
)

// Kind is what a file is.
type Kind struct {
	Format string
	Class  Class
	Note   string // what else is to be said of this one; "" nothing
}

// headSize is how much of a file is looked at to tell its format.
const headSize = 4096

// Of tells what a file is; name is its path in the model.
func Of(name string, f io.ReaderAt, size int64) (Kind, error) {
	head := make([]byte, min(size, headSize))
	if n, err := f.ReadAt(head, 0); err != nil && !(err == io.EOF && n == len(head)) {
		return Kind{}, fmt.Errorf("reading %q: %w", name, err)
	}
	ext := strings.ToLower(path.Ext(name))
	for _, m := range magics {
		if m.is(head) {
			return m.kind(file{ext, head, f, size}), nil
		}
	}
	return byText(path.Base(name), ext, file{ext, head, f, size}), nil
}

// file is one that is looked at.
type file struct {
	ext  string // in lower case
	head []byte
	at   io.ReaderAt
	size int64
}

// magic is a format that its first bytes tell.
type magic struct {
	is   func(head []byte) bool
	kind func(f file) Kind
}

func begins(with string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(with)) }
}

func always(format string, class Class) func(file) Kind {
	return func(file) Kind { return Kind{Format: format, Class: class} }
}

// magics are the formats that their first bytes tell, in the order they are asked.
var magics = []magic{
	{begins("GGUF"), gguf},
	{isSafetensors, always("safetensors", Data)},
	{begins("\x93NUMPY"), numpy},
	{begins("PK\x03\x04"), archive},
	{begins("PK\x05\x06"), always("empty zip", Data)},
	{begins("\x89HDF\r\n\x1a\n"), hdf5},
	{isPickle, always("pickle", Code)},
	{begins("\x7fELF"), object},
	{begins("MZ"), always("Windows program", Code)},
	{begins("\xca\xfe\xba\xbe"), always("Java or Mach-O program", Code)},
	{begins("\xcf\xfa\xed\xfe"), always("Mach-O program", Code)},
	{begins("#!"), always("script", Code)},
	{func(h []byte) bool { return len(h) > 8 && string(h[4:8]) == "TFL3" }, always("TensorFlow Lite", Graph)},
	{begins("\x1f\x8b"), always("gzip", Unknown)},
	{func(h []byte) bool { return len(h) > 261 && string(h[257:262]) == "ustar" }, always("tar", Unknown)},
}

// gguf has its byte order told, which the file does not record.
func gguf(f file) Kind {
	k := Kind{Format: "GGUF", Class: Data, Note: "little-endian"}
	if len(f.head) < 8 {
		return Kind{Format: "GGUF", Class: Unknown, Note: "cut short"}
	}
	if binary.LittleEndian.Uint32(f.head[4:])&0xffff == 0 {
		k.Note = "big-endian"
	}
	return k
}

// isSafetensors knows the length of a header and the JSON that follows
// (https://github.com/huggingface/safetensors, Format); 100 MB bound it there too.
func isSafetensors(head []byte) bool {
	if len(head) < 10 {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n >= 2 && n <= 100_000_000 && head[8] == '{' && (head[9] == '"' || head[9] == '}' || head[9] == ' ')
}

// isPickle knows protocols 2 to 5 by the opcode that begins them (pickletools.py).
func isPickle(head []byte) bool {
	return len(head) > 1 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5
}

// numpy is an array of numbers, or of objects, which are a pickle.
func numpy(f file) Kind {
	header := f.head[:min(len(f.head), 1024)]
	if i := bytes.Index(header, []byte("'descr':")); i < 0 || bytes.ContainsRune(header[i:i+min(len(header)-i, 80)], 'O') || bytes.Contains(header, []byte("|O")) {
		return Kind{Format: "npy", Class: Code, Note: "an array of objects, which is a pickle"}
	}
	return Kind{Format: "npy", Class: Data}
}

// byText tells what has no first bytes of its own, by what it is called and reads like.
func byText(base, ext string, f file) Kind {
	switch {
	case f.size == 0:
		return Kind{Format: "empty", Class: Data}
	case ext == ".onnx":
		return onnx(f)
	case base == "saved_model.pb":
		return savedModel(f)
	case !isText(f.head, f.size):
		if named := pickleNamed(ext); named != nil {
			return *named
		}
		return Kind{Format: "unknown", Class: Unknown}
	}
	switch ext {
	case ".py", ".pyx", ".sh", ".lua", ".js":
		return Kind{Format: strings.TrimPrefix(ext, ".") + " source", Class: Code}
	case ".ipynb":
		return Kind{Format: "notebook", Class: Code}
	case ".json":
		return settings(f)
	case ".xml":
		return Kind{Format: "XML", Class: Graph}
	case ".txt", ".md", ".yaml", ".yml", ".toml", ".csv", ".tsv", ".pbtxt", ".jinja", ".vocab", ".merges", "":
		return Kind{Format: "text", Class: Data}
	}
	if named := pickleNamed(ext); named != nil {
		return *named
	}
	return Kind{Format: "text", Class: Unknown}
}

// pickleNamed are files that loaders take for a pickle by their name, whatever begins them:
// protocols 0 and 1 have no first bytes of their own, and joblib compresses.
func pickleNamed(ext string) *Kind {
	switch ext {
	case ".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".ckpt":
		return &Kind{Format: "pickle by its name", Class: Code}
	}
	return nil
}

// isText tells whether the beginning reads as UTF-8 without control characters.
func isText(head []byte, size int64) bool {
	if int64(len(head)) < size { // a rune may be cut
		for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
			head = head[:len(head)-1]
		}
	}
	return utf8.Valid(head) && !bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' })
}

// settings are JSON; those of Hugging Face may name Python files that a loader runs where it
// is told to trust them.
func settings(f file) Kind {
	if found, whole := contains(f, `"auto_map"`); found {
		return Kind{Format: "JSON", Class: Data, Note: "names Python code to be run (auto_map), where the server trusts remote code"}
	} else if !whole {
		return Kind{Format: "JSON", Class: Data, Note: "not looked at whole"}
	}
	return Kind{Format: "JSON", Class: Data}
}
