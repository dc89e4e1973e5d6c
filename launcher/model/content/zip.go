package content

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

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
		return arrays(f, z)
	}
	return Kind{Format: "zip", Class: Unknown}
}

// arrays are those of NumPy in one zip.
func arrays(f file, z *zip.Reader) Kind {
	unknown := func(why string) Kind { return Kind{Format: "npz", Class: Unknown, Note: why} }
	seen := map[string]bool{}
	for _, m := range z.File {
		head, err := member(m, maxNpyHeader+12)
		if err != nil || !bytes.HasPrefix(head, []byte("\x93NUMPY")) {
			return unknown("a member is no array")
		}
		if k := numpy(file{head: head, at: bytes.NewReader(head), size: int64(min(m.UncompressedSize64, 1<<62))}); k.Class != Data {
			return Kind{Format: "npz", Class: k.Class, Note: k.Note}
		}
		if seen[m.Name] {
			return unknown("a member stands there twice")
		}
		seen[m.Name] = true
	}
	if err := tiled(f, z); err != nil {
		return unknown(err.Error())
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

// emptyZip is the end of a zip alone.
func emptyZip(f file) (string, error) {
	if f.size != 22 || !zeros(f, 4, 18) {
		return "", errors.New("more stands in it")
	}
	return "", nil
}

// Lengths of a zip's records before what is of no fixed length (APPNOTE.TXT, 4.3).
const (
	localSize, centralSize, endSize, end64Size, locatorSize = 30, 46, 22, 56, 20
)

// tiled wants a zip that reads the same from its front as from its end: its members, in the
// order of where they lie, its directory and its end fill the file, and nothing else is there.
func tiled(f file, z *zip.Reader) error {
	disagrees := errors.New("it reads otherwise from its front than from its end")
	begin, at := make(map[*zip.File]int64, len(z.File)), int64(0)
	for _, m := range z.File {
		off, err := m.DataOffset()
		if err != nil || m.CompressedSize64 > uint64(f.size) {
			return disagrees
		}
		begin[m] = off
	}
	files := slices.SortedStableFunc(slices.Values(z.File), func(a, b *zip.File) int { return cmp.Compare(begin[a], begin[b]) })
	for _, m := range files {
		head := f.record(at, localSize)
		if head == nil || string(head[:4]) != "PK\x03\x04" {
			return disagrees
		}
		name := int64(binary.LittleEndian.Uint16(head[26:]))
		extra := int64(binary.LittleEndian.Uint16(head[28:]))
		if string(f.record(at+localSize, name)) != m.Name || at+localSize+name+extra != begin[m] {
			return disagrees
		}
		at = begin[m] + int64(m.CompressedSize64)
		at += f.descriptor(at, m)
	}
	for range files {
		head := f.record(at, centralSize)
		if head == nil || string(head[:4]) != "PK\x01\x02" {
			return disagrees
		}
		at += centralSize
		for _, field := range []int{28, 30, 32} {
			at += int64(binary.LittleEndian.Uint16(head[field:]))
		}
	}
	if head := f.record(at, 4); string(head) == "PK\x06\x06" {
		at += end64Size + locatorSize
	}
	if head := f.record(at, endSize); head == nil || string(head[:4]) != "PK\x05\x06" || at+endSize != f.size {
		return disagrees
	}
	return nil
}

// descriptor is how long the record behind a member is that was written without knowing its size.
func (f file) descriptor(at int64, m *zip.File) int64 {
	if m.Flags&8 == 0 {
		return 0
	}
	size := int64(12)
	if string(f.record(at, 4)) == "PK\x07\x08" {
		size += 4
	}
	if m.CompressedSize64 >= 1<<32 || m.UncompressedSize64 >= 1<<32 {
		size += 8
	}
	return size
}

// record reads so many bytes; nil where they are not there.
func (f file) record(at, n int64) []byte {
	if at < 0 || n > f.size || at > f.size-n {
		return nil
	}
	b := make([]byte, n)
	if read, _ := f.at.ReadAt(b, at); read < len(b) {
		return nil
	}
	return b
}
