package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/share"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// shelf is where bundles come from and are kept for whoever calls.
func (s *surroundings) shelf() *share.Shelf {
	return share.ShelfOf(s.getenv, s.home, s.profileDirs(), versionOf().Version)
}

// lockOptions say whose zlaunch.lock is meant.
type lockOptions struct{ project, system bool }

func (o *lockOptions) bind(fs *pflag.FlagSet) {
	fs.BoolVar(&o.project, "project", false, "the lock of the working directory, ./"+lockfile.Name)
	fs.BoolVar(&o.system, "system", false, "the lock of this host, /etc/zlaunch/"+lockfile.Name)
}

// place is the lock that the options name; the user's unless one is named.
func (o lockOptions) place(s *share.Shelf) (share.Place, error) {
	want := container.LayerUser
	switch {
	case o.project && o.system:
		return share.Place{}, &usageError{errors.New("--project and --system are two locks")}
	case o.project:
		want = container.LayerProject
	case o.system:
		want = container.LayerSystem
	}
	for _, p := range s.Places {
		if p.Layer == want {
			return p, nil
		}
	}
	return share.Place{}, errors.New("finding " + lockfile.Name + ": there is no such directory here")
}

// signerOf reads --signer: a fingerprint, or a name as lists of allowed signers have it.
func signerOf(s string) signature.Identity {
	if strings.HasPrefix(s, "SHA256:") {
		return signature.Identity{Fingerprint: s}
	}
	return signature.Identity{Principal: s}
}

// refOf reads a reference of a bundle. A directory is made absolute: locks are read from
// anywhere.
func (s *surroundings) refOf(text string) (bundle.Ref, error) {
	ref, err := bundle.ParseRef(text)
	if err != nil {
		return ref, &usageError{hint.Wrap(err, "oci://HOST/REPOSITORY[:TAG], or dir:PATH")}
	}
	if ref.Dir != "" && !filepath.IsAbs(ref.Dir) {
		ref.Dir = filepath.Join(s.dir, ref.Dir)
	}
	return ref, nil
}

// bundled are the files of the locked bundles for the profiles that a command wants. A
// project's lock that has no effect is told of, and stops a command that wants what it names.
func (s *stdio) bundled(ignoreProject bool, want []string) ([]profile.Source, error) {
	shelf := s.shelf()
	if ignoreProject {
		shelf.Places = slices.DeleteFunc(shelf.Places, func(p share.Place) bool { return p.Layer == container.LayerProject })
	}
	sources, waiting := shelf.Sources(context.Background()) // files of this host: nothing is waited for
	for _, w := range waiting {
		for _, name := range want {
			if slices.Contains(w.Profiles, name) {
				return nil, hint.Errorf(nextOf(w)+"\nor ignore the file with --no-project", "using profile %q: ./%s has it and is not approved: %w", name, lockfile.Name, w.Why)
			}
		}
		s.note("%s; to see and approve it: %s", waits(w), nextOf(w))
	}
	return sources, nil
}

// waits says of a lock that nobody approved what of it has no effect.
func waits(w share.Waiting) string {
	if w.Counts {
		return "./" + lockfile.Name + " is not approved: its bundles count by their signers, and what it says of their images does not"
	}
	return "./" + lockfile.Name + " is not approved and has no effect"
}

// nextOf is what to type about a lock that has no effect.
func nextOf(w share.Waiting) string {
	if h := hint.Of(w.Why); strings.HasPrefix(h, "zlaunch add") {
		return "zlaunch add --project\nzlaunch approve " + lockfile.Name
	}
	return "zlaunch approve " + lockfile.Name
}
