package travel

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/modelpack"
)

// Pushed is what a push put into a place.
type Pushed struct {
	Ref      string // by digest
	Manifest string // "sha256:…"
	Files    int
	Bytes    int64
}

// Push puts a model, which was digested, where a reference names, and a signed statement about
// it beside it, unless that is nil. Nothing names it before all of it is there. What of it the
// place has is not sent again.
func (t *Traveller) Push(ctx context.Context, dir string, print *model.Print, to bundle.Ref, statement []byte) (Pushed, error) {
	w, err := modelpack.Write(print.Files())
	if err != nil {
		return Pushed{}, err
	}
	if to.Digest != "" && to.Digest != w.Digest().String() {
		return Pushed{}, hint.Errorf("push it by a tag", "pushing the model to %s: it is %s", to, w.Digest())
	}
	depot, err := bundle.OpenDepot(to, t.Settings)
	if err == nil {
		err = t.send(ctx, dir, w, depot)
	}
	if err == nil {
		err = publish(ctx, w, depot, to, statement)
	}
	if err != nil {
		return Pushed{}, fmt.Errorf("pushing the model to %s: %w", to, err)
	}
	out := Pushed{Manifest: w.Digest().String(), Files: len(w.Layers), Ref: byDigest(to, w.Digest().String())}
	for _, l := range w.Layers {
		out.Bytes += l.Size
	}
	return out, nil
}

// publish puts the manifest there, then what is said of it, and names it last.
func publish(ctx context.Context, w modelpack.Written, to bundle.Depot, ref bundle.Ref, statement []byte) error {
	config := ocispec.Descriptor{MediaType: modelpack.TypeConfig, Digest: ocispec.DescriptorEmptyJSON.Digest.Algorithm().FromBytes(w.Config), Size: int64(len(w.Config))}
	if err := to.Send(ctx, config, opens(w.Config)); err != nil {
		return err
	}
	desc, err := to.Publish(ctx, w.Manifest, "")
	if err == nil && statement != nil {
		err = attach(ctx, to, desc, statement)
	}
	if tag := ref.Reference(); err == nil && ref.Digest == "" {
		_, err = to.Publish(ctx, w.Manifest, tag)
	}
	return err
}

func opens(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// send sends the files, some at a time. A file that is no longer what was digested the place
// refuses, for it does not have its digest.
func (t *Traveller) send(ctx context.Context, dir string, w modelpack.Written, to bundle.Depot) error {
	root, file, err := openModel(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	seen := map[string]bool{}
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, l := range w.Layers {
		t.Whole.Add(l.Size)
		if seen[l.Digest.String()] {
			t.Count.Add(l.Size)
			continue
		}
		seen[l.Digest.String()] = true
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			if err := t.sendLayer(ctx, root, file, l, to); err != nil {
				cancel(err)
			}
		}()
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (t *Traveller) sendLayer(ctx context.Context, root *os.Root, file string, l modelpack.Layer, to bundle.Depot) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	name := l.Path
	if file != "" {
		name = file
	}
	before := int64(0)
	err := to.Send(ctx, l.Descriptor, func() (io.ReadCloser, error) {
		f, err := root.Open(name)
		return &counted{f, t, &before}, err
	})
	t.Count.Add(l.Size - before)
	if err != nil {
		return fmt.Errorf("%q: %w", l.Path, err)
	}
	return nil
}

// counted counts what is read of a file.
type counted struct {
	*os.File
	t    *Traveller
	read *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.File.Read(p)
	*c.read += int64(n)
	c.t.Count.Add(int64(n))
	return n, err
}

// openModel opens the directory of a model, or that of the one file that it is.
func openModel(path string) (root *os.Root, file string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	if !info.IsDir() {
		return splitModel(path)
	}
	root, err = os.OpenRoot(path)
	return root, "", err
}

func splitModel(path string) (*os.Root, string, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	return root, filepath.Base(path), err
}
