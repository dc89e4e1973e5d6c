package content

import (
	"bytes"
	"io"
)

// Bounds of what is searched for words or parsed, in bytes.
const (
	maxScan     = 8 << 20  // of a format that is not parsed: a word found there tells, none does not
	maxSettings = 64 << 20 // of JSON: a large tokenizer is some 35 MB
	maxTagged   = 1 << 20  // of YAML
)

// contains tells whether any of the words is in the first [maxScan] bytes.
func contains(f file, words ...string) bool {
	const chunk, overlap = 256 << 10, 64
	buf := make([]byte, 0, chunk+overlap)
	for off := int64(0); off < min(f.size, maxScan); off += chunk {
		kept := buf[max(0, len(buf)-overlap):]
		buf = append(buf[:0], kept...)
		n, err := f.at.ReadAt(buf[len(buf):min(len(buf)+chunk, cap(buf))], off)
		buf = buf[:len(buf)+n]
		for _, w := range words {
			if bytes.Contains(buf, []byte(w)) {
				return true
			}
		}
		if err != nil {
			return false
		}
	}
	return false
}

// all reads a file that is not larger than most; ok is false where it is, or cannot be read.
func (f file) all(most int64) (text []byte, ok bool) {
	if f.size > most {
		return nil, false
	}
	text = make([]byte, f.size)
	n, err := f.at.ReadAt(text, 0)
	return text, n == len(text) && (err == nil || err == io.EOF)
}

// hdf5Magic begins an HDF5 file, at its start or behind a block of the user's.
const hdf5Magic = "\x89HDF\r\n\x1a\n"

// hdf5 is what Keras wrote before its own format; other programs write it, too. It is not
// parsed: a Lambda layer can be written there in more ways than a search knows, and its
// datasets may lie in other files.
func hdf5(f file) Kind {
	if contains(f, `"Lambda"`, `\u004cambda`, `\u004Cambda`, "TFSMLayer", "TorchModuleWrapper") {
		return Kind{Format: "HDF5", Class: Code, Note: lambdaNote}
	}
	return Kind{Format: "HDF5", Class: Unknown, Note: "a Keras model in it may have a Lambda layer, which is Python bytecode"}
}

// savedModel is a graph of TensorFlow. Every one that TensorFlow writes has operations that
// reach files, to save and restore it, so that no list of harmless ones would hold.
func savedModel(f file, _ Kind) Kind {
	format := "SavedModel"
	if f.ext == ".pbtxt" {
		format = "SavedModel as text"
	}
	if contains(f, "PyFunc", "ReadFile", "WriteFile", "PrintV2", "ImmutableConst", "TextLineDataset", "MatchingFiles", "FixedLengthRecordDataset") {
		return Kind{Format: format, Class: Code, Note: "it has operations that reach files or Python"}
	}
	return Kind{Format: format, Class: Unknown, Note: "its operations are not read"}
}
