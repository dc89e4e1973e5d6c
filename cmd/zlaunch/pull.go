package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
)

var cmdPull = &command{
	usage:    "pull [OPTION]... PROFILE...",
	short:    "fetch the images of profiles",
	long:     `Fetches the image that each PROFILE names for the engine's architecture, unless it is here. A registry that wants a login is told apart from an image that is no longer there, each with what to type. The profiles and their images go to standard output.`,
	example:  []string{"zlaunch pull triton", "zlaunch pull --all"},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		var project projectOptions
		all := fs.Bool("all", false, "fetch the image of every profile that has one here")
		project.bind(fs)
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			switch {
			case *all && len(args.words) > 0:
				return &usageError{errors.New("--all and a profile are two wishes")}
			case !*all && len(args.words) == 0:
				return &usageError{errors.New("no profile is named")}
			}
			l, done, err := std.launcher(ctx, engine, nil)
			if err != nil {
				return err
			}
			defer done()
			return pull(ctx, std, l, project, args.words)
		}
	},
}

// pull fetches the images of names, of all profiles without names. One that
// cannot be had does not keep the others.
func pull(ctx context.Context, std *stdio, l *launcher.Launcher, project projectOptions, names []string) error {
	refs, err := images(std, l, project, names)
	if err != nil {
		return err
	}
	failed := false
	for _, r := range refs {
		if err := l.Pull(ctx, r.ref, "missing"); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			std.fail(err)
			failed = true
			continue
		}
		fmt.Fprintf(std.out, "%s %s\n", r.profile, r.ref)
	}
	if failed {
		return &statusError{status: exitFailed}
	}
	return nil
}

type profileImage struct{ profile, ref string }

// images resolves the images of names; without names, of every profile that has
// one for the engine's architecture in a registry.
func images(std *stdio, l *launcher.Launcher, project projectOptions, names []string) ([]profileImage, error) {
	all := len(names) == 0
	c, err := std.catalog(project, names...)
	if err != nil {
		return nil, err
	}
	if all {
		for _, p := range c.All(l.Host.Arch) {
			if p.Available {
				names = append(names, p.Name)
			}
		}
	}
	var out []profileImage
	for _, name := range names {
		p, err := c.Resolve(name, l.Host.Arch)
		if err != nil {
			return nil, err
		}
		ref, _, _ := container.Image.Get(p.Stated)
		if all && strings.HasPrefix(ref, "localhost/") {
			std.note("%s is left out: %s is made on this host", name, ref)
			continue
		}
		out = append(out, profileImage{name, ref})
	}
	return out, nil
}
