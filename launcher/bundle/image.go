package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// The types of Docker's own that an image may have in place of OCI's.
const (
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// maxConfig bounds the configuration of an image, of which only the platform is read:
// one with a long history has some 30 KiB.
const maxConfig = 4 << 20

// Image is what a reference of an image means at its registry.
type Image struct {
	Digest string            // of what it names: an index, or a manifest
	Archs  map[string]string // of the manifest for each architecture of Linux, in Go's words
}

// ResolveImage asks the registry of an image what its reference means now. Nothing but
// manifests is fetched, and each is held against its digest; that it can be resolved says
// nothing about who made it. Where it is not there [NotFound] tells.
func ResolveImage(ctx context.Context, ref string, s Settings) (Image, error) {
	repo, reference, err := openImage(ref, s)
	if err != nil {
		return Image{}, err
	}
	img, err := imageOf(ctx, repo, reference)
	if err != nil {
		return Image{}, fmt.Errorf("asking for the image %s: %w", quoted(ref), err)
	}
	return img, nil
}

// HasImage asks the registry of an image whether it has what the reference names: nil, or
// why not.
func HasImage(ctx context.Context, ref string, s Settings) error {
	repo, reference, err := openImage(ref, s)
	if err == nil {
		_, err = repo.Resolve(ctx, reference)
	}
	return err
}

func openImage(ref string, s Settings) (repo repositoryPlace, reference string, err error) {
	r, err := parseImage(ref)
	if err != nil {
		return repo, "", err
	}
	if repo, err = openRepository(r, s); err != nil {
		return repo, "", err
	}
	repo.ManifestMediaTypes = []string{ocispec.MediaTypeImageIndex, dockerList, ocispec.MediaTypeImageManifest, dockerManifest}
	return repo, r.Reference(), nil
}

// ErrNoRegistry is why nobody can be asked for an image.
var ErrNoRegistry = errors.New("its reference names no registry")

// parseImage reads a reference as profiles have it. One without a registry is Podman's to
// complete, on each host as it is set up, and localhost is what podman build made here.
func parseImage(ref string) (Ref, error) {
	name, _, _ := strings.Cut(ref, "@")
	host, rest, _ := strings.Cut(name, "/")
	switch {
	case host == "localhost":
		return Ref{}, hint.Errorf("podman push it to a registry", "asking for the image %s: it was built on its host, %w", quoted(ref), ErrNoRegistry)
	case rest == "" || !strings.ContainsAny(host, ".:"):
		return Ref{}, hint.Errorf("write its registry before it: docker.io/library/NAME", "asking for the image %s: %w", quoted(ref), ErrNoRegistry)
	case host == "docker.io" && !strings.Contains(rest, "/"):
		ref = strings.Replace(ref, "/", "/library/", 1)
	}
	if colon := strings.IndexByte(rest, ':'); colon >= 0 && strings.Contains(ref, "@") { // a tag beside a digest says nothing
		ref = host + "/" + rest[:colon] + ref[len(name):]
	}
	return ParseRef(ociScheme + ref)
}

func imageOf(ctx context.Context, from Source, reference string) (Image, error) {
	d, err := from.Resolve(ctx, reference)
	if err != nil {
		return Image{}, err
	}
	data, err := fetch(ctx, from, d, maxIndex)
	if err != nil {
		return Image{}, err
	}
	out := Image{d.Digest.String(), map[string]string{}}
	switch d.MediaType {
	case ocispec.MediaTypeImageIndex, dockerList:
		var index ocispec.Index
		err = json.Unmarshal(data, &index)
		for _, m := range index.Manifests {
			if p := m.Platform; p != nil && bounded.Digest(m.Digest.String()) {
				out.add(*p, m.Digest)
			}
		}
	case ocispec.MediaTypeImageManifest, dockerManifest:
		var m ocispec.Manifest
		if err = json.Unmarshal(data, &m); err == nil {
			err = out.single(ctx, from, d.Digest, m.Config)
		}
	default:
		err = fmt.Errorf("it is %s, and no image", quoted(d.MediaType))
	}
	return out, err
}

// single adds an image of one platform, which its configuration names.
func (i *Image) single(ctx context.Context, from Source, d digest.Digest, config ocispec.Descriptor) error {
	data, err := fetch(ctx, from, config, maxConfig)
	if err != nil {
		return err
	}
	var p ocispec.Platform
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	i.add(p, d)
	return nil
}

// add takes the first manifest of an architecture, as Podman does; of arm64 that of v8.
func (i *Image) add(p ocispec.Platform, d digest.Digest) {
	usual := p.Variant == "" || p.Architecture == "arm64" && p.Variant == "v8"
	if p.OS == "linux" && usual && slices.Contains([]string{"amd64", "arm64", "ppc64le", "s390x"}, p.Architecture) && i.Archs[p.Architecture] == "" {
		i.Archs[p.Architecture] = d.String()
	}
}
