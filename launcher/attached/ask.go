package attached

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
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

// maxDigests is how many digests a repository is asked for: no more are looked at.
const maxDigests = 4 * inspected.MaxSubjects

// Held is an image as an engine holds it.
type Held struct {
	Config   string   // "sha256:…" of its configuration: what it is, whoever compressed it
	Manifest string   // its digest
	Names    []string // REPOSITORY@sha256:…: an engine gives each name each digest that it knows the image by, of indexes too
	Tags     []string // REPOSITORY:TAG
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
// to the indexes that list it. It is asked for each manifest that the image may be there by: that it
// has none of them, which [bundle.NotFound] tells, or does not answer, is an error.
func Ask(ctx context.Context, repo string, h Held, s bundle.Settings) (inspected.Look, error) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	from, err := bundle.OpenImage(repo+"@"+h.Manifest, s)
	if err != nil {
		return inspected.Look{}, err
	}
	w, err := h.wanted(ctx, from, repo)
	if err != nil {
		return inspected.Look{}, err
	}
	look, err := Look(ctx, from, w)
	look.Registry = repo
	return look, err
}

// wanted finds which manifests of the image a repository has, and which indexes may list it.
func (h Held) wanted(ctx context.Context, from bundle.Depot, repo string) (w Wanted, err error) {
	var missing error
	digests := h.digests(repo)
	for _, d := range digests {
		desc, err := named(ctx, from, d)
		if err == nil && d != h.Manifest && !isIndex(desc) {
			err = h.same(ctx, from, desc)
		}
		switch {
		case bundle.NotFound(err), errors.Is(err, errOther):
			missing = cmp.Or(missing, err)
		case err != nil:
			return w, fmt.Errorf("asking %s for %s: %w", repo, d, err)
		case d != h.Manifest && isIndex(desc):
			w.Indexes = append(w.Indexes, desc)
		case w.Image.Digest == "":
			w.Image = desc
		default:
			w.Also = append(w.Also, desc)
		}
	}
	if w.Image.Digest == "" {
		return w, hint.Wrap(fmt.Errorf("asking %s for the image %s: %w", repo, strings.Join(digests, ", "), missing), h.again(repo))
	}
	return w, nil
}

// digests are those that the image may be in a repository by, its own first.
func (h Held) digests(repo string) []string {
	out := []string{h.Manifest}
	for _, name := range h.Names {
		if at, d, _ := strings.Cut(name, "@"); at == repo && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out[:min(len(out), maxDigests)]
}

// again is what to do where a repository has it by no digest that the engine knows: what was
// pushed from here can have another one there.
func (h Held) again(repo string) string {
	for _, tag := range h.Tags {
		if rest, ok := strings.CutPrefix(tag, repo+":"); ok && !strings.Contains(rest, "/") {
			return "podman pull " + tag
		}
	}
	return "podman pull " + repo + ":TAG"
}

// same tells whether a manifest is of the image: it names the same configuration.
func (h Held) same(ctx context.Context, from bundle.Depot, d ocispec.Descriptor) error {
	var m ocispec.Manifest
	data, err := from.Read(ctx, d, maxManifest)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err == nil && m.Config.Digest.String() != h.Config {
		err = errOther
	}
	return err
}

// errOther is why a manifest is passed over that an engine calls one of the image.
var errOther = errors.New("what is there is of another configuration")

// isIndex tells a list of images from an image.
func isIndex(d ocispec.Descriptor) bool {
	return d.MediaType == ocispec.MediaTypeImageIndex || d.MediaType == "application/vnd.docker.distribution.manifest.list.v2+json"
}

// named finds a manifest by its digest.
func named(ctx context.Context, from bundle.Depot, d string) (ocispec.Descriptor, error) {
	desc, err := from.Resolve(ctx, d)
	if err == nil && desc.Digest != digest.Digest(d) {
		err = fmt.Errorf("it answers with another digest, %.80q", desc.Digest)
	}
	return desc, err
}
