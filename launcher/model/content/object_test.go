package content

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/golden"
)

var update = flag.Bool("update", false, "write the files of testdata")

// drawnObject is a shared object with names of symbols and nothing else.
func drawnObject(machine elf.Machine, data elf.Data, names ...string) string {
	order := orderOf(data)
	text := "\x00" + strings.Join(names, "\x00") + "\x00"
	h := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(machine), Version: 1, Ehsize: 64, Shentsize: 64, Shnum: 3, Shoff: uint64(64 + len(text))}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(data), 1
	var b bytes.Buffer
	for _, part := range []any{h, []byte(text), []elf.Section64{{}, {Type: uint32(elf.SHT_DYNSYM), Link: 2}, {Type: uint32(elf.SHT_STRTAB), Off: 64, Size: uint64(len(text))}}} {
		if err := binary.Write(&b, order, part); err != nil {
			panic(err)
		}
	}
	return b.String()
}

func TestObject(t *testing.T) {
	const big, little = elf.ELFDATA2MSB, elf.ELFDATA2LSB
	swapped := []byte(drawnObject(elf.EM_S390, big))
	swapped[elf.EI_DATA] = byte(little) // the field alone
	for name, c := range map[string]struct {
		text string
		want Object
	}{
		"NNPA":             {drawnObject(elf.EM_S390, big, "omQueryEntryPoints", "run_main_graph", "OMInitCompatibleAccelNNPA", "zdnn_matmul_op"), Object{Arch: "s390x", Model: true, NNPA: true}},
		"zDNN alone":       {drawnObject(elf.EM_S390, big, "zdnn_init"), Object{Arch: "s390x", NNPA: true}},
		"for the CPU":      {drawnObject(elf.EM_S390, big, "omQueryEntryPoints"), Object{Arch: "s390x", Model: true}},
		"a word like it":   {drawnObject(elf.EM_S390, big, "my_zdnn_x", "OMInitAccelNNPAs"), Object{Arch: "s390x"}},
		"amd64":            {drawnObject(elf.EM_X86_64, little, "run_main_graph"), Object{Arch: "amd64", Model: true}},
		"little-endian Z":  {drawnObject(elf.EM_S390, little, "omQueryEntryPoints"), Object{Arch: "s390x", Model: true, Swapped: true}},
		"a lie of order":   {string(swapped), Object{Arch: "s390x", Swapped: true, Unnamed: true}},
		"another machine":  {drawnObject(elf.EM_RISCV, little), Object{}},
		"without sections": {drawnObject(elf.EM_S390, big, "zdnn_init")[:64], Object{Arch: "s390x", Unnamed: true}},
	} {
		got, ok := ObjectOf(strings.NewReader(c.text), int64(len(c.text)))
		if got.Machine = 0; !ok || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, ok, c.want)
		}
	}
	for _, text := range []string{"", "\x7fELF", strings.Repeat("x", 64)} {
		if _, ok := ObjectOf(strings.NewReader(text), int64(len(text))); ok {
			t.Errorf("%q is taken for an object", text)
		}
	}
	k, err := Of("model.so", strings.NewReader(drawnObject(elf.EM_S390, big, "omQueryEntryPoints", "zdnn_init")), int64(len(drawnObject(elf.EM_S390, big, "omQueryEntryPoints", "zdnn_init"))))
	if err != nil || k.Class != Code || !strings.Contains(k.Note, "s390x, a model compiled by onnx-mlir for NNPA") {
		t.Errorf("%+v, %v", k, err)
	}
}

// The objects that package model's tests take are these.
func TestObjectFiles(t *testing.T) {
	for name, text := range map[string]string{
		"nnpa.so":   drawnObject(elf.EM_S390, elf.ELFDATA2MSB, "omQueryEntryPoints", "run_main_graph", "OMInitCompatibleAccelNNPA", "zdnn_matmul_op"),
		"cpu.so":    drawnObject(elf.EM_S390, elf.ELFDATA2MSB, "omQueryEntryPoints", "run_main_graph"),
		"little.so": drawnObject(elf.EM_S390, elf.ELFDATA2LSB, "omQueryEntryPoints"),
	} {
		golden.Check(t, *update, filepath.Join("testdata", name), text)
	}
}

// Tables that name what is not there, or too much, are not read; whatever is said, it ends.
func FuzzObject(f *testing.F) {
	f.Add([]byte(drawnObject(elf.EM_S390, elf.ELFDATA2MSB, "omQueryEntryPoints", "zdnn_init")))
	f.Add([]byte(drawnObject(elf.EM_X86_64, elf.ELFDATA2LSB, "x")))
	f.Add([]byte(elf64))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, ok := ObjectOf(bytes.NewReader(data), int64(len(data)))
		if ok != (len(data) >= 20 && bytes.HasPrefix(data, []byte(elf.ELFMAG))) {
			t.Errorf("%v, %+v", ok, o)
		}
		if (o.Model || o.NNPA) && o.Unnamed {
			t.Errorf("%+v", o)
		}
		if o.NNPA && !bytes.Contains(data, []byte(nnpaPrefix)) && !bytes.Contains(data, []byte("NNPA")) {
			t.Errorf("%+v of no such name", o)
		}
	})
}
