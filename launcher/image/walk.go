package image

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Walk reads all layers, the last first, and holds each against its digest, and its content
// against that in the configuration. read is told how many bytes of all were read, as it goes on; it may be nil.
func (img *Image) Walk(ctx context.Context, read func(done, all int64)) (*Files, error) {
	w := &walk{ctx: ctx, img: img, seen: map[string]bool{}, hidden: map[string]bool{}, opaque: map[string]bool{}, found: map[string]entry{}}
	if read != nil {
		for _, d := range img.layers {
			w.all += d.Size
		}
		w.tell = read
	}
	for i := len(img.layers) - 1; i >= 0; i-- {
		if err := w.layer(i); err != nil {
			return nil, fmt.Errorf("reading layer %d of the image: %w", i+1, err)
		}
	}
	return w.files(), nil
}

// entry is a file as the uppermost layer that has it says.
type entry struct {
	kind byte // tar's
	File
	link    string
	capable bool
}

// walk is the way through an image's layers.
type walk struct {
	ctx       context.Context
	img       *Image
	seen      map[string]bool // by an upper layer, or by this one
	hidden    map[string]bool // from lower layers: the path and all below it
	opaque    map[string]bool // from lower layers: all below it
	found     map[string]entry
	odd       []File
	passwd    []byte
	done, all int64
	tell      func(done, all int64)
}

// view is what one layer changes for those below it.
type view struct {
	here           map[string]entry
	hidden, opaque []string
}

func (w *walk) layer(i int) error {
	l, err := w.img.openLayer(i)
	if err != nil {
		return err
	}
	defer l.Close()
	v := view{here: map[string]entry{}}
	for t := tar.NewReader(&watched{w: w, r: l}); ; {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = w.take(&v, h, t)
		}
		if err != nil {
			return err
		}
	}
	w.join(v)
	w.done += w.img.layers[i].Size
	if w.tell != nil {
		w.tell(w.done, w.all)
	}
	return l.verify()
}

// watched ends a read with the context.
type watched struct {
	w *walk
	r io.Reader
}

func (r *watched) Read(p []byte) (int, error) {
	if err := r.w.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// whiteout begins the name of what an upper layer removed (image-spec layer.md).
const (
	whiteout = ".wh."
	opaqued  = ".wh..wh..opq"
)

// take notes one entry of a layer.
func (w *walk) take(v *view, h *tar.Header, r io.Reader) error {
	name, ok := inImage(h.Name)
	if !ok {
		if len(w.odd) < maxListed {
			w.odd = append(w.odd, File{Path: cut(h.Name), Note: "its name leads out of the image"})
		}
		return nil
	}
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	switch {
	case base == opaqued:
		v.opaque = append(v.opaque, dir)
		return nil
	case strings.HasPrefix(base, whiteout):
		v.hidden = append(v.hidden, path.Join(dir, base[len(whiteout):]))
		return nil
	case w.covered(name):
		return nil
	}
	e := entry{kind: h.Typeflag, link: h.Linkname, File: File{Path: name, Mode: h.FileInfo().Mode(), UID: h.Uid}}
	_, e.capable = h.PAXRecords["SCHILY.xattr.security.capability"]
	if v.here[name] = e; len(w.seen)+len(v.here) > maxFiles {
		return fmt.Errorf("it has more than %d files", maxFiles)
	}
	if name == "/etc/passwd" && h.Typeflag == tar.TypeReg {
		data, err := io.ReadAll(io.LimitReader(r, maxUsers+1))
		w.passwd = data
		return err
	}
	return nil
}

// inImage is a name of a layer as a path from the image's root.
func inImage(name string) (string, bool) {
	if len(name) > maxName || strings.ContainsRune(name, 0) || slices.Contains(strings.Split(name, "/"), "..") {
		return "", false
	}
	return path.Clean("/" + name), true
}

func cut(s string) string { return s[:min(len(s), 200)] }

// covered tells whether an upper layer has it, or removed it.
func (w *walk) covered(name string) bool {
	if w.seen[name] || w.hidden[name] {
		return true
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if w.hidden[dir] || w.opaque[dir] {
			return true
		}
		if dir == "/" {
			return false
		}
	}
}

// join lays a layer below those above it.
func (w *walk) join(v view) {
	for name, e := range v.here {
		w.seen[name] = true
		if e.kind != tar.TypeDir {
			w.hidden[name] = true // what a lower layer has below it is gone
		}
		if w.tells(e) {
			w.found[name] = e
		}
	}
	for _, p := range v.hidden {
		w.hidden[p] = true
	}
	for _, p := range v.opaque {
		w.opaque[p] = true
	}
}

// tells tells whether an entry can stand in a list.
func (w *walk) tells(e entry) bool {
	switch e.kind {
	case tar.TypeReg, tar.TypeLink:
		return e.Mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 || e.capable || isSystem(e.Path)
	case tar.TypeDir:
		return isSystem(e.Path)
	case tar.TypeSymlink:
		return within(w.img.Said.Config.WorkingDir, e.Path)
	}
	return true
}
