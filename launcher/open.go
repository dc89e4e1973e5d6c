package launcher

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/policy/disk"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/share"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// Open makes a launcher of what surrounds this process: the built-in profiles, those of
// the system and the user, and of the bundles that their locks name, verified, this host,
// the engine that Podman's own client would talk to, or a private one, and the user's
// directories. A project's profiles and lock are not among them; which zlaunch a bundle
// requires is not asked. Of a file that cannot be used the catalog tells, and its profiles are
// errors. Whoever opens it closes it: [Launcher.Close].
func Open(ctx context.Context) (*Launcher, error) {
	source := host.System()
	facts, err := host.Read(source)
	if err != nil {
		return nil, err
	}
	profiles := profile.DirsOf(os.Getenv, facts.Home, "")
	profiles.Bundles, _ = share.ShelfOf(os.Getenv, facts.Home, profiles, "").Sources(ctx)
	sources, _, err := profile.Sources(profiles)
	if err != nil {
		return nil, err
	}
	l := &Launcher{Catalog: profile.Assemble(sources), Host: facts, Dirs: record.DirsOf(os.Getenv, facts.Home, facts)}
	l.Policy = func() (policy.Set, error) { return disk.System().Read() }
	l.Engine, err = podman.Connect(ctx, podman.Target{
		Env: os.Getenv, CacheDir: l.Dirs.Cache, ImageIndex: source.ImageIndex(),
		Scratch: l.Dirs.Scratch(), ThisHost: !facts.OtherEngine(),
	})
	if err != nil {
		return nil, err
	}
	l.Engine.Claims = l.Dirs.Claims()
	return l, nil
}

// Close lets go of the engine. Containers keep running.
func (l *Launcher) Close() error {
	if l.Engine == nil {
		return nil
	}
	return l.Engine.Close()
}

// planner works with what the launcher has. An engine that is not there must not
// become an interface that holds none.
func planner(l *Launcher) *plan.Planner {
	pl := &plan.Planner{Catalog: l.Catalog, Host: l.Host, Dirs: l.Dirs, Version: l.Version, Now: l.Now, Policy: l.Policy, Tell: l.Tell}
	if l.Engine != nil {
		pl.Engine, pl.Containers, pl.Layers = l.Engine, l.Engine.Containers, l.Engine.Images.LayersSize
	}
	return pl
}

func runner(l *Launcher, doing string) (*launch.Runner, error) {
	if err := reaches(l, doing); err != nil {
		return nil, err
	}
	return &launch.Runner{Planner: planner(l), Engine: l.Engine, Host: l.Host, Dirs: l.Dirs, Version: l.Version, Now: l.Now, Tell: l.Tell, Passing: l.Passing}, nil
}

func auditor(l *Launcher) *subject.Auditor {
	return &subject.Auditor{Planner: planner(l), Engine: l.Engine, Host: l.Host, Dirs: l.Dirs, Now: l.Now}
}

// reaches refuses what needs an engine where there is none, or no place for its records.
func reaches(l *Launcher, doing string) error {
	if err := able(l, doing, l.Engine != nil, "Engine"); err != nil {
		return err
	}
	return able(l, doing, filepath.IsAbs(l.Dirs.Runtime) && filepath.IsAbs(l.Dirs.State), "directories for its locks and records")
}

// able refuses what lacks a field, or the Host that everything needs.
func able(l *Launcher, doing string, has bool, what string) error {
	switch {
	case l.Host == nil:
		what = "Host"
	case has:
		return nil
	}
	return hint.Wrap(fmt.Errorf("%s: the launcher has no %s", doing, what), "make it by launcher.Open, or set the field")
}
