package share

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// ErrNotThere is an image that is not for an architecture, so that no run takes it there.
var ErrNotThere = errors.New("it has none for that architecture")

// Images asks the registries what references mean on their architectures. What has no
// answer is in failed: [bundle.ErrNoRegistry] where nobody can be asked, [ErrNotThere] where
// there is nothing to pin, any other error where somebody did not answer.
func Images(ctx context.Context, from bundle.Settings, tagged []profile.Tagged) (out []lockfile.Image, failed []error) {
	known := map[string]bundle.Image{}
	for _, t := range tagged {
		img, asked := known[t.Ref]
		if !asked {
			var err error
			if img, err = bundle.ResolveImage(ctx, t.Ref, from); err != nil {
				failed = append(failed, err)
			}
			known[t.Ref] = img
		}
		if d := img.Archs[t.Arch]; d != "" {
			out = append(out, lockfile.Image{Ref: t.Ref, Arch: t.Arch, Digest: d})
		} else if img.Digest != "" {
			failed = append(failed, fmt.Errorf("asking for the image %s on %s: %w", t.Ref, t.Arch, ErrNotThere))
		}
	}
	return out, failed
}

// Pin writes what the images of a bundle mean into its lock, in place of what stood there.
func (s *Shelf) Pin(ctx context.Context, at Place, b lockfile.Bundle, images []lockfile.Image) error {
	return s.change(ctx, at, func(file *lockfile.File) (drop string, err error) {
		now := file.Bundle(b.Name)
		if !same(now, &b) {
			return "", hint.Errorf("the same command again", "pinning the images of %s: %s was changed meanwhile", b.Name, at.Path)
		}
		now.Images = slices.Clone(images)
		return "", nil
	})
}

// ImageStanding is how an image of a lock stands to what its registry has now.
type ImageStanding struct {
	lockfile.Image
	State State
	Now   string // the digest that its reference names now; "" not known
	Err   error  // why it is not known
}

// imagesNow asks the registries for the images of a locked bundle.
func imagesNow(ctx context.Context, from bundle.Settings, locked []lockfile.Image) []ImageStanding {
	type answer struct {
		img bundle.Image
		err error
	}
	asked := map[string]answer{}
	var out []ImageStanding
	for _, i := range locked {
		a, known := asked[i.Ref]
		if !known {
			a.img, a.err = bundle.ResolveImage(ctx, i.Ref, from)
			asked[i.Ref] = a
		}
		out = append(out, imageNow(ctx, from, i, a.img.Archs[i.Arch], a.err))
	}
	return out
}

// imageNow tells how one stands; now is what its tag means, err why that is not known.
func imageNow(ctx context.Context, from bundle.Settings, i lockfile.Image, now string, err error) ImageStanding {
	st := ImageStanding{i, Unknown, now, err}
	switch gone := bundle.NotFound(err); {
	case now == i.Digest:
		st.State = Current
	case err != nil && !gone:
	case bundle.NotFound(bundle.HasImage(ctx, profile.WithDigest(i.Ref, i.Digest), from)):
		st.State, st.Err = Delisted, nil
	case gone:
		st.Err = fmt.Errorf("its tag is gone: %w", err)
	default:
		st.State = Newer
	}
	return st
}
