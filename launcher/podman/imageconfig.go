package podman

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/effective"
)

// maxConfig bounds the configuration of an image, in bytes; see launcher/image.
const maxConfig = 4 << 20

// Configuration reads the configuration of an image as it is stored. The engine tells not
// all of it: of Docker's fields ONBUILD is missing, by which an image has builds do
// something. The whole image passes by for it, for archives are what the engine gives.
func (rs Roots) Configuration(ctx context.Context, img *effective.Image) ([]byte, error) {
	format := "oci-archive"
	if img.Docker {
		format = "docker-archive" // the other would convert it, and leave out what OCI has no field for
	}
	doing := fmt.Sprintf("reading the configuration of image %.12s", printable(img.ID))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	resp, err := rs.e.api.send(ctx, request{doing: doing, method: "GET", path: escaped("images", img.ID, "get"),
		query: url.Values{"format": {format}, "compress": {"false"}}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, replyError(doing, resp)
	}
	data, err := blobIn(tar.NewReader(resp.Body), img.ID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return data, nil
}

// blobIn finds the blob of a digest in an archive of an image: ID.json as Docker has it,
// blobs/sha256/ID as OCI.
func blobIn(t *tar.Reader, id string) ([]byte, error) {
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil, errors.New("the engine's archive has no such file")
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg || strings.TrimSuffix(path.Base(h.Name), ".json") != id {
			continue
		}
		data, err := readBounded(t, maxConfig)
		if sum := sha256.Sum256(data); err == nil && hex.EncodeToString(sum[:]) != id {
			err = errors.New("it is not what its id says")
		}
		return data, err
	}
}

// Has tells which of some paths an image has, as a file, of any size, or a link.
func (rs Roots) Has(ctx context.Context, imageID string, paths []string) (out []string, err error) {
	r := readersOf(rs.e)
	err = r.readImage(ctx, imageID, func(ctx context.Context, id string) error {
		for _, name := range paths {
			switch _, err := r.regularFile(ctx, id, name); {
			case err == nil, errors.Is(err, errLarge): // as a zypper of 2 MiB
				out = append(out, name)
			case !errors.Is(err, fs.ErrNotExist):
				return err
			}
		}
		return nil
	})
	return out, err
}
