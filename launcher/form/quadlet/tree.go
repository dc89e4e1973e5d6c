package quadlet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// What is read of one unit and of one directory: far above any real one, low
// enough that nothing read grows without bound.
const (
	maxFile    = 4 << 20  // bytes of one file
	maxBytes   = 32 << 20 // bytes of all files
	maxEntries = 10_000   // names in one directory
	perFile    = 512      // bytes that every file counts beside its own
	maxLinks   = 40       // symlinks behind one name, as the kernel allows
)

// tree reads files below a few directories. A symlink counts where all it leads
// through lies in one of them; nothing but a regular file is opened.
type tree struct {
	fsys   fs.FS
	dirs   []string       // in order of precedence
	ranks  map[string]int // of dirs: their places
	lists  map[string]map[string]fs.FileMode
	within map[string]part // units that stand in another file, by the path they would have
	index  map[string][]string
	hidden []error // why directories cannot be listed; see holding
	bytes  int
}

func newTree(fsys fs.FS, dirs []string) *tree {
	t := &tree{fsys: fsys, lists: map[string]map[string]fs.FileMode{}, ranks: map[string]int{}}
	for _, d := range dirs {
		d = clean(d)
		if _, has := t.ranks[d]; !has {
			t.ranks[d] = len(t.dirs)
			t.dirs = append(t.dirs, d)
		}
	}
	return t
}

// clean gives a path the form that a file system takes.
func clean(name string) string {
	if name = strings.TrimPrefix(path.Clean("/"+name), "/"); name == "" {
		return "."
	}
	return name
}

// list returns the entries of a directory by name with their types; none where
// there is no such directory.
func (t *tree) list(dir string) (map[string]fs.FileMode, error) {
	if got, ok := t.lists[dir]; ok {
		return got, nil
	}
	out, err := t.entries(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", shown("/"+dir), cause(err))
	}
	for name := range t.within {
		if path.Dir(name) == dir {
			out[path.Base(name)] = 0
		}
	}
	t.lists[dir] = out
	return out, nil
}

func (t *tree) entries(dir string) (map[string]fs.FileMode, error) {
	info, err := fs.Stat(t.fsys, dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errors.New("it is no directory")
	}
	f, err := t.fsys.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, errors.New("it cannot be listed")
	}
	entries, err := d.ReadDir(maxEntries + 1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(entries) > maxEntries {
		return nil, fmt.Errorf("it holds more than %d names", maxEntries)
	}
	out := make(map[string]fs.FileMode, len(entries))
	for _, e := range entries {
		out[e.Name()] = e.Type()
	}
	return out, nil
}

// names lists the entries of a directory that end in suffix, sorted.
func (t *tree) names(dir, suffix string) ([]string, error) {
	entries, err := t.list(dir)
	var out []string
	for n := range entries {
		if strings.HasSuffix(n, suffix) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, err
}

// read returns the text of a file that [tree.list] showed.
func (t *tree) read(name string) (string, error) {
	if p, is := t.within[name]; is {
		return p.text, nil
	}
	if err := t.regular(name); err != nil {
		return "", fmt.Errorf("reading %s: %w", shown("/"+name), err)
	}
	return t.open(name)
}

// open reads a file whose type is known to be harmless.
func (t *tree) open(name string) (string, error) {
	text, err := t.bytesOf(name)
	if err == nil {
		err = plain(text)
	}
	if err != nil {
		return "", hint.Wrap(fmt.Errorf("reading %s: %w", shown("/"+name), cause(err)), hint.Of(err))
	}
	return string(text), nil
}

func (t *tree) bytesOf(name string) ([]byte, error) {
	info, err := fs.Stat(t.fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is %s and no regular file", kindOf(info.Mode()))
	}
	f, err := t.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("it is larger than %d MiB", maxFile>>20)
	}
	if t.bytes += len(text) + perFile; t.bytes > maxBytes {
		return nil, fmt.Errorf("with it, all units are larger than %d MiB", maxBytes>>20)
	}
	return text, nil
}

// plain tells what makes a file no text, and where.
func plain(text []byte) error {
	for at := 1; len(text) > 0; at++ {
		row := text
		if i := slices.Index(text, '\n'); i >= 0 {
			row, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		if slices.Contains(row, 0) {
			return fmt.Errorf("line %d holds a NUL byte", at)
		}
		if !utf8.Valid(row) {
			return hint.Errorf("units are UTF-8 text", "line %d is not UTF-8", at)
		}
	}
	return nil
}

// cause is an error without the path it repeats.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// shown is a file's name for an error: quoted where it holds more than letters.
func shown(name string) string {
	if q := fmt.Sprintf("%q", name); q != `"`+name+`"` {
		return q
	}
	return name
}

// clip bounds what a hostile word costs and shows.
func clip(word string) string {
	if len(word) > 60 {
		return strings.ToValidUTF8(word[:60], "") + "…"
	}
	return word
}
