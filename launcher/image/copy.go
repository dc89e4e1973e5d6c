package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Copy writes the image into an empty directory, as a layout that has nothing else. Each blob of the
// copy is what its digest says, and each layer holds what the configuration says, whatever becomes of
// the layout it is from. It is an error where the image has more than room bytes.
func (img *Image) Copy(ctx context.Context, dir string, room int64) (*Image, error) {
	data, err := img.layout.blob(ctx, img.Manifest, maxDocument)
	if err != nil {
		return nil, err
	}
	var m ocispec.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("reading %s: %w", img.Manifest.Digest, err)
	}
	if err := os.MkdirAll(path.Join(dir, ocispec.ImageBlobsDir), 0o700); err != nil {
		return nil, fmt.Errorf("copying the image: %w", err)
	}
	done := map[string]bool{}
	for _, d := range append([]ocispec.Descriptor{img.Manifest, m.Config}, img.layers...) {
		if done[d.Digest.String()] {
			continue
		}
		if room -= d.Size; room < 0 {
			return nil, errors.New("copying the image: it is larger than the room for it")
		}
		if err := img.layout.copyBlob(ctx, d, dir); err != nil {
			return nil, fmt.Errorf("copying the image: %w", err)
		}
		done[d.Digest.String()] = true
	}
	if err := img.writeIndex(dir); err != nil {
		return nil, fmt.Errorf("copying the image: %w", err)
	}
	out, err := Layout(dir).Open(ctx, "", "")
	if err != nil {
		return nil, err
	}
	return out, out.verify(ctx)
}

// writeIndex writes what makes a layout of the blobs in a directory.
func (img *Image) writeIndex(dir string) error {
	one := ocispec.Descriptor{MediaType: img.Manifest.MediaType, Digest: img.Manifest.Digest, Size: img.Manifest.Size, Platform: img.Manifest.Platform}
	files := map[string]any{
		ocispec.ImageLayoutFile: ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion},
		ocispec.ImageIndexFile:  ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{one}},
	}
	for name, doc := range files {
		data, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// copyBlob copies a blob, which is what its digest says.
func (l Layout) copyBlob(ctx context.Context, d ocispec.Descriptor, dir string) error {
	b, err := l.verified(d)
	if err != nil {
		return err
	}
	defer b.file.Close()
	to := path.Join(dir, ocispec.ImageBlobsDir, d.Digest.Algorithm().String())
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path.Join(to, d.Digest.Encoded()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bounded.Until(ctx, b.Reader))
	if err == nil {
		err = b.end()
	}
	return errors.Join(err, f.Close())
}

// verify reads all layers and holds each against both its digests.
func (img *Image) verify(ctx context.Context) error {
	for i := range img.layers {
		l, err := img.openLayer(i)
		if err == nil {
			l.content = bounded.Until(ctx, l.content)
			err = errors.Join(l.verify(), l.Close())
		}
		if err != nil {
			return fmt.Errorf("reading layer %d of the image: %w", i+1, err)
		}
	}
	return nil
}
