package model

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/model/content"
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
	return append(out, objects(res, t, w)...)
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

// objects warns of shared objects that this run's machine cannot load: for another
// architecture, in another byte order, or for an accelerator that it lacks. onnx-mlir compiles
// a model to one.
func objects(res *Result, t Tree, w *walk) (out []audit.Problem) {
	files := w.whole.formats[".so"]
	if t.Arch == "" || files == nil {
		return nil
	}
	var foreign, swapped, nnpa sample
	for _, path := range files.paths {
		o, ok := objectAt(res, path)
		switch {
		case !ok:
		case o.Swapped:
			swapped.add(path, shown)
		case o.Arch != t.Arch:
			foreign.add(path, shown)
		case o.NNPA && (t.NNPA == NNPANo || t.NNPA == NNPAUnknown):
			nnpa.add(path, shown)
		}
	}
	say := func(of *sample, what, hint string) {
		if of.count > 0 {
			out = append(out, audit.Problem{Control: layoutControl, Message: fmt.Sprintf("%s in %q: %s", entries(of), res.Path, what), Hint: hint})
		}
	}
	again := "compile the model for " + t.Arch + ": zlaunch run zdlc"
	say(&foreign, "compiled for another architecture than "+t.Arch, again)
	say(&swapped, "in the byte order of other machines than its own: nothing loads it", again)
	what := "compiled for the accelerator NNPA, which this machine does not have (facility 165), and there is nothing that it falls back to"
	if t.NNPA == NNPAUnknown {
		what = "compiled for the accelerator NNPA, and this kernel does not tell whether the machine has it (facility 165); there is nothing that it falls back to"
	}
	say(&nnpa, what, "compile the model without --maccel=NNPA: zlaunch run zdlc")
	return out
}

// objectAt reads an ELF file of the tree; ok is false where it is none or cannot be read.
func objectAt(res *Result, path string) (content.Object, bool) {
	f, err := openAt(res, path)
	if err != nil {
		return content.Object{}, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return content.Object{}, false
	}
	return content.ObjectOf(f, info.Size())
}

// head returns the first bytes of a file of the tree, nil when it cannot be read.
func head(res *Result, path string) []byte {
	f, err := openAt(res, path)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, 64)
	n, _ := io.ReadFull(f, b)
	return b[:n]
}

// openAt opens a file of the tree through its root, so that no link leads out, and never
// waits.
func openAt(res *Result, path string) (*os.File, error) {
	at, name := res.Path, path
	if !res.Dir {
		at, name = filepath.Split(res.Path)
	}
	root, err := os.OpenRoot(at)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
}
