package image

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
)

// maxWindow bounds what a layer compressed by zstd may have its reader keep, as `zstd`
// itself does without --long (RFC 8878 section 3.1.1.1.2 asks for 8 MiB at least).
const maxWindow = 128 << 20

// layer is the content of a layer, read once.
type layer struct {
	*blob   // as it lies there
	content io.Reader
	digest  digest.Verifier
	closes  func()
}

// openLayer opens layer i for reading what it holds.
func (img *Image) openLayer(i int) (*layer, error) {
	d, diff := img.layers[i], img.diffs[i]
	if err := diff.Validate(); err != nil {
		return nil, fmt.Errorf("its digest in the configuration: %w", err)
	}
	b, err := img.layout.verified(d)
	if err != nil {
		return nil, err
	}
	l := &layer{blob: b, digest: diff.Verifier(), closes: func() {}}
	content, err := l.decompress(d.MediaType)
	if err != nil {
		l.Close()
		return nil, err
	}
	l.content = io.TeeReader(content, l.digest)
	return l, nil
}

// decompress reads by the media type, which the manifest's digest covers, and not by what
// the bytes look like.
func (l *layer) decompress(mediaType string) (io.Reader, error) {
	switch {
	case strings.HasSuffix(mediaType, ".tar"):
		return l.Reader, nil
	case strings.HasSuffix(mediaType, ".tar+gzip"), strings.HasSuffix(mediaType, ".tar.gzip"):
		return gzip.NewReader(l.Reader)
	case strings.HasSuffix(mediaType, ".tar+zstd"):
		r, err := zstd.NewReader(l.Reader, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err == nil {
			l.closes = r.Close
		}
		return r, err
	}
	return nil, fmt.Errorf("it is %q, no layer of files", mediaType)
}

func (l *layer) Read(p []byte) (int, error) { return l.content.Read(p) }

// verify reads the rest and holds the layer against both its digests.
func (l *layer) verify() error {
	if _, err := io.Copy(io.Discard, l.content); err != nil {
		return err
	}
	if err := l.end(); err != nil {
		return err
	}
	if !l.digest.Verified() {
		return errors.New("its content is not what the configuration says")
	}
	return nil
}

// Close lets go of it.
func (l *layer) Close() error {
	l.closes()
	return l.file.Close()
}
