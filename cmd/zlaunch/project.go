package main

import (
	"bufio"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// A project's own profiles.toml came with somebody's repository. It has no effect
// at all before the user approved these very bytes at this very place.

// projectFile is what errors and plans call it.
const projectFile = "./profiles.toml"

// projectOptions are of the commands that read profiles.
type projectOptions struct{ ignore bool }

func (p *projectOptions) bind(fs *pflag.FlagSet) {
	fs.BoolVar(&p.ignore, "no-project", false, "ignore "+projectFile+", whether approved or not")
}

// catalog reads the profiles that are visible here. want are the profiles that
// the command names: an unapproved project file that defines one of them is asked
// about on a terminal and refused elsewhere, for neither that file nor the profile
// of the same name behind it need be what the user means. One that nobody defines
// is an error here, before an engine is asked for anything, and so is one that a file
// spoils; any other file that cannot be used is named, and the rest works.
func (s *stdio) catalog(p projectOptions, want ...string) (*profile.Catalog, error) {
	sources, pending, err := sourcesFor(s, p, want)
	if err != nil {
		return nil, err
	}
	c := assemble(sources, want)
	if len(pending) > 0 {
		if c, err = unapproved(s, pending[0], c, sources, want); err != nil {
			return nil, err
		}
	}
	if err := c.Known(want...); err != nil {
		return nil, err
	}
	warnFaulty(s, c.Faulty())
	return c, nil
}

// listing is the profiles that are visible here for a list: bundles that their locks tell
// enough of are not read.
func listing(s *stdio, p projectOptions) (*profile.Listing, error) {
	sources, pending, err := sourcesFor(s, p, nil)
	if err != nil {
		return nil, err
	}
	if len(pending) > 0 {
		noteUnapproved(s)
	}
	l := profile.Listed(sources)
	warnFaulty(s, l.Faulty())
	return l, nil
}

// sourcesFor are the files of all layers for a command that wants profiles of these names, and
// the project file that is not approved.
func sourcesFor(s *stdio, p projectOptions, want []string) ([]profile.Source, []profile.Pending, error) {
	dirs := s.profileDirs()
	bundled, err := s.bundled(p.ignore, want)
	if err != nil {
		return nil, nil, err
	}
	dirs.Bundles = bundled
	if p.ignore {
		dirs.Project = ""
	}
	return profile.Sources(dirs)
}

// warnFaulty names the files that cannot be used.
func warnFaulty(s *stdio, files []*profile.FileError) {
	for _, e := range files {
		s.note("warning: %s: %s; %s", e.Faults[0].Place(), e.Faults[0].Message(), e.Next())
	}
}

func noteUnapproved(s *stdio) {
	s.note("%s is not approved and has no effect; to see and approve it: zlaunch approve", projectFile)
}

// unapproved is the catalog to go on with where a project file is not approved: approved
// is that of all other files.
func unapproved(std *stdio, file profile.Pending, approved *profile.Catalog, sources []profile.Source, want []string) (*profile.Catalog, error) {
	own := profile.Source{Layer: container.LayerProject, File: projectFile, Data: file.Data}
	c := assemble(append(slices.Clip(sources), own), want)
	for _, name := range want {
		if !slices.Contains(c.Runnable(container.LayerProject), name) {
			continue
		}
		if broken := c.Known(name); broken != nil {
			return nil, hint.Errorf(hint.Of(broken)+"\nor ignore the file with --no-project", "%w; it is not approved either", broken)
		}
		if std.tty.in && std.tty.err {
			if yes, err := ask(std, file, sources); yes || err != nil {
				return c, cmp.Or(err, std.profileDirs().Approved.Approve(file.Path, file.Data))
			}
		}
		return nil, hint.Errorf("zlaunch approve "+projectFile+"\nor ignore the file with --no-project",
			"using profile %q: %s defines it and is not approved", name, projectFile)
	}
	noteUnapproved(std)
	return approved, nil
}

// assemble is the catalog for the profiles that a command names; one that names none may
// use any.
func assemble(sources []profile.Source, want []string) *profile.Catalog {
	if len(want) == 0 {
		return profile.Assemble(sources)
	}
	return profile.AssembleFor(sources, want...)
}

// ask shows the file and asks for approval; only a plain yes is one.
func ask(std *stdio, file profile.Pending, sources []profile.Source) (bool, error) {
	std.note("this directory has profiles of its own, not approved yet:")
	if err := describe(std, std.err, file, sources); err != nil {
		return false, err
	}
	fmt.Fprint(std.err, "zlaunch: approve and use it? [y/N] ")
	line, _ := bufio.NewReader(std.in).ReadString('\n') // no answer is no
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}

// projectAt reads the project file at path: whether it is approved as it stands, and the
// sources behind it.
func projectAt(std *stdio, path string) (file profile.Pending, approved bool, behind []profile.Source, err error) {
	dirs := std.profileDirs()
	dirs.Project = filepath.Dir(path)
	sources, pending, err := profile.Sources(dirs)
	if err != nil {
		return file, false, nil, err
	}
	if len(pending) > 0 {
		return pending[0], false, sources, nil
	}
	switch last := sources[len(sources)-1]; {
	case last.Layer != container.LayerProject:
		return file, false, nil, hint.Errorf("ls -l "+path, "approving %s: there is no such file", path)
	case last.Err != nil:
		return file, false, nil, hint.Wrap(fmt.Errorf("approving %s: %w", path, last.Err), hint.Of(last.Err))
	default:
		return profile.Pending{Path: path, Hash: profile.Hash(last.Data), Data: last.Data}, true, sources[:len(sources)-1], nil
	}
}

// approve shows the project file at path and records that the user approved it, unless
// only show is wanted.
func approve(std *stdio, path string, show bool) error {
	file, approved, sources, err := projectAt(std, path)
	if err != nil {
		return err
	}
	if show {
		return describe(std, std.out, file, sources)
	}
	if approved {
		std.note("%s is approved as it stands", path)
		return nil
	}
	if err := describe(std, std.err, file, sources); err != nil {
		return err
	}
	if err := std.profileDirs().Approved.Approve(file.Path, file.Data); err != nil {
		return err
	}
	std.note("approved; take it back with: zlaunch approve --revoke")
	return nil
}
