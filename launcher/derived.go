package launcher

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/derive"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// DeriveBase reads what an image that is to be mended says of itself, what it would have a
// build do, and which package managers it has. Nothing of it is run.
func DeriveBase(ctx context.Context, e *podman.Engine, ref string) (derive.Base, error) {
	img, err := e.Image(ctx, ref)
	if err != nil {
		return derive.Base{}, err
	}
	b := derive.Base{Ref: qualified(img, ref), Image: img}
	data, err := e.Roots.Configuration(ctx, img)
	if err != nil {
		return b, err
	}
	var said image.Config
	if err := json.Unmarshal(data, &said); err != nil {
		return b, fmt.Errorf("reading the configuration of %s: %w", ref, err)
	}
	b.OnBuild = said.Config.OnBuild
	b.Size = e.Images.LayersSize(ctx, img)
	b.Programs, err = e.Roots.Has(ctx, img.ID, derive.Programs())
	return b, err
}

// Ask runs a plan until it serves, sends it a request, and takes it away; see [launch.Ask].
func Ask(ctx context.Context, l *Launcher, p *Plan, g *profile.Golden) (derive.Answer, error) {
	r, err := runner(l, "asking "+p.Profile.Name)
	if err != nil {
		return derive.Answer{}, err
	}
	return launch.Ask(ctx, r, p, g)
}

// qualified is the full name of an image that was named in short: what a short name means
// is another matter on another host.
func qualified(img *effective.Image, ref string) string {
	if strings.Contains(ref, "@") || slices.Contains(img.RepoTags, ref) {
		return ref
	}
	for _, tag := range slices.Sorted(slices.Values(img.RepoTags)) {
		if strings.HasSuffix(tag, "/"+ref) || strings.HasSuffix(tag, "/"+ref+":latest") || tag == ref+":latest" {
			return tag
		}
	}
	if len(img.RepoTags) > 0 && strings.HasPrefix(img.ID, strings.TrimPrefix(ref, "sha256:")) {
		return slices.Min(img.RepoTags)
	}
	return ref
}
