package share

import (
	"context"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
)

// State is how a locked bundle stands to where it came from.
type State string

// The states, from the best on. Unknown is no state of the bundle: its place could not
// be asked.
const (
	Current  State = "current"
	Newer    State = "newer"    // its reference names another content now
	Delisted State = "delisted" // its place no longer has what is locked
	Unknown  State = "unknown"
)

// Standing is what is known of one locked bundle at its place.
type Standing struct {
	Place  Place
	Locked lockfile.Bundle
	State  State
	Digest string // what the reference names now; "" not known
	Err    error  // why it is not known
	Images []ImageStanding
}

// Outdated asks the place of every locked bundle. Nothing that it learns is verified, and
// nothing is taken over. Where a lock has no effect nobody is asked: whoever wrote it would
// learn that it was read.
func (s *Shelf) Outdated(ctx context.Context) []Standing {
	var out []Standing
	locked, waiting := s.Locked(ctx)
	for _, w := range waiting {
		if w.Counts {
			continue
		}
		out = append(out, Standing{Place: Place{container.LayerProject, w.Path}, State: Unknown, Err: fmt.Errorf("it is not approved: %w", w.Why)})
	}
	for _, l := range locked {
		if l.Bundle.Name == "" {
			out = append(out, Standing{Place: l.Place, State: Unknown, Err: l.Err})
			continue
		}
		st := standing(ctx, s.Registries, l.Place, l.Bundle)
		st.Images = imagesNow(ctx, s.Registries, l.Bundle.Images)
		out = append(out, st)
	}
	return out
}

func standing(ctx context.Context, from bundle.Settings, at Place, b lockfile.Bundle) Standing {
	out := Standing{Place: at, Locked: b, State: Unknown}
	ref, err := bundle.ParseRef(b.Ref)
	if err != nil {
		out.Err = err
		return out
	}
	place, err := bundle.Open(ref, from)
	if err != nil {
		out.Err = err
		return out
	}
	now, err := place.Resolve(ctx, ref.Reference())
	switch {
	case err == nil && now.Digest.String() == b.Digest:
		out.State, out.Digest = Current, b.Digest
		return out
	case err == nil:
		out.State, out.Digest = Newer, now.Digest.String()
	case !bundle.NotFound(err):
		out.Err = err
		return out
	}
	if _, err := place.Resolve(ctx, b.Digest); bundle.NotFound(err) {
		out.State = Delisted
	} else if err != nil {
		out.State, out.Err = Unknown, err
	}
	return out
}
