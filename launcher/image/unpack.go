package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// inLayout are the files of a layout that an engine writes.
var inLayout = lazyregexp.New(`^(oci-layout|index\.json|blobs/sha256/[0-9a-f]{64})$`)

// Unpack writes an archive of a layout (oci-archive, as `podman save` has it) into an empty
// directory. What is no file of a layout is an error, and so is more than most bytes.
func Unpack(ctx context.Context, from io.Reader, dir string, most int64) (Layout, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf("unpacking the image: %w", err)
	}
	defer root.Close()
	for _, d := range []string{ocispec.ImageBlobsDir, ocispec.ImageBlobsDir + "/sha256"} {
		if err := root.Mkdir(d, 0o700); err != nil {
			return "", fmt.Errorf("unpacking the image: %w", err)
		}
	}
	for t := tar.NewReader(from); ; {
		h, err := t.Next()
		if err == io.EOF {
			return Layout(dir), nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && h.Typeflag != tar.TypeDir {
			most, err = unpackFile(root, h, t, most)
		}
		if err != nil {
			return "", fmt.Errorf("unpacking the image: %w", err)
		}
	}
}

// unpackFile writes one file and tells how many bytes may follow.
func unpackFile(root *os.Root, h *tar.Header, r io.Reader, most int64) (int64, error) {
	name := path.Clean(h.Name)
	if h.Typeflag != tar.TypeReg || !inLayout().MatchString(name) {
		return 0, fmt.Errorf("%q is no file of an OCI image layout", cut(h.Name))
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, io.LimitReader(r, most+1))
	if n > most {
		err = errors.New("the archive is larger than the image")
	}
	return most - n, errors.Join(err, f.Close())
}
