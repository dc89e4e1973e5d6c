package content

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Fields of ONNX's messages that are followed (onnx.proto3), by message.
var onnxFields = map[string]map[uint64]string{
	"model":     {7: "graph", 20: "training", 25: "function"},
	"training":  {1: "graph", 2: "graph"},
	"function":  {7: "node", 11: "attribute"},
	"graph":     {1: "node", 5: "tensor", 15: "sparse"},
	"node":      {5: "attribute"},
	"attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
	"sparse":    {1: "tensor", 2: "tensor"},
	"tensor":    {13: "entry"},
}

// onnxPlain are the other fields that these messages have, or had: one that ONNX does not know
// is skipped by its readers, and can be the head of another format.
var onnxPlain = map[string][]uint64{
	"model":     {1, 2, 3, 4, 5, 6, 8, 14, 26},
	"training":  {3, 4},
	"function":  {1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13, 14},
	"graph":     {2, 10, 11, 12, 13, 14, 16},
	"node":      {1, 2, 3, 4, 6, 7, 8, 9, 10},
	"attribute": {1, 2, 3, 4, 7, 8, 9, 13, 14, 15, 20, 21},
	"sparse":    {3},
	"tensor":    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16},
}

// Bounds of a walk through an ONNX file: fields of a large model are some 100,000.
const (
	maxFields = 2_000_000
	maxNested = 64
	maxEntry  = 8192 // bytes of a path and its key
)

// onnx is a graph, whose tensors may lie in other files: a path that leaves the model's
// directory has the server read another file.
func onnx(f file, _ Kind) Kind {
	w := &onnxWalk{file: f}
	if err := w.message("model", 0, f.size, 0); err != nil {
		return Kind{Format: "ONNX", Class: Unknown, Note: "it cannot be read: " + err.Error()}
	}
	switch {
	case !w.graph:
		return Kind{Format: "ONNX", Class: Unknown, Note: "it has no graph"}
	case w.escapes != "":
		return Kind{Format: "ONNX", Class: Code, Note: fmt.Sprintf("its tensors lie at %q, outside of the model", w.escapes)}
	case w.outside > 0:
		return Kind{Format: "ONNX", Class: Graph, Note: "with tensors in other files"}
	}
	return Kind{Format: "ONNX", Class: Graph}
}

type onnxWalk struct {
	file
	fields  int
	graph   bool
	outside int    // tensors in other files
	escapes string // the first path that leaves the directory
}

// message walks the fields of one message that lies from off to end.
func (w *onnxWalk) message(is string, off, end int64, depth int) error {
	if depth > maxNested {
		return errors.New("it is nested too deep")
	}
	for off < end {
		if w.fields++; w.fields > maxFields {
			return errors.New("it has too many fields")
		}
		tag, n, err := w.varint(off, end)
		if err != nil {
			return err
		}
		off += n
		if !known(is, tag) {
			return errors.New("it has a field that ONNX does not")
		}
		size := int64(0)
		switch tag & 7 {
		case 0:
			_, size, err = w.varint(off, end)
		case 1:
			size = 8
		case 5:
			size = 4
		case 2:
			var length uint64
			length, n, err = w.varint(off, end)
			if err == nil && length > uint64(end-off-n) {
				err = errors.New("it is cut short")
			}
			off, size = off+n, int64(length)
			if err == nil {
				err = w.field(is, tag>>3, off, off+size, depth)
			}
		default:
			err = errors.New("it is no protocol buffer")
		}
		if err == nil && size > end-off {
			err = errors.New("it is cut short")
		}
		if err != nil {
			return err
		}
		off += size
	}
	return nil
}

// known tells whether a message has such a field; those that are followed are messages.
func known(is string, tag uint64) bool {
	if _, followed := onnxFields[is][tag>>3]; followed {
		return tag&7 == 2
	}
	return slices.Contains(onnxPlain[is], tag>>3)
}

func (w *onnxWalk) field(is string, number uint64, off, end int64, depth int) error {
	next := onnxFields[is][number]
	w.graph = w.graph || next == "graph"
	switch next {
	case "":
		return nil
	case "entry":
		return w.entry(off, end)
	}
	return w.message(next, off, end, depth+1)
}

// entry is a key and a value of where a tensor lies.
func (w *onnxWalk) entry(off, end int64) error {
	if end-off > maxEntry {
		return errors.New("a path in it is too long")
	}
	b := make([]byte, end-off)
	if _, err := w.at.ReadAt(b, off); err != nil && err != io.EOF {
		return err
	}
	pair := map[uint64]string{}
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 || tag&7 != 2 {
			return errors.New("it is no protocol buffer")
		}
		b = b[n:]
		length, n := binary.Uvarint(b)
		if n <= 0 || length > uint64(len(b)-n) {
			return errors.New("it is cut short")
		}
		pair[tag>>3], b = string(b[n:n+int(length)]), b[n+int(length):]
	}
	if pair[1] != "location" {
		return nil
	}
	w.outside++
	at := strings.ReplaceAll(pair[2], `\`, "/")
	leaves := strings.HasPrefix(at, "/") || len(at) > 1 && at[1] == ':' || at == ".." || strings.HasPrefix(at, "../") || strings.Contains(at, "/../") || strings.HasSuffix(at, "/..")
	if leaves && w.escapes == "" {
		w.escapes = pair[2]
	}
	return nil
}

// varint reads a number and how many bytes it takes.
func (w *onnxWalk) varint(off, end int64) (uint64, int64, error) {
	var b [binary.MaxVarintLen64]byte
	n := min(int64(len(b)), end-off)
	if _, err := w.at.ReadAt(b[:n], off); err != nil && err != io.EOF {
		return 0, 0, err
	}
	v, used := binary.Uvarint(b[:n])
	if used <= 0 {
		return 0, 0, errors.New("it is no protocol buffer")
	}
	return v, int64(used), nil
}
