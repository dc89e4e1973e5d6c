package podman

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Save writes an image of the engine as an archive of an OCI image layout. How long that
// takes is for ctx to bound: images have gigabytes.
func (rs Roots) Save(ctx context.Context, id string, to io.Writer) error {
	doing := fmt.Sprintf("reading image %q", id)
	resp, err := rs.e.api.send(ctx, request{doing: doing, method: "GET", path: escaped("images", id, "get"),
		query: url.Values{"format": {"oci-archive"}, "compress": {"false"}}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return replyError(doing, resp)
	}
	if _, err := io.Copy(to, resp.Body); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
