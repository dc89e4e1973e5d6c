package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// gguf wants one GGUF file, in the byte order of the image's architecture.
func (res *Result) gguf(t Tree, w *walk) []audit.Problem {
	file, problem := res.ggufFile(w)
	if problem != nil {
		return []audit.Problem{*problem}
	}
	if res.Dir {
		res.File = file
	}
	big, err := GGUFBigEndian(head(res, file))
	if err != nil {
		return []audit.Problem{wrong(res, fmt.Sprintf("%q %v", file, err), "download the model again; it should be a .gguf file of GGUF version 1 to 3")}
	}
	if t.Arch == "" || big == (t.Arch == "s390x") {
		return nil
	}
	is, order := "little-endian", "big"
	if big {
		is, order = "big-endian", "little"
	}
	return []audit.Problem{wrong(res, fmt.Sprintf("%q is %s, which llama.cpp does not read on %s", file, is, t.Arch),
		fmt.Sprintf("pip install gguf, then convert a copy in place: cp %[1]s copy.gguf && gguf-convert-endian copy.gguf %[2]s",
			Quote(inTree(res, file)), order))}
}

// split is the name of one part of a model in several files.
var split = lazyregexp.New(`-(\d{5})-of-(\d{5})\.gguf$`)

// ggufFile picks the file to serve: the only one, or the first of a split model.
func (res *Result) ggufFile(w *walk) (string, *audit.Problem) {
	if !res.Dir {
		return filepath.Base(res.Path), nil
	}
	s := w.whole.formats[".gguf"]
	if s == nil {
		p := wrong(res, "no .gguf file in it", "give the file itself: --models MODEL.gguf")
		return "", &p
	}
	rest := slices.DeleteFunc(slices.Clone(s.paths), func(path string) bool {
		m := split().FindStringSubmatch(path)
		return m != nil && m[1] != "00001"
	})
	if len(rest) != 1 {
		p := wrong(res, entries(s)+" are several models", "name one: --models "+Quote(join(res.Path, s.paths[0])))
		return "", &p
	}
	return rest[0], nil
}

// GGUFBigEndian reads the header of a GGUF file and tells its byte order. The
// format does not record it; the version does: a number from 1 to 3 whose
// bytes are swapped has its low half zero.
func GGUFBigEndian(b []byte) (big bool, err error) {
	if !bytes.HasPrefix(b, []byte("GGUF")) {
		return false, errors.New("is not a GGUF file")
	}
	if len(b) < 8 {
		return false, errors.New("is cut short")
	}
	version := binary.LittleEndian.Uint32(b[4:])
	if version&0xffff == 0 {
		version, big = binary.BigEndian.Uint32(b[4:]), true
	}
	if version < 1 || version > 3 {
		return false, fmt.Errorf("has the GGUF version %d, which is not known", version)
	}
	return big, nil
}
