package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/share"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// behindBundles are the files that stand behind every bundle: built in, and the system's.
func (s *surroundings) behindBundles() ([]profile.Source, error) {
	dirs := s.profileDirs()
	dirs.User, dirs.Project = "", ""
	sources, _, err := profile.Sources(dirs)
	return sources, err
}

// sound puts every profile of a package together for each of its architectures, and tells
// all that is wrong with them.
func sound(std *stdio, p share.Package, behind []profile.Source) error {
	c := profile.Assemble(append(slices.Clip(behind), p.Sources...))
	var wrong []error
	for _, e := range c.Faulty() {
		for _, f := range e.Faults {
			wrong = append(wrong, fmt.Errorf("%s: %s", f.Place(), f.Message()))
		}
	}
	for _, name := range c.Runnable(container.LayerBundle) {
		wrong = append(wrong, unsound(c, name)...)
	}
	if len(wrong) == 0 {
		return nil
	}
	for _, err := range wrong[:len(wrong)-1] {
		std.fail(err)
	}
	return hint.Wrap(errors.Join(wrong[len(wrong)-1]), "nothing was published")
}

// unsound is what is wrong with one profile.
func unsound(c *profile.Catalog, name string) (wrong []error) {
	p, err := c.ResolveBare(name, hostArch)
	if err != nil {
		return []error{err}
	}
	if len(p.Archs) == 0 {
		return []error{fmt.Errorf("profile %s names no image on any architecture", name)}
	}
	for _, arch := range p.Archs {
		on, err := c.Resolve(name, arch)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("on %s: %w", arch, err))
			continue
		}
		for _, f := range subject.Stated(on.Stated) {
			if f.Severity >= audit.High && !waives(on, f) {
				wrong = append(wrong, fmt.Errorf("profile %s on %s fails %s %s (%s): %s", name, arch, f.Control.ID, f.Control.Name, f.Severity, f.Message))
			}
		}
	}
	return wrong
}

func waives(p *profile.Profile, f audit.Finding) bool {
	return slices.ContainsFunc(p.Waivers, func(w audit.Waiver) bool { return w.Control == f.Control.ID })
}

// profileNames are the names of the profiles that files define, sorted.
func profileNames(files []profile.Source) []string {
	return slices.DeleteFunc(profile.Assemble(files).Names(), func(name string) bool { return name == "base" })
}
