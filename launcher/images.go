package launcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// SaveImage writes an image that an engine holds into an empty directory as an OCI image
// layout. free is how many bytes there is room for; what takes more is refused before it
// begins. One in Docker's format has other digests there, for OCI's has fewer fields; what it
// says is told as it is stored.
func SaveImage(ctx context.Context, e *podman.Engine, img *effective.Image, dir string, free int64) (*image.Image, error) {
	const beside = 64 << 20 // headers and manifests, and what the engine rounds
	size := e.Images.LayersSize(ctx, img)
	if size > free-beside {
		return nil, hint.Errorf("TMPDIR=/a/larger/place", "reading image %.12s: it takes %s in %s, where %s are free",
			img.ID, units.HumanSize(float64(size)), dir, units.HumanSize(float64(free)))
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(e.Roots.Save(ctx, img.ID, w)) }()
	layout, err := image.Unpack(ctx, r, dir, free)
	err = errors.Join(err, r.Close())
	if err != nil {
		return nil, fmt.Errorf("reading image %.12s: %w", img.ID, err)
	}
	out, err := layout.Open(ctx, "", "")
	switch {
	case err != nil:
	case img.Docker:
		err = asStored(ctx, e, img, out)
	case out.Config.Encoded() != img.ID:
		err = fmt.Errorf("reading image %.12s: the engine gave %s", img.ID, out.Config)
	}
	return out, err
}

// asStored gives an image that the engine converted for its layout, as it does with Docker's
// format, its own configuration again. The layers are held against it.
func asStored(ctx context.Context, e *podman.Engine, img *effective.Image, out *image.Image) error {
	data, err := e.Roots.Configuration(ctx, img)
	if err != nil {
		return err
	}
	var own image.Config
	if err := json.Unmarshal(data, &own); err != nil {
		return fmt.Errorf("reading the configuration of image %.12s: %w", img.ID, err)
	}
	if !slices.Equal(own.RootFS.DiffIDs, out.Said.RootFS.DiffIDs) {
		return fmt.Errorf("reading image %.12s: the engine gave other layers than its own", img.ID)
	}
	out.Said = own
	return nil
}
