package subject

import (
	"bytes"
	"io"
	"io/fs"
	"sync"
)

// The bounds of what is kept of files that were read, in bytes: those that name each other
// lie near each other, and are small.
const (
	maxKept    = 256 << 10 // of one file
	maxKeptAll = 32 << 20
)

// once is a file system of which small files are opened once, however many readers ask for
// them one after the other. The oldest are forgotten, and opened again.
type once struct {
	of    fs.FS
	mu    sync.Mutex
	kept  map[string]*keptFile
	order []string // of kept, the oldest first
	bytes int
}

func newOnce(of fs.FS) *once { return &once{of: of, kept: map[string]*keptFile{}} }

// keptFile is a file that was read.
type keptFile struct {
	info fs.FileInfo
	text []byte
}

// Open opens a file. It does not look at what that is: see [fs.Stat] for what may block.
func (o *once) Open(name string) (fs.File, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if k := o.kept[name]; k != nil {
		return k.open(), nil
	}
	f, err := o.of.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxKept {
		return f, nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKept))
	if err != nil {
		return nil, err
	}
	k := &keptFile{info, text}
	o.keep(name, k)
	return k.open(), nil
}

func (o *once) keep(name string, k *keptFile) {
	o.kept[name], o.order = k, append(o.order, name)
	for o.bytes += len(k.text); o.bytes > maxKeptAll; o.order = o.order[1:] {
		o.bytes -= len(o.kept[o.order[0]].text)
		delete(o.kept, o.order[0])
	}
}

func (o *once) Stat(name string) (fs.FileInfo, error) { return fs.Stat(o.of, name) }

func (o *once) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(o.of, name) }

// ReadLink is what a file system may have since Go 1.25 ([fs.ReadLinkFS]).
func (o *once) ReadLink(name string) (string, error) {
	if l, can := o.of.(interface {
		ReadLink(name string) (string, error)
	}); can {
		return l.ReadLink(name)
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

func (k *keptFile) open() fs.File { return &openedFile{*bytes.NewReader(k.text), k.info} }

// openedFile is a kept file that is read.
type openedFile struct {
	bytes.Reader
	info fs.FileInfo
}

func (f *openedFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openedFile) Close() error               { return nil }
