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
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/share"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// shelf is where bundles come from and are kept for whoever calls.
func (s *surroundings) shelf() *share.Shelf {
	dirs := s.profileDirs()
	shelf := &share.Shelf{
		Store:      bundle.StoreIn(s.getenv, s.home),
		Registries: bundle.SettingsOf(s.getenv, s.home, "zlaunch/"+versionOf().Version),
		Signers:    signature.Files{System: signature.SystemFile},
		Places:     []share.Place{{Layer: container.LayerSystem, Path: filepath.Join("/etc/zlaunch", lockfile.Name)}},
		Approved:   dirs.Approved,
		Guard:      record.Locks(filepath.Join(filepath.Dir(dirs.Approved.Dir), "locks")), // not gone at logout, as locks of launches are
		Version:    versionOf().Version,
	}
	if dirs.User != "" {
		shelf.Signers.User = filepath.Join(dirs.User, signature.UserFile)
		shelf.Places = append(shelf.Places, share.Place{Layer: container.LayerUser, Path: filepath.Join(dirs.User, lockfile.Name)})
	}
	if dirs.Project != "" && filepath.Clean(dirs.Project) != filepath.Clean(dirs.User) {
		shelf.Places = append(shelf.Places, share.Place{Layer: container.LayerProject, Path: filepath.Join(dirs.Project, lockfile.Name)})
	}
	return shelf
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

// bundled are the files of the locked bundles. A project's lock that nobody approved has
// no effect and is told of.
func (s *stdio) bundled(ignoreProject bool) []profile.Source {
	shelf := s.shelf()
	if ignoreProject {
		shelf.Places = slices.DeleteFunc(shelf.Places, func(p share.Place) bool { return p.Layer == container.LayerProject })
	}
	sources, pending := shelf.Sources(context.Background()) // files of this host: nothing is waited for
	for range pending {
		s.note("./%s is not approved, its signers are in no list, and it has no effect; to see and approve it: zlaunch approve %s", lockfile.Name, lockfile.Name)
	}
	return sources
}
