package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/share"
)

// behindBundles are the files that stand behind every bundle: built in, and the system's.
func (s *surroundings) behindBundles() ([]profile.Source, error) {
	dirs := s.profileDirs()
	dirs.User, dirs.Project = "", ""
	sources, _, err := profile.Sources(dirs)
	return sources, err
}

// packed makes the bundle of a directory, and tells all that is wrong with it: with the
// directory, with the files of its profiles, and what would refuse every run of one of
// them, on any of its architectures.
func packed(std *stdio, dir string) (share.Package, expectations, error) {
	at := dir
	if !filepath.IsAbs(dir) {
		at = filepath.Join(std.dir, dir)
	}
	if info, err := os.Stat(at); err != nil || !info.IsDir() {
		return share.Package{}, expectations{}, hint.Errorf("ls -ld "+dir, "reading %s: it is no directory", dir)
	}
	p, err := share.Pack(os.DirFS(at))
	wrong := parts(err)
	behind, err := std.behindBundles()
	if err != nil {
		return p, expectations{}, err
	}
	all := append(slices.Clip(behind), p.Sources...)
	for _, src := range p.Sources {
		for _, f := range profile.Validate(all, src.File, time.Now(), plan.Anywhere).Faults {
			f.File = filepath.Join(dir, path.Base(f.File))
			wrong = append(wrong, hint.Wrap(fmt.Errorf("%s: %s", f.Place(), f.Message()), hint.Of(f.Err)))
		}
	}
	c := profile.Assemble(all)
	for _, name := range c.Runnable(container.LayerBundle) {
		if one, err := c.ResolveBare(name, hostArch); err == nil && len(one.Archs) == 0 {
			wrong = append(wrong, fmt.Errorf("%s: profile %s names no image on any architecture", filepath.Join(dir, path.Base(one.File)), name))
		}
	}
	if len(wrong) == 0 {
		return p, expectations{filepath.Join(at, "expect"), filepath.Join(dir, "expect"), p.Sources}, nil
	}
	for _, err := range wrong {
		std.fail(err)
	}
	std.note("%s is not sound, and nothing was published", dir)
	return p, expectations{}, &statusError{status: exitFailed}
}

// parts are the errors that err joins.
func parts(err error) []error {
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &joined):
		return joined.Unwrap()
	}
	return []error{err}
}

// profileNames are the names of the profiles that files define, sorted.
func profileNames(files []profile.Source) []string {
	return slices.DeleteFunc(profile.Assemble(files).Names(), func(name string) bool { return name == "base" })
}
