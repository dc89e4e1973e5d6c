package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/derive"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

var cmdDerive = &command{
	usage: "derive [OPTION]... IMAGE|PROFILE",
	short: "mend an image by what scanners found in it",
	long: `Writes the Containerfile of an image in which those packages are upgraded that a newer version mends, by the records of its scans (zlaunch-scan(1)), and none else: FROM its digest, as root; apt, dnf, microdnf, zypper or apk, whichever it has; then the user that it had, as it names it, and labels with the digest of the base and what was mended. It goes to standard output, or to a new FILE; what it upgrades and what it leaves, and why, to standard error. Nothing is built, and nothing of the image is run.

IMAGE is a name or an id of an image that the engine holds; of a PROFILE its image is meant.

Packages of Python are upgraded with --with-languages, by pip, each alone and to the least version that mends it: what else was tried with the old one may not work with it. Packages of other languages are part of an application, which is to be built anew. What its vendor says not to change, --keep names, by package or source package; the build fails where the upgrade of another would change it.

What a scanner, a registry or the image says gets into the file where it is made of the characters of such words, and stays out otherwise. A base with ONBUILD is refused.

A derived image is not signed by the vendor of its base, and is larger: what is upgraded stays in the layers below.`,
	example:  []string{"zlaunch derive triton", "zlaunch derive localhost/server:1 --with-languages --keep openssl -o Containerfile"},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		x := &deriving{}
		fs.BoolVar(&x.wish.Languages, "with-languages", false, "upgrade packages of Python too, by pip")
		fs.StringArrayVar(&x.wish.Keep, "keep", nil, "do not change the package `NAME`")
		fs.StringVarP(&x.out, "output", "o", "", "write the Containerfile to `FILE`, which must not be there")
		fs.BoolVar(&x.json, "json", false, "print JSON")
		x.project.bind(fs)
		x.engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			x.std = std
			return x.run(ctx, args.words[0])
		}
	},
}

// deriving is one call of zlaunch derive.
type deriving struct {
	std     *stdio
	project projectOptions
	engine  engineOptions
	wish    derive.Wish
	out     string
	json    bool

	l       *launcher.Launcher
	profile string // whose image it is; "" an image was named
	base    derive.Base
}

func (x *deriving) run(ctx context.Context, name string) error {
	l, done, err := x.std.launcher(ctx, x.engine, nil)
	if err != nil {
		return err
	}
	defer done()
	x.l, x.wish.Version = l, versionOf().Version
	ref, of, err := imageNamed(x.std, l, x.project, name)
	if err != nil {
		return err
	}
	x.profile = of
	p, err := x.plan(ctx, ref)
	if errors.Is(err, derive.ErrNothing) {
		x.std.note("%s: %v", ref, err)
		return nil
	}
	if err != nil {
		return err
	}
	return x.print(report.NewDerive(x.base, of, p))
}

// plan works out how an image is mended by its records.
func (x *deriving) plan(ctx context.Context, ref string) (*derive.Plan, error) {
	var err error
	x.std.progress.passing("reading the image")
	x.base, err = launcher.DeriveBase(ctx, x.l.Engine, ref)
	x.std.progress.clear()
	if errors.Is(err, podman.ErrNoImage) {
		err = hint.Wrap(err, "podman pull "+ref)
	}
	if err != nil {
		return nil, err
	}
	scans, err := x.records()
	if err != nil {
		return nil, err
	}
	p, err := derive.Make(x.base, scans, x.wish)
	if len(scans) == 0 {
		err = hint.Wrap(err, "zlaunch scan --import FILE --image "+ref)
	}
	return p, err
}

// records are the scans of the base.
func (x *deriving) records() ([]*scan.Scan, error) {
	dir, err := scanDir(x.std)
	if err != nil {
		return nil, err
	}
	img := x.base.Image
	return dir.Of(scan.ImageOf(img.ID, append([]string{img.Digest}, img.RepoDigests...)...))
}

func (x *deriving) print(doc report.Derive) error {
	if x.json {
		return report.JSON(x.std.out, doc)
	}
	if err := doc.Text(x.std.errPage, x.std.errScreen); err != nil {
		return err
	}
	if doc.Empty() {
		return nil
	}
	if x.out == "" {
		_, err := io.WriteString(x.std.out, doc.Containerfile)
		return err
	}
	if err := writeNew(x.std, x.out, doc.Containerfile); err != nil {
		return err
	}
	x.std.note("%s is written", x.out)
	return nil
}
