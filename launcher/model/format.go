package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Formats that run code when they are loaded, by extension. A .bin counts only
// when it begins like a pickle: OpenVINO's weights have that name too.
var (
	pickles  = []string{".bin", ".ckpt", ".dill", ".joblib", ".pickle", ".pkl", ".pt", ".pth"}
	programs = []string{".jar", ".py", ".so"}
	data     = []string{".gguf", ".onnx", ".safetensors", ".xml"}
)

// extension returns the ending of name, in lower case, where it is one that the
// package knows; else "".
func extension(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || len(name)-i > len(".safetensors") {
		return ""
	}
	ext := strings.ToLower(name[i:])
	for _, known := range [][]string{data, pickles, programs} {
		if slices.Contains(known, ext) {
			return ext
		}
	}
	return ""
}

// code warns of formats that run code (ZL-934).
func code(res *Result, t Tree, w *walk) []audit.Problem {
	var pickled, program sample
	for _, ext := range pickles {
		merge(&pickled, w.whole.formats[ext], func(path string) bool { return ext != ".bin" || isPickle(head(res, path)) })
	}
	for _, ext := range programs {
		merge(&program, w.whole.formats[ext], func(string) bool { return true })
	}
	var out []audit.Problem
	if pickled.count > 0 {
		res.Code = append(res.Code, "pickle")
		out = append(out, audit.Problem{Control: audit.ModelRunsNoCode.ID, Message: fmt.Sprintf("%s in %q: a pickle format, which runs code of its maker when it is loaded", entries(&pickled), res.Path), Hint: "convert it to safetensors or ONNX, or take it only from people you trust", Fatal: false})
	}
	if program.count > 0 {
		res.Code = append(res.Code, "program")
		out = append(out, audit.Problem{Control: audit.ModelRunsNoCode.ID, Message: fmt.Sprintf("%s in %q: a program that the server runs", entries(&program), res.Path), Hint: "read it, and keep the tree writable by you alone", Fatal: false})
	}
	out = append(out, res.disguised(w)...)
	slices.Sort(res.Code)
	res.Code = slices.Compact(res.Code)
	return append(out, foreignMachine(res, t, w)...)
}

func merge(into, s *sample, want func(path string) bool) {
	if s == nil {
		return
	}
	into.count += s.count
	for _, path := range s.paths {
		if want(path) {
			into.keep(path, shown)
		} else {
			into.count--
		}
	}
}

// isPickle knows pickle protocols 2 to 5 and the zip container of torch.save.
func isPickle(b []byte) bool {
	return len(b) > 1 && b[0] == 0x80 && b[1] >= 2 && b[1] <= 5 || bytes.HasPrefix(b, []byte("PK\x03\x04"))
}

// machines are ELF machine numbers (elf.h) by Go's architecture.
var machines = map[string]uint16{"amd64": 62, "arm64": 183, "ppc64le": 21, "s390x": 22}

// foreignMachine warns of shared objects for another architecture: onnx-mlir
// compiles a model to one.
func foreignMachine(res *Result, t Tree, w *walk) []audit.Problem {
	want, known := machines[t.Arch]
	objects := w.whole.formats[".so"]
	if !known || objects == nil {
		return nil
	}
	var found sample
	for _, path := range objects.paths {
		if got := elfMachine(head(res, path)); got != 0 && got != want {
			found.add(path, shown)
		}
	}
	if found.count == 0 {
		return nil
	}
	return []audit.Problem{{Control: layoutControl, Message: fmt.Sprintf("%s in %q: compiled for another architecture than %s", entries(&found), res.Path, t.Arch), Hint: "compile the model for " + t.Arch + ": zlaunch run zdlc", Fatal: false}}
}

// elfMachine returns e_machine of an ELF header, 0 when b is none.
func elfMachine(b []byte) uint16 {
	if len(b) < 20 || !bytes.HasPrefix(b, []byte("\x7fELF")) {
		return 0
	}
	if b[5] == 2 { // ELFDATA2MSB
		return binary.BigEndian.Uint16(b[18:])
	}
	return binary.LittleEndian.Uint16(b[18:])
}

// head returns the first bytes of a file of the tree, nil when it cannot be read.
// It opens through the root, so that no link leads out, and never waits.
func head(res *Result, path string) []byte {
	at, name := res.Path, path
	if !res.Dir {
		at, name = filepath.Split(res.Path)
	}
	root, err := os.OpenRoot(at)
	if err != nil {
		return nil
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, 64)
	n, _ := io.ReadFull(f, b)
	return b[:n]
}
