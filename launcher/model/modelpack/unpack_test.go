package modelpack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// archive is a tar of these; a file has a text of its own.
func archive(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		text := []byte(nil)
		if h.Typeflag == 0 || h.Typeflag == tar.TypeReg {
			text = []byte("text of " + h.Name)
			h.Size = int64(len(text))
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unpack(l Layer, data []byte, budget int64) (string, error) {
	var names Names
	var got []string
	err := l.Unpack(bytes.NewReader(data), &names, &Budget{budget}, func(e Entry) error {
		if e.Dir {
			got = append(got, e.Path+"/")
			return nil
		}
		text, err := io.ReadAll(e)
		got = append(got, fmt.Sprintf("%s=%s,%v", e.Path, text, e.Exec))
		return err
	})
	return strings.Join(got, " "), err
}

// An archive gives its files; what is hostile in it is refused before it is taken.
func TestUnpack(t *testing.T) {
	dir, file := tar.Header{Typeflag: tar.TypeDir, Name: "./a/"}, tar.Header{Name: "a/b", Mode: 0o755}
	for name, c := range map[string]struct {
		layer   Layer
		headers []tar.Header
		want    string
	}{
		"as it should":     {Layer{}, []tar.Header{{Typeflag: tar.TypeDir, Name: "./"}, dir, file, {Name: "./c", Mode: 0o644}}, "a/ a/b=text of a/b,true c=text of ./c,false"},
		"below":            {Layer{Path: "a"}, []tar.Header{dir, file}, "a/ a/b=text of a/b,true"},
		"not below":        {Layer{Path: "a"}, []tar.Header{dir, {Name: "ab"}}, `error: the path "ab" is not in "a"`},
		"out":              {Layer{}, []tar.Header{{Name: "../x"}}, `error: the path "../x": it is not plain`},
		"out again":        {Layer{}, []tar.Header{{Name: "a/../../x"}}, `is not plain`},
		"absolute":         {Layer{}, []tar.Header{{Name: "/etc/x"}}, `is not plain`},
		"symbolic link":    {Layer{}, []tar.Header{{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "/etc"}}, `neither a plain file nor`},
		"link":             {Layer{}, []tar.Header{file, {Typeflag: tar.TypeLink, Name: "l", Linkname: "a/b"}}, `neither a plain file nor`},
		"device":           {Layer{}, []tar.Header{{Typeflag: tar.TypeBlock, Name: "d"}}, `neither a plain file nor`},
		"pipe":             {Layer{}, []tar.Header{{Typeflag: tar.TypeFifo, Name: "d"}}, `neither a plain file nor`},
		"twice":            {Layer{}, []tar.Header{file, file}, `is there twice`},
		"case":             {Layer{}, []tar.Header{file, {Name: "A/c"}}, `one on some disks`},
		"below a file":     {Layer{}, []tar.Header{{Name: "a"}, file}, `a file and a directory`},
		"file for a dir":   {Layer{}, []tar.Header{dir, {Name: "a"}}, `a file and a directory`},
		"another content":  {Layer{Diff: sum}, []tar.Header{file}, `unpacked it is`},
		"escape in a name": {Layer{}, []tar.Header{{Name: "a\x1b[1m"}}, `U+001B`},
	} {
		tarred := archive(t, c.headers...)
		for form, data := range map[Form][]byte{Tar: tarred, Gzip: gzipped(t, tarred), Zstd: zstded(t, tarred)} {
			c.layer.Form = form
			got, err := unpack(c.layer, data, 1<<20)
			if err != nil {
				got = "error: " + err.Error()
			}
			if !strings.Contains(got, c.want) || err != nil && !strings.Contains("error: "+err.Error(), c.want) {
				t.Errorf("%s, %s: %s; want %q", name, form, got, c.want)
			}
		}
	}
}

// What is larger unpacked than allowed ends where the budget does; what follows an archive, or
// is cut off, is an error.
func TestUnpackBounds(t *testing.T) {
	tarred := archive(t, tar.Header{Name: "a"})
	zeros := gzipped(t, make([]byte, 8<<20))
	bomb := archive(t, tar.Header{Name: "z"})
	bomb = append(bomb[:len(bomb)-1024], make([]byte, 8<<20)...)
	for name, c := range map[string]struct {
		form Form
		data []byte
		want string
	}{
		"a bomb of zeros":    {Gzip, zeros, ErrBudget.Error()},
		"zeros behind it":    {Gzip, gzipped(t, bomb), ErrBudget.Error()},
		"zstd of zeros":      {Zstd, zstded(t, bomb), ErrBudget.Error()},
		"text behind it":     {Tar, append(bytes.Clone(tarred), "more"...), "more behind the end"},
		"cut off":            {Tar, tarred[:512+3], "unexpected EOF"},
		"cut off compressed": {Gzip, gzipped(t, tarred)[:40], "unexpected EOF"},
		"no gzip":            {Gzip, tarred, "invalid header"},
		"no zstd":            {Zstd, tarred, "magic number"},
		"no archive":         {Raw, tarred, "no archive"},
		"empty":              {Tar, nil, "it is empty"},
		"empty gzip":         {Gzip, gzipped(t, nil), "it is empty"},
		"empty zstd":         {Zstd, nil, "it is empty"},
	} {
		got, err := unpack(Layer{Form: c.form}, c.data, 1<<20)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
	_, err := unpack(Layer{Form: Tar}, sparseArchive(t), 1<<20)
	if err == nil || !strings.Contains(err.Error(), "neither a plain file") {
		t.Errorf("a file with holes: %v", err)
	}
}

// sparseArchive has one file of a terabyte, all of it a hole, as GNU tar writes one (PAX 0.1).
func sparseArchive(t testing.TB) []byte {
	records := ""
	for _, kv := range [][2]string{{"GNU.sparse.size", "1099511627776"}, {"GNU.sparse.numblocks", "1"}, {"GNU.sparse.map", "1099511627776,0"}, {"GNU.sparse.major", "0"}, {"GNU.sparse.minor", "1"}} {
		n := len(kv[0]) + len(kv[1]) + 3
		for n != len(fmt.Sprintf("%d %s=%s\n", n, kv[0], kv[1])) {
			n = len(fmt.Sprintf("%d %s=%s\n", n, kv[0], kv[1]))
		}
		records += fmt.Sprintf("%d %s=%s\n", n, kv[0], kv[1])
	}
	var out bytes.Buffer
	header := func(name string, kind byte, size int) {
		b := make([]byte, 512)
		copy(b, name)
		copy(b[100:], "0000644\x000000000\x000000000\x00"+fmt.Sprintf("%011o\x00", size)+"00000000000\x00        "+string(kind))
		copy(b[257:], "ustar\x0000")
		total := 0
		for _, c := range b {
			total += int(c)
		}
		copy(b[148:], fmt.Sprintf("%06o\x00 ", total))
		out.Write(b)
	}
	header("x", 'x', len(records))
	out.WriteString(records + strings.Repeat("\x00", (512-len(records)%512)%512))
	header("hole", '0', 0)
	out.Write(make([]byte, 1024))
	return out.Bytes()
}

func gzipped(t testing.TB, data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, data []byte) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What is unpacked of any bytes stays within the budget and in the tree.
func FuzzUnpack(f *testing.F) {
	tarred := archive(f, tar.Header{Typeflag: tar.TypeDir, Name: "a/"}, tar.Header{Name: "a/b"})
	f.Add(tarred, uint8(0))
	f.Add(gzipped(f, tarred), uint8(1))
	f.Add(zstded(f, tarred), uint8(2))
	f.Add(sparseArchive(f), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, form uint8) {
		const budget = 1 << 20
		var names Names
		total := int64(0)
		err := Layer{Form: []Form{Tar, Gzip, Zstd}[form%3]}.Unpack(bytes.NewReader(data), &names, &Budget{budget}, func(e Entry) error {
			if checkPath(e.Path) != nil {
				t.Errorf("the path %q", e.Path)
			}
			if e.Dir {
				return nil
			}
			n, err := io.Copy(io.Discard, e)
			total += n
			return err
		})
		if total > budget || err == nil && len(data) == 0 {
			t.Errorf("%d bytes, %v", total, err)
		}
	})
}
