package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sys/unix"
)

// layoutDepot is an OCI image layout.
type layoutDepot struct{ Layout }

func (l layoutDepot) Read(ctx context.Context, d ocispec.Descriptor, most int64) ([]byte, error) {
	return fetch(ctx, l.Layout, d, most)
}

func (l layoutDepot) Open(_ context.Context, d ocispec.Descriptor, offset int64) (io.ReadCloser, int64, error) {
	if err := checkLarge(d); err != nil {
		return nil, 0, err
	}
	f, err := os.OpenFile(l.blobPath(d.Digest), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || info.Size() != d.Size) {
		err = fmt.Errorf("reading %s: it is no regular file of %d bytes", l.blobPath(d.Digest), d.Size)
	}
	if err == nil {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, offset, nil
}

// Send copies a blob in, beside its name until it is whole.
func (l layoutDepot) Send(ctx context.Context, d ocispec.Descriptor, open func() (io.ReadCloser, error)) error {
	if err := checkLarge(d); err != nil {
		return err
	}
	to := l.blobPath(d.Digest)
	if info, err := os.Lstat(to); err == nil && info.Mode().IsRegular() && info.Size() == d.Size {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	r, err := open()
	if err != nil {
		return err
	}
	defer r.Close()
	out, err := renameio.NewPendingFile(to, renameio.WithTempDir(filepath.Dir(to)), renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer out.Cleanup()
	sum := digest.SHA256.Digester()
	n, err := io.Copy(io.MultiWriter(out, sum.Hash()), r)
	if err == nil && (n != d.Size || sum.Digest() != d.Digest) {
		err = errors.New("it is not what its digest says")
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	return out.CloseAtomicallyReplace()
}

func (l layoutDepot) Publish(_ context.Context, manifest []byte, tag string) (ocispec.Descriptor, error) {
	d, subject, err := manifestOf(manifest)
	if err == nil && tag != "" && !tagName.matches(tag) {
		err = fmt.Errorf("%s is no tag", quoted(tag))
	}
	if err != nil {
		return d, fmt.Errorf("publishing in %s: %w", string(l.Layout), err)
	}
	entry := d
	if tag != "" {
		entry.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	} else if subject != "" {
		entry.Annotations = map[string]string{keySubject: subject.String()}
	}
	err = l.change(func(index *ocispec.Index) error {
		if err := l.writeBlobs(blobs{d.Digest: manifest}); err != nil {
			return err
		}
		enter(index, entry)
		return nil
	})
	return d, err
}
