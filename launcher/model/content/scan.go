package content

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
)

// maxScan bounds how much of a file is searched for words, in bytes.
const maxScan = 64 << 20

// contains tells whether any of the words is in the first [maxScan] bytes, and whether these
// are the whole file.
func contains(f file, words ...string) (found, whole bool) {
	const chunk, overlap = 256 << 10, 64
	buf := make([]byte, 0, chunk+overlap)
	for off := int64(0); off < min(f.size, maxScan); off += chunk {
		kept := buf[max(0, len(buf)-overlap):]
		buf = append(buf[:0], kept...)
		n, err := f.at.ReadAt(buf[len(buf):min(len(buf)+chunk, cap(buf))], off)
		buf = buf[:len(buf)+n]
		for _, w := range words {
			if bytes.Contains(buf, []byte(w)) {
				return true, true
			}
		}
		if err != nil && err != io.EOF {
			return false, false
		}
	}
	return false, f.size <= maxScan
}

// lambdas are how Keras writes a layer that is Python bytecode, in HDF5 and in its zip.
var lambdas = []string{`"class_name": "Lambda"`, `"class_name":"Lambda"`}

// hdf5 is what Keras wrote before its own format; other programs write it, too.
func hdf5(f file) Kind {
	switch found, whole := contains(f, lambdas...); {
	case found:
		return Kind{Format: "HDF5", Class: Code, Note: "a Keras model with a Lambda layer, which is Python bytecode"}
	case !whole:
		return Kind{Format: "HDF5", Class: Unknown, Note: "too large to be looked at whole: it may have a Lambda layer, which is Python bytecode"}
	}
	return Kind{Format: "HDF5", Class: Graph}
}

// savedModel is a graph of TensorFlow; some of its operations reach files and Python.
func savedModel(f file) Kind {
	switch found, whole := contains(f, "PyFunc", "ReadFile", "WriteFile", "PrintV2"); {
	case found:
		return Kind{Format: "SavedModel", Class: Code, Note: "it has operations that reach files or Python"}
	case !whole:
		return Kind{Format: "SavedModel", Class: Unknown, Note: "too large to be looked at whole"}
	}
	return Kind{Format: "SavedModel", Class: Graph}
}

// maxMembers bounds the members of a zip that are looked at.
const maxMembers = 100_000

// archive is a zip, told by its members.
func archive(f file) Kind {
	z, err := zip.NewReader(f.at, f.size)
	if err != nil || len(z.File) > maxMembers {
		return Kind{Format: "zip", Class: Unknown, Note: "it cannot be read"}
	}
	has := func(match func(name string) bool) bool {
		return slices.ContainsFunc(z.File, func(m *zip.File) bool { return match(m.Name) })
	}
	ends := func(suffixes ...string) func(string) bool {
		return func(name string) bool {
			return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(strings.ToLower(name), s) })
		}
	}
	switch {
	case has(ends(".class")) || has(func(n string) bool { return n == "META-INF/MANIFEST.MF" }):
		return Kind{Format: "Java archive", Class: Code}
	case has(ends(".py")) && has(ends(".pkl")):
		return Kind{Format: "TorchScript", Class: Code, Note: "a pickle and code"}
	case has(ends(".pkl", ".pickle")):
		return Kind{Format: "PyTorch zip", Class: Code, Note: "a pickle"}
	case has(ends(".py", ".pyc", ".so", ".sh")):
		return Kind{Format: "zip", Class: Code, Note: "it has programs"}
	case has(func(n string) bool { return n == "config.json" }) && has(ends(".weights.h5")):
		return keras(z)
	case len(z.File) > 0 && !has(func(n string) bool { return path.Ext(n) != ".npy" }):
		return arrays(z)
	}
	return Kind{Format: "zip", Class: Unknown}
}

// keras is the format of Keras 3, whose settings name its layers.
func keras(z *zip.Reader) Kind {
	for _, m := range z.File {
		if m.Name != "config.json" {
			continue
		}
		text, err := member(m, maxScan)
		if err != nil || len(text) == maxScan {
			return Kind{Format: "Keras", Class: Unknown, Note: "its settings cannot be read"}
		}
		for _, w := range lambdas {
			if bytes.Contains(text, []byte(w)) {
				return Kind{Format: "Keras", Class: Code, Note: "a Lambda layer, which is Python bytecode"}
			}
		}
	}
	return Kind{Format: "Keras", Class: Graph}
}

// arrays are those of NumPy in one zip.
func arrays(z *zip.Reader) Kind {
	for _, m := range z.File {
		head, err := member(m, 1024)
		if err != nil || !bytes.HasPrefix(head, []byte("\x93NUMPY")) {
			return Kind{Format: "npz", Class: Unknown, Note: "a member is no array"}
		}
		if k := numpy(file{head: head}); k.Class != Data {
			return Kind{Format: "npz", Class: k.Class, Note: k.Note}
		}
	}
	return Kind{Format: "npz", Class: Data}
}

// member reads the beginning of a member.
func member(m *zip.File, most int64) ([]byte, error) {
	r, err := m.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, most))
}
