package content

import (
	"bytes"
	"encoding/binary"
)

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

// whole is data where all of it reads as its format, and unknown where check says why not.
func whole(format string, check func(file) (note string, err error)) func(file) Kind {
	return func(f file) Kind {
		note, err := check(f)
		if err != nil {
			return Kind{Format: format, Class: Unknown, Note: err.Error()}
		}
		return Kind{Format: format, Class: Data, Note: note}
	}
}

// magics are the formats that their first bytes tell, in the order they are asked.
var magics = []magic{
	{begins("GGUF"), whole("GGUF", gguf)},
	{isSafetensors, whole("safetensors", safetensors)},
	{begins("\x93NUMPY"), numpy},
	{begins("PK\x03\x04"), archive},
	{begins("PK\x05\x06"), whole("empty zip", emptyZip)},
	{begins(hdf5Magic), hdf5},
	{isPickle, always("pickle", Code)},
	{begins("\x7fELF"), object},
	{begins("MZ"), always("Windows program", Code)},
	{begins("\xca\xfe\xba\xbe"), always("Java or Mach-O program", Code)},
	{begins("\xcf\xfa\xed\xfe"), always("Mach-O program", Code)},
	{begins("#!"), always("script", Code)},
	{func(h []byte) bool { return len(h) > 8 && string(h[4:8]) == "TFL3" }, func(file) Kind {
		return Kind{Format: "TensorFlow Lite", Class: Unknown, Note: "its operations are not read"}
	}},
	{begins("\x1f\x8b"), always("gzip", Unknown)},
	{func(h []byte) bool { return len(h) > 261 && string(h[257:262]) == "ustar" }, always("tar", Unknown)},
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
