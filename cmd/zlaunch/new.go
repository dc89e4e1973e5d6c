package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/author"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

var cmdNew = &command{
	usage: "new [OPTION]... NAME",
	short: "draft a profile of what an image says of itself",
	long: `Reads the image that --image names, which must be here, and writes the profile NAME to standard output: a server where it exposes ports, else a job; its user in numbers; a sized tmpfs for each of its volumes; the image by its digest, where one is known; each setting with its reason. The hardening comes from the profile base. Nothing of the image is run.

What the image does not say is marked as a GUESS, and root as user becomes 1000:1000. The profile passes zlaunch-validate(1), and no control of high or critical fails by it; whether the workload runs by it zlaunch-trial(1) tells.

The profile is for the architecture of the image that is here; --arch names further ones, for which the same reference is written down unread.`,
	example: []string{
		"zlaunch new web --image docker.io/library/nginx:1.27",
		"zlaunch new web --image docker.io/library/nginx:1.27 --arch s390x -o ~/.config/zlaunch/profiles.d/web.toml",
	},
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		ref := fs.String("image", "", "draft it of `IMAGE`")
		archs := fs.StringArray("arch", nil, "have it for `ARCH`, too: amd64, arm64, ppc64le or s390x")
		out := fs.StringP("output", "o", "", "write it to `FILE`, which must not be there")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			for _, a := range *archs {
				if !slices.Contains(profile.Archs, a) {
					return &usageError{hint.Errorf("--arch is one of "+strings.Join(profile.Archs, ", "), "option --arch does not take %q", a)}
				}
			}
			if *ref == "" {
				return &usageError{hint.Errorf("zlaunch new "+args.words[0]+" --image IMAGE; podman images lists those that are here", "no image is named")}
			}
			text, err := draft(ctx, std, engine, author.Draft{Name: args.words[0], Ref: *ref, Archs: *archs})
			if err != nil {
				return err
			}
			return keep(std, *out, args.words[0], text)
		}
	},
}

// draft reads the image and writes the profile of it. What it gives was read back.
func draft(ctx context.Context, std *stdio, engine engineOptions, d author.Draft) (string, error) {
	sources, _, err := profile.Sources(std.profileDirs())
	if err != nil {
		return "", err
	}
	if slices.Contains(profile.Assemble(sources).Names(), d.Name) {
		return "", hint.Errorf("take another name; zlaunch show "+d.Name+" tells of this one", "drafting %s: there is a profile of that name", d.Name)
	}
	l, done, err := std.launcher(ctx, engine, nil)
	if err != nil {
		return "", err
	}
	defer done()
	if err := look(ctx, l, &d); err != nil {
		return "", err
	}
	text := d.TOML()
	return text, drafted(sources, d.Name, text)
}

// look fills in what the image says.
func look(ctx context.Context, l *launcher.Launcher, d *author.Draft) error {
	img, err := l.Engine.Image(ctx, d.Ref)
	if err != nil {
		return err
	}
	if !slices.Contains(profile.Archs, img.Arch) {
		return fmt.Errorf("drafting %s: the image is for %q, which no profile is for", d.Name, img.Arch)
	}
	uid, gid, home, err := l.Engine.LookupUser(ctx, img)
	if err != nil {
		return err
	}
	d.Image, d.User, d.Home = img, fmt.Sprintf("%d:%d", uid, gid), home
	return nil
}

// drafted reads a draft back among sources, as validate does, and judges it: what it
// refuses is never written.
func drafted(sources []profile.Source, name, text string) error {
	src := profile.Source{Layer: container.LayerUser, File: name + ".toml", Data: []byte(text)}
	all := append(slices.Clip(sources), src)
	var wrong []error
	for _, f := range profile.Validate(all, src.File, time.Now(), plan.Anywhere).Faults {
		wrong = append(wrong, errors.New(f.Message()))
	}
	if err := errors.Join(wrong...); err != nil {
		return hint.Wrap(fmt.Errorf("drafting %q: no profile comes of it: %w", name, err), "zlaunch help profile")
	}
	return nil
}

// keep writes the draft to a new file, or to standard output.
func keep(std *stdio, file, name, text string) error {
	if file == "" {
		_, err := io.WriteString(std.out, text)
		return err
	}
	if err := writeNew(std, file, text); err != nil {
		return err
	}
	std.note("%s is written; check it: zlaunch validate %s; then, in its place: zlaunch trial %s", file, file, name)
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(std *stdio, file, text string) error {
	path := std.absolute(file)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return unwritten(file, err)
	}
	_, err = io.WriteString(f, text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", file, err), os.Remove(path))
	}
	return nil
}

// vacant refuses a file that [writeNew] would, before what is to be written is there.
func vacant(std *stdio, file string) error {
	path := std.absolute(file)
	if _, err := os.Lstat(path); err == nil {
		return unwritten(file, fs.ErrExist)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return unwritten(file, err)
	}
	return nil
}

// unwritten says why a file that is not there yet cannot be written.
func unwritten(file string, err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return hint.Errorf("another FILE, or remove it first", "writing %s: it is there already", file)
	case errors.Is(err, fs.ErrNotExist):
		return hint.Errorf("mkdir -p "+filepath.Dir(file), "writing %s: its directory is not there", file)
	}
	return err
}
