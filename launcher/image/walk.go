package image

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"path"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Walk reads all layers, the lowest first, and holds each against its digest, and its content
// against that in the configuration. It reads them a second time where engines may not make
// the same of them. read is told how many bytes of all were read, as it goes on; it may be nil.
func (img *Image) Walk(ctx context.Context, read func(done, all int64)) (*Files, error) {
	w := &walk{ctx: ctx, img: img, tell: read}
	first := &applied{tree: newTree(&counters{})}
	w.onto = first
	if err := w.layers(); err != nil {
		return nil, err
	}
	files := w.files(first.tree)
	if !first.crooked {
		return files, nil
	}
	second := &stacked{tree: newTree(&counters{})}
	w.onto, w.again = second, true
	if err := w.layers(); err != nil {
		return nil, err
	}
	files.merge(w.sorted(second.tree, files.UID))
	return files, nil
}

// unpacker makes an image of layers, the lowest first.
type unpacker interface {
	begin(layer int)
	take(entry) (*node, error) // what it made, nil nothing
	end()
}

// walk is the way through an image's layers.
type walk struct {
	ctx       context.Context
	img       *Image
	onto      unpacker
	again     bool
	odd       List
	passwd    *node // the last that was /etc/passwd
	users     []byte
	done, all int64
	tell      func(done, all int64)
}

func (w *walk) layers() error {
	w.done, w.all = 0, 0
	for _, d := range w.img.layers {
		w.all += d.Size
	}
	for i := range w.img.layers {
		if err := w.layer(i); err != nil {
			return fmt.Errorf("reading layer %d of the image: %w", i+1, err)
		}
	}
	return nil
}

func (w *walk) layer(i int) error {
	l, err := w.img.openLayer(i)
	if err != nil {
		return err
	}
	defer l.Close()
	w.onto.begin(i)
	for t := tar.NewReader(bounded.Until(w.ctx, l)); ; {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = w.take(h, i, t)
		}
		if err != nil {
			return err
		}
	}
	w.onto.end()
	w.done += w.img.layers[i].Size
	if w.tell != nil {
		w.tell(w.done, w.all)
	}
	return l.verify()
}

// take notes one entry of a layer. What leads out of the image is told, and stands where an
// engine writes it, which holds the image for its root.
func (w *walk) take(h *tar.Header, layer int, r io.Reader) error {
	e, odd := entryOf(h, layer)
	if odd != "" {
		w.tells(h.Name, odd)
	}
	if e.Header == nil {
		return nil
	}
	if name := e.obeyed(); name != "" {
		w.tells(e.path, "an attribute that a storage driver obeys: "+name)
	}
	n, err := w.onto.take(e)
	if isPath(err) {
		if _, hides := e.hides(); !hides {
			w.tells(e.path, "an engine does not write it: "+err.Error())
		}
		return nil
	}
	if err != nil || n == nil || w.again || n.kind != tar.TypeReg || path.Base(e.path) != "passwd" {
		return err
	}
	return w.keep(n, r)
}

// keep keeps the users of the image.
func (w *walk) keep(n *node, r io.Reader) error {
	if w.onto.(*applied).file("/etc/passwd") != n {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(r, maxUsers+1))
	w.passwd, w.users = n, data
	return err
}

// tells lists an odd name.
func (w *walk) tells(name, why string) {
	if !w.again {
		w.odd.add(File{Path: cut(name), Note: why})
	}
}

func cut(s string) string { return s[:min(len(s), 200)] }
