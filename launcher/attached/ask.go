package attached

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// asking is how long one repository is asked in all.
const asking = 2 * time.Minute

// maxRepositories is how many repositories one image is looked for in: an engine keeps every name
// that it ever had.
const maxRepositories = 4

// Held is an image as an engine holds it.
type Held struct {
	Manifest string   // its digest
	Names    []string // REPOSITORY@sha256:…, under which it was pulled or pushed; of indexes too
}

// Repositories are those of registries that it has a name in. Those of this host alone are none.
func (h Held) Repositories() (out []string) {
	for _, name := range h.Names {
		repo, _, _ := strings.Cut(name, "@")
		if !slices.Contains(out, repo) && !strings.HasPrefix(repo, "localhost/") {
			out = append(out, repo)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), maxRepositories)]
}

// Ask asks the registry of a repository, by digests alone, what is attached to an image there and
// to the indexes that list it. It is asked for a manifest by name first: that it does not have the
// image, or does not answer, is an error.
func Ask(ctx context.Context, repo string, h Held, s bundle.Settings) (inspected.Look, error) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	from, err := bundle.OpenImage(repo+"@"+h.Manifest, s)
	if err != nil {
		return inspected.Look{}, err
	}
	w := Wanted{}
	if w.Image, err = named(ctx, from, h.Manifest); err != nil {
		if bundle.NotFound(err) {
			err = hint.Wrap(err, "podman pull "+repo+": what was pushed from here can have another digest there")
		}
		return inspected.Look{}, fmt.Errorf("asking %s for the image %s: %w", repo, h.Manifest, err)
	}
	for _, name := range h.Names {
		at, d, _ := strings.Cut(name, "@")
		if at != repo || d == h.Manifest {
			continue
		}
		index, err := named(ctx, from, d)
		if err == nil && index.MediaType != w.Image.MediaType {
			w.Indexes = append(w.Indexes, index)
		} else if err != nil && !bundle.NotFound(err) {
			return inspected.Look{}, fmt.Errorf("asking %s for %s: %w", repo, d, err)
		}
	}
	look, err := Look(ctx, from, w)
	look.Registry = repo
	return look, err
}

// named finds a manifest by its digest.
func named(ctx context.Context, from bundle.Depot, d string) (ocispec.Descriptor, error) {
	desc, err := from.Resolve(ctx, d)
	if err == nil && desc.Digest != digest.Digest(d) {
		err = fmt.Errorf("it answers with another digest, %.80q", desc.Digest)
	}
	return desc, err
}
