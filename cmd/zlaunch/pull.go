package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdPull = &command{
	usage:    "pull [OPTION]... PROFILE...",
	short:    "fetch the images of profiles",
	long:     `Fetches the image that each PROFILE names for the engine's architecture, unless it is here. A registry that wants a login is told apart from an image that is no longer there, each with what to type. The profiles and their images go to standard output, each followed by the image by its digest: the line for a profile of your own that shall not run what a tag is moved to.`,
	example:  []string{"zlaunch pull triton", "zlaunch pull --all", "zlaunch pull triton --json"},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		var project projectOptions
		all := fs.Bool("all", false, "fetch the image of every profile that has one here")
		json := fs.Bool("json", false, "print JSON")
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
			refs, err := images(std, l, project, args.words)
			if err != nil {
				return meantModel(args.words, err)
			}
			return pull(ctx, std, l, refs, *json)
		}
	},
}

// meantModel says how a model is pulled, where a word names one in the place of a profile.
func meantModel(words []string, err error) error {
	i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "oci://") || strings.HasPrefix(w, "dir:") })
	if i < 0 {
		return err
	}
	return hint.Wrap(err, "of a model: zlaunch model pull "+words[i])
}

// pull fetches images. One that cannot be had does not keep the others.
func pull(ctx context.Context, std *stdio, l *launcher.Launcher, refs []profileImage, json bool) error {
	doc := report.Pull{Schema: report.PullSchema, Images: []report.Pulled{}}
	failed := false
	for _, r := range refs {
		got, err := fetch(ctx, l, r)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			std.fail(err)
			failed = true
			continue
		}
		std.note("%s is here: %s unpacked, id %s", got.Ref, got.Bytes(), got.ID[:min(12, len(got.ID))])
		doc.Images = append(doc.Images, got)
		if json {
			continue
		}
		if err := got.Text(std.out); err != nil {
			return err
		}
	}
	if json {
		if err := report.JSON(std.out, doc); err != nil {
			return err
		}
	}
	if failed {
		return &statusError{status: exitFailed}
	}
	return nil
}

// fetch fetches one image, unless it is here, and asks the engine what it is.
func fetch(ctx context.Context, l *launcher.Launcher, r profileImage) (report.Pulled, error) {
	if err := l.Pull(ctx, r.ref, "missing"); err != nil {
		return report.Pulled{}, err
	}
	img, err := l.Engine.Image(ctx, r.ref)
	if err != nil {
		return report.Pulled{}, err
	}
	return report.Pulled{Profile: r.profile, Ref: r.ref, ID: img.ID, Pin: img.Pin(r.ref), Size: l.Engine.Images.LayersSize(ctx, img)}, nil
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
