package content

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"strings"
)

// Object is what an ELF file says of itself: a program or, compiled by onnx-mlir, a model.
type Object struct {
	Machine elf.Machine
	Arch    string // in Go's words; "" it is none that is known here
	// Swapped tells that its numbers are in a byte order that programs of Arch do not have: no
	// loader there takes it.
	Swapped bool
	Model   bool // onnx-mlir compiled it
	// NNPA tells that it calls the accelerator of IBM Z, which it needs then: what onnx-mlir
	// compiles with --maccel=NNPA has nothing to fall back to.
	NNPA bool
	// Unnamed tells that its symbols could not be read, so that Model and NNPA are not known.
	Unnamed bool
}

// machines are the architectures by their numbers (elf.h), with the byte order of their programs.
var machines = map[elf.Machine]struct {
	arch  string
	order elf.Data
}{
	elf.EM_PPC64: {"ppc64le", elf.ELFDATA2LSB}, elf.EM_S390: {"s390x", elf.ELFDATA2MSB},
	elf.EM_X86_64: {"amd64", elf.ELFDATA2LSB}, elf.EM_AARCH64: {"arm64", elf.ELFDATA2LSB},
}

// Symbols of what onnx-mlir compiles: its entry points, what starts the accelerator, and IBM's
// library for it, zDNN (github.com/onnx/onnx-mlir, include/onnx-mlir/Runtime and
// src/Accelerators/NNPA; github.com/IBM/zDNN).
var (
	modelSymbols = []string{"omQueryEntryPoints", "run_main_graph"}
	nnpaSymbols  = []string{"OMInitAccelNNPA", "OMInitCompatibleAccelNNPA"}
	nnpaPrefix   = "zdnn_"
)

// Bounds of an ELF file's tables. A model.so has some 40 sections and a hundred names.
const (
	maxSections = 4096
	maxNames    = 16 << 20 // bytes
)

// ObjectOf reads an ELF file; ok is false where it is none. Whatever its tables say, at most
// some 16 MiB of it are read. debug/elf's own reader is not asked: it copies a name as often
// as a table names it, however long that is.
func ObjectOf(f io.ReaderAt, size int64) (out Object, ok bool) {
	head := make([]byte, min(size, 64))
	if n, _ := f.ReadAt(head, 0); n < 20 || !bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		return Object{}, false
	}
	data := elf.Data(head[elf.EI_DATA])
	order := orderOf(data)
	out.Machine = elf.Machine(order.Uint16(head[18:]))
	if elf.Class(head[elf.EI_CLASS]) != elf.ELFCLASS64 {
		return out, true // of 32 or 31 bits: for none of the machines that are known here
	}
	if m, known := machines[out.Machine]; known {
		out.Arch, out.Swapped = m.arch, data != m.order
	} else if m, known = machines[elf.Machine(out.Machine<<8|out.Machine>>8)]; known {
		out.Arch, out.Swapped = m.arch, true // the field itself is in the other order than it says
	}
	names, whole := symbols(f, size, head, order)
	out.Unnamed = !whole
	for name := range strings.SplitSeq(string(names), "\x00") {
		out.Model = out.Model || is(name, modelSymbols)
		out.NNPA = out.NNPA || is(name, nnpaSymbols) || strings.HasPrefix(name, nnpaPrefix)
	}
	return out, true
}

func is(name string, list []string) bool {
	for _, other := range list {
		if name == other {
			return true
		}
	}
	return false
}

func orderOf(d elf.Data) binary.ByteOrder {
	if d == elf.ELFDATA2MSB {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// symbols are the names that a 64-bit file takes from others and gives to them, each behind a
// zero byte; whole is false where they cannot be read, or not all.
func symbols(f io.ReaderAt, size int64, head []byte, order binary.ByteOrder) (names []byte, whole bool) {
	var h elf.Header64
	if len(head) < binary.Size(h) {
		return nil, false
	}
	if err := binary.Read(bytes.NewReader(head), order, &h); err != nil {
		return nil, false
	}
	var one elf.Section64
	width := int64(binary.Size(one))
	if h.Shnum == 0 || h.Shnum > maxSections || int64(h.Shentsize) != width {
		return nil, false
	}
	table, ok := part(f, size, h.Shoff, uint64(h.Shnum)*uint64(width))
	if !ok {
		return nil, false
	}
	sections := make([]elf.Section64, h.Shnum)
	if err := binary.Read(bytes.NewReader(table), order, sections); err != nil {
		return nil, false
	}
	for _, s := range sections {
		if elf.SectionType(s.Type) != elf.SHT_DYNSYM || s.Link >= uint32(len(sections)) {
			continue
		}
		text := sections[s.Link]
		if names, ok = part(f, size, text.Off, text.Size); ok {
			return names, true
		}
		return nil, false
	}
	return nil, false
}

// part reads bytes of a file; ok is false where they are not there, or too many.
func part(f io.ReaderAt, size int64, off, length uint64) (text []byte, ok bool) {
	if length > maxNames || off > uint64(size) || length > uint64(size)-off {
		return nil, false
	}
	text = make([]byte, length)
	n, err := f.ReadAt(text, int64(off))
	return text, n == len(text) && (err == nil || err == io.EOF)
}

// object is a program of this host's kind; onnx-mlir and zDLC compile models to such.
func object(f file) Kind {
	k := Kind{Format: "ELF", Class: Code}
	o, ok := ObjectOf(f.at, f.size)
	if !ok {
		return k
	}
	notes := []string{o.Arch}
	switch {
	case o.Model && o.NNPA:
		notes = append(notes, "a model compiled by onnx-mlir for NNPA: it runs on no machine without that accelerator")
	case o.Model:
		notes = append(notes, "a model compiled by onnx-mlir")
	case o.NNPA:
		notes = append(notes, "it calls the accelerator NNPA")
	}
	if o.Swapped {
		notes = append(notes, "in the byte order of other machines")
	}
	if o.Unnamed {
		notes = append(notes, "its symbols cannot be read")
	}
	k.Note = strings.TrimPrefix(strings.Join(notes, ", "), ", ")
	return k
}
