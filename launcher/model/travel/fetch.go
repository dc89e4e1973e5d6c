package travel

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/modelpack"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// atOnce is how many blobs are fetched, or sent, at a time.
const atOnce = 3

// reserve is what is left free of a disk, so that whoever else writes to it goes on.
const reserve = 64 << 20

// fileOf is the file of a raw layer.
func fileOf(l modelpack.Layer) model.File {
	return model.File{Path: l.Path, Size: l.Size, SHA256: sumOf(l), Exec: l.Exec}
}

// sumOf is the digest of a layer, which was checked when the manifest was read.
func sumOf(l modelpack.Layer) (sum [32]byte) {
	_, _ = hex.Decode(sum[:], []byte(l.Digest.Encoded()))
	return sum
}

// room refuses what the disk, or the wish, has no room for, before anything is fetched. An
// archive takes its size twice, itself and at least what is in it.
func (p *puller) room() error {
	a := p.artifact
	if most := p.wish.Most; most > 0 && a.Bytes > most {
		return p.refused(hint.Errorf("if it is meant to be that large: --max-size SIZE", "it has %s, and may have %s", units.BytesSize(float64(a.Bytes)), units.BytesSize(float64(most))))
	}
	need := int64(reserve)
	for _, l := range a.Layers {
		if l.Form == modelpack.Raw && p.Store.Keeps(fileOf(l)) {
			continue
		}
		if more := l.Size - p.Store.Have(sumOf(l)); more > 0 {
			need += more
		}
		if l.Form != modelpack.Raw {
			need += l.Size
		}
	}
	free, err := p.Free(string(p.Store))
	if err != nil {
		return err
	}
	if need > free || need < 0 {
		return hint.Errorf("zlaunch model list\nzlaunch model rm REF", "the disk of %s has %s free, and %s are needed", p.Store, units.BytesSize(float64(free)), units.BytesSize(float64(need)))
	}
	return nil
}

// fetchAll fetches every layer that the store does not have, some at a time. The first error
// ends the others.
func (p *puller) fetchAll(ctx context.Context) error {
	p.Whole.Store(p.artifact.Bytes)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	seen := map[string]bool{}
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, l := range p.artifact.Layers {
		key := fmt.Sprint(l.Digest, l.Form == modelpack.Raw, l.Exec)
		if seen[key] {
			p.Count.Add(l.Size)
			continue
		}
		seen[key] = true
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			if err := p.layer(ctx, l); err != nil {
				cancel(err)
			}
		}()
	}
	wg.Wait()
	return context.Cause(ctx)
}

// layer sees to it that the store has a layer: as the blob of its file, or as a download.
func (p *puller) layer(ctx context.Context, l modelpack.Layer) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if l.Form == modelpack.Raw {
		there, err := p.session.Has(ctx, fileOf(l))
		if err != nil || there {
			p.Count.Add(l.Size)
			return err
		}
	}
	d, err := p.download(ctx, l)
	if err != nil {
		return fmt.Errorf("fetching %s: %w", l.Digest, err)
	}
	defer d.Close()
	if l.Form == modelpack.Raw {
		return d.Keep(l.Exec)
	}
	return nil
}

// fruitless is how often a blob is asked for again of which no byte more comes.
const fruitless = 3

// download gives a blob whole and verified. It goes on with what is there, and where a
// connection ends too early.
func (p *puller) download(ctx context.Context, l modelpack.Layer) (*store.Download, error) {
	d, err := p.session.Download(ctx, sumOf(l), l.Size)
	if err != nil {
		return nil, err
	}
	p.Count.Add(d.Have())
	best := d.Have()
	for failed := 0; d.Have() < l.Size && err == nil; {
		err = p.stream(ctx, l, d)
		if d.Have() > best {
			best, failed = d.Have(), 0
		} else {
			failed++
		}
		if passing(err) && failed < fruitless && ctx.Err() == nil {
			err = wait(ctx, time.Duration(failed)*200*time.Millisecond)
		}
	}
	if err == nil {
		err = p.refused(d.Verify())
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// errLess is a body that ended too early.
var errLess = errors.New("the registry sent less than it announced")

// passing tells whether an error may be gone when it is tried again: what comes is cut off.
func passing(err error) bool {
	var cut *cutError
	return errors.As(err, &cut)
}

// cutError is what ended the reading of a body.
type cutError struct{ error }

func (e *cutError) Unwrap() error { return e.error }

// stream reads what follows of a blob.
func (p *puller) stream(ctx context.Context, l modelpack.Layer, d *store.Download) error {
	r, at, err := p.from.Open(ctx, l.Descriptor, d.Have())
	if err != nil {
		return err
	}
	defer r.Close()
	if at != d.Have() {
		p.Count.Add(-d.Have())
		if err := d.Restart(); err != nil {
			return err
		}
	}
	buf := make([]byte, 1<<20)
	for {
		n, err := r.Read(buf)
		if _, err := d.Write(buf[:n]); errors.Is(err, store.ErrMore) {
			return p.refused(err)
		} else if err != nil {
			return err
		}
		p.Count.Add(int64(n))
		p.fetched.Add(int64(n))
		switch {
		case err == io.EOF && d.Have() < l.Size:
			return &cutError{errLess}
		case err == io.EOF:
			return nil
		case err != nil:
			return &cutError{err}
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
