package bundle

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

// registryDepot is a repository of a registry.
type registryDepot struct{ repositoryPlace }

func (p registryDepot) Read(ctx context.Context, d ocispec.Descriptor, most int64) ([]byte, error) {
	data, err := fetch(ctx, p.Repository, d, most)
	return data, p.explain(err)
}

// Open asks for a blob, and for the rest of it from an offset on, by Range (RFC 9110 section 14;
// distribution-spec, "Pulling blobs").
func (p registryDepot) Open(ctx context.Context, d ocispec.Descriptor, offset int64) (io.ReadCloser, int64, error) {
	resp, err := p.get(ctx, d, offset)
	if err != nil {
		return nil, 0, p.explain(err)
	}
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && offset > 0 {
		resp.Body.Close()
		return p.Open(ctx, d, 0)
	}
	at, err := begins(resp, d, offset)
	if err != nil {
		resp.Body.Close()
		return nil, 0, p.explain(fmt.Errorf("fetching %s: %w", d.Digest, err))
	}
	return resp.Body, at, nil
}

func (p registryDepot) get(ctx context.Context, d ocispec.Descriptor, offset int64) (*http.Response, error) {
	if err := checkLarge(d); err != nil {
		return nil, err
	}
	at := url.URL{Scheme: "https", Host: p.Reference.Host(), Path: "/v2/" + p.Reference.Repository + "/blobs/" + d.Digest.String()}
	if p.PlainHTTP {
		at.Scheme = "http"
	}
	req, err := http.NewRequestWithContext(auth.AppendRepositoryScope(ctx, p.Reference, auth.ActionPull), http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity") // or net/http asks for gzip, and the sizes are of something else
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	return p.Client.Do(req)
}

// begins tells where in a blob the body of an answer begins, and refuses one that is none of it.
func begins(resp *http.Response, d ocispec.Descriptor, offset int64) (int64, error) {
	at := int64(0)
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return 0, errdef.ErrNotFound
	case resp.StatusCode == http.StatusPartialContent && offset > 0:
		if is, want := resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/", offset, d.Size-1); is != want+strconv.FormatInt(d.Size, 10) && is != want+"*" {
			return 0, fmt.Errorf("the registry was asked for what follows byte %d of %d, and gives %s", offset, d.Size, quoted(is))
		}
		at = offset
	case resp.StatusCode != http.StatusOK:
		return 0, &errcode.ErrorResponse{Method: resp.Request.Method, URL: resp.Request.URL, StatusCode: resp.StatusCode}
	}
	if how := resp.Header.Get("Content-Encoding"); how != "" && !strings.EqualFold(how, "identity") {
		return 0, fmt.Errorf("the registry encodes it as %s, which nobody asked for", quoted(how))
	}
	if n := resp.ContentLength; n >= 0 && n != d.Size-at {
		return 0, fmt.Errorf("the registry announces %d bytes, and it has %d", n, d.Size-at)
	}
	return at, nil
}

func (p registryDepot) Send(ctx context.Context, d ocispec.Descriptor, open func() (io.ReadCloser, error)) error {
	there, err := p.Blobs().Exists(ctx, d)
	if err != nil || there {
		return p.explain(err)
	}
	r, err := open()
	if err != nil {
		return err
	}
	defer r.Close()
	if err := p.Blobs().Push(ctx, d, r); err != nil {
		return p.explain(fmt.Errorf("sending %s: %w", d.Digest, err))
	}
	return nil
}

func (p registryDepot) Publish(ctx context.Context, manifest []byte, tag string) (ocispec.Descriptor, error) {
	d, _, err := manifestOf(manifest)
	if err == nil {
		err = p.Push(ctx, d, bytes.NewReader(manifest))
	}
	if err == nil && tag != "" {
		err = p.Tag(ctx, d, tag)
	}
	if err != nil {
		return d, fmt.Errorf("publishing in %s: %w", p.Reference, p.explain(err))
	}
	return d, nil
}
