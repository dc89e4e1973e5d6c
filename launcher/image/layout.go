package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sys/unix"
)

// Layout is a directory as an OCI image layout (image-spec image-layout.md).
type Layout string

// IsLayout tells whether a directory says that it is one.
func IsLayout(dir string) bool {
	fi, err := os.Lstat(filepath.Join(dir, ocispec.ImageLayoutFile))
	return err == nil && fi.Mode().IsRegular()
}

// index reads the index; where there is no layout the error is [fs.ErrNotExist].
func (l Layout) index() (index ocispec.Index, err error) {
	var mark ocispec.ImageLayout
	if err := l.small(ocispec.ImageLayoutFile, &mark); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s is no OCI image layout: %w", string(l), err)
		}
		return index, err
	}
	if mark.Version != ocispec.ImageLayoutVersion {
		return index, fmt.Errorf("reading %s: its version %q is not %s", string(l), mark.Version, ocispec.ImageLayoutVersion)
	}
	if err := l.small(ocispec.ImageIndexFile, &index); err != nil {
		return index, err
	}
	if len(index.Manifests) > maxEntries {
		return index, fmt.Errorf("reading %s: it lists %d manifests, more than %d", string(l), len(index.Manifests), maxEntries)
	}
	return index, nil
}

// small reads a file of JSON that no digest names.
func (l Layout) small(name string, into any) error {
	f, err := l.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = fmt.Errorf("more than %d bytes", maxDocument)
	}
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Join(string(l), name), err)
	}
	return nil
}

// open opens a regular file of the layout; a link or a pipe is none.
func (l Layout) open(name string) (*os.File, error) {
	root, err := os.OpenRoot(string(l))
	if err != nil {
		return nil, fmt.Errorf("reading the layout: %w", err)
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the layout %s: %w", string(l), err)
	}
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("reading %s: it is no regular file", filepath.Join(string(l), name))
	}
	return f, nil
}

// verified opens a blob: what is read of it to its end is what its digest names, or the
// last read fails.
func (l Layout) verified(d ocispec.Descriptor) (*blob, error) {
	if err := d.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("reading a blob of %s: its digest: %w", string(l), err)
	}
	f, err := l.open(filepath.Join(ocispec.ImageBlobsDir, d.Digest.Algorithm().String(), d.Digest.Encoded()))
	if err != nil {
		return nil, err
	}
	b := &blob{file: f, named: d, sum: d.Digest.Verifier()}
	b.Reader = io.TeeReader(io.LimitReader(f, d.Size+1), b.sum)
	return b, nil
}

// blob is an open blob, read once.
type blob struct {
	io.Reader
	file  *os.File
	named ocispec.Descriptor
	sum   digest.Verifier
}

// end reads what is left and verifies all of it.
func (b *blob) end() error {
	if _, err := io.Copy(io.Discard, b.Reader); err != nil {
		return fmt.Errorf("reading %s: %w", b.named.Digest, err)
	}
	if fi, err := b.file.Stat(); err != nil || fi.Size() != b.named.Size || !b.sum.Verified() {
		return fmt.Errorf("reading %s: it is not what its size and digest say", b.named.Digest)
	}
	return nil
}

// blob reads all of a blob of at most most bytes.
func (l Layout) blob(ctx context.Context, d ocispec.Descriptor, most int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.Size < 0 || d.Size > most {
		return nil, fmt.Errorf("reading %s: %d bytes are more than %d", d.Digest, d.Size, most)
	}
	b, err := l.verified(d)
	if err != nil {
		return nil, err
	}
	defer b.file.Close()
	data, err := io.ReadAll(b.Reader)
	if err == nil {
		err = b.end()
	}
	return data, err
}

func sortedKeys(of map[string]struct{}) []string { return slices.Sorted(maps.Keys(of)) }
