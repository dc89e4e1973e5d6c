package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/derive"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

var cmdDerive = &command{
	usage: "derive [OPTION]... IMAGE|PROFILE",
	short: "mend an image by what scanners found in it, until it serves",
	long: `Writes the Containerfile of an image in which those packages are upgraded that a newer version mends, by the records of its scans (zlaunch-scan(1)), and none else: FROM its digest, as root; apt, dnf, microdnf, zypper or apk, whichever it has; then the user that it had, as it names it, and labels with the digest of the base and what was mended. It goes to standard output, or to a new FILE; what it upgrades and what it leaves, and why, to standard error. Without --build nothing is built, and nothing of the image is run.

IMAGE is a name or an id of an image that the engine holds; of a PROFILE its image is meant.

Packages of Python are upgraded with --with-languages, by pip, each alone and to the least version that mends it: what else was tried with the old one may not work with it. Packages of other languages are part of an application, which is to be built anew. What its vendor says not to change, --keep names, or the profile in derive.keep, by package or source package; the build fails where the upgrade of another would change it.

--build builds it, by podman-build(1) and without root, under a name that no image has: localhost/NAME:TAG-mended.1, or --tag. Commands of the base run in it, as root of the build's container; they have the network that podman gives, for the archives of the packages, or --network. Then the new image is held against its base: user, entrypoint, command, variables, ports, volumes, working directory, healthcheck, stop signal, and all labels and annotations but those of a build; where the base has no PATH, the one that podman writes into what it builds may be there. What can be told to be wrong before the build is told then: a name that is taken, a program or a database that is not there, a scanner or a launch that would be refused. What is built and not judged stays, and the error says how to go on. It is scanned again, by the scanners that zlaunch-scan(1) had look at the base, else by those whose images are here, or by those that --scanner names, as prisoners; --db gives each its database again. Or it is scanned by a program of yours that --scan-by names: it gets the name of the image, and writes a report as zlaunch scan --import takes it. Without either the command ends here with status 4, and goes on with --continue IMAGE once a report was imported. Of a profile, the old and the new image are then launched one after the other as zlaunch-run(1) would, and both are asked the profile's golden request, whose answers must be alike, or, where it has none, must serve. A policy is asked of these launches but for its [scan], for what has findings is what is to be mended; what it has against a run of the new image is said at the end.

What passes is proposed as a change of the profile: a diff of its file where it is your own, which --write applies, else a file to lay over it. An image that differs, mends nothing or breaks the server is refused with status 1 and removed; the old one stands. Nothing is overwritten. --loop mends the new image in turn, until no newer version mends anything or nothing moves.

What a scanner, a registry or the image says gets into the file where it is made of the characters of such words, and stays out otherwise. A base with ONBUILD is refused. A derived image is not signed by the vendor of its base, and is larger: what is upgraded stays in the layers below.`,
	example: []string{
		"zlaunch derive triton",
		"zlaunch derive localhost/server:1 --with-languages --keep openssl -o Containerfile",
		"zlaunch derive triton --models ./m --build --scanner trivy --db ./trivy-db",
		"zlaunch derive triton --models ./m --continue localhost/triton:24.12-mended.1 --write",
	},
	complete: completeProfiles,
	reaps:    true,
	bind: func(fs *pflag.FlagSet) runFunc {
		x := &deriving{}
		fs.BoolVar(&x.wish.Languages, "with-languages", false, "upgrade packages of Python too, by pip")
		fs.StringArrayVar(&x.keep, "keep", nil, "do not change the package `NAME`")
		fs.StringVarP(&x.out, "output", "o", "", "write the Containerfile to `FILE`, which must not be there")
		fs.BoolVar(&x.json, "json", false, "print JSON; not with --build")
		fs.BoolVar(&x.build, "build", false, "build it, scan it again, and try whether it serves as its base does")
		fs.StringVar(&x.next, "continue", "", "go on with `IMAGE`, which was built before")
		fs.BoolVar(&x.loop, "loop", false, "with --build: mend the new image in turn, while something moves")
		fs.StringVar(&x.tag, "tag", "", "with --build: call the new image `NAME`, which no image has")
		fs.StringVar(&x.network, "network", "", "with --build: the `NETWORK` of its commands, as podman-build takes it")
		fs.StringSliceVar(&x.prison.scanners, "scanner", nil, "with --build: have the profile `SCANNER` scan it again, as zlaunch scan does (default those that scanned the base)")
		fs.StringArrayVar(&x.prison.databases, "db", nil, "with --build: give a scanner its database: `[SCANNER=]DIRECTORY`, read-only")
		fs.StringVar(&x.prison.age, "db-max-age", databaseAge, "with --build: refuse a database that is older than `DAYS`; any takes each")
		fs.StringVar(&x.scanner, "scan-by", "", "with --build: scan it again by `PROGRAM` IMAGE of yours, which writes a report to its standard output")
		fs.StringVar(&x.options.Models, "models", "", "launch with the model tree or file at `PATH`")
		fs.StringArrayVarP(&x.options.Env, "env", "e", nil, "launch with a variable: `NAME[=VALUE]`")
		fs.StringArrayVar(&x.options.Waive, "waive", nil, "let one control of the launches fail, for a reason that is recorded: `ID[@SETTING]=REASON`")
		fs.StringArrayVar(&x.policies, "policy", nil, "refuse also launches that the policy in `FILE` forbids, but for its scans, beside that of this host")
		fs.StringVar(&x.body, "golden-body", "", "send what is in `FILE` as the body of the profile's golden request")
		fs.BoolVar(&x.write, "write", false, "write what is proposed into the profile's file, where it is yours")
		x.project.bind(fs)
		x.engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			err := args.count(1, 1)
			if err == nil {
				err = x.check()
			}
			if err != nil {
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
	options launcher.Options // of launches
	wish    derive.Wish
	keep    []string // of the command line
	out     string
	json    bool

	build, loop, write          bool
	next, tag, network, scanner string
	body                        string // a file
	policies                    []string
	prison                      prisonOptions

	l       *launcher.Launcher
	profile *profile.Profile // whose image it is; nil: an image was named
	golden  *profile.Golden  // what it is asked; nil: nothing
	base    derive.Base
	scans   []*scan.Scan // of the base
}

// check refuses options that go with others.
func (x *deriving) check() error {
	builds := x.build || x.next != ""
	switch {
	case x.build && x.next != "":
		return &usageError{errors.New("--build makes an image, and --continue goes on with one")}
	case builds && (x.json || x.out != ""):
		return &usageError{hint.Errorf("zlaunch derive -o FILE, then zlaunch derive --build", "--json and --output show the plan, and nothing is built then")}
	case !x.build && x.tag+x.network != "", !builds && (x.loop || x.write || x.prison.given() || x.scanner+x.body != ""):
		return &usageError{hint.Errorf("zlaunch derive --build", "--loop, --tag, --network, --scanner, --db, --scan-by, --golden-body and --write go with --build")}
	case x.scanner != "" && x.prison.given():
		return &usageError{errors.New("--scan-by is a program of yours, and --scanner a prisoner: one of the two scans")}
	case x.tag != "" && x.loop:
		return &usageError{errors.New("--loop builds several images, and --tag names one")}
	}
	return nil
}

func (x *deriving) run(ctx context.Context, name string) error {
	if err := astray("deriving from", name); err != nil {
		return err
	}
	x.std.policies = x.policies
	l, done, err := x.std.launcher(ctx, x.engine, nil)
	if err != nil {
		return err
	}
	defer done()
	defer reaping(ctx, x.std, l)()
	x.l, x.wish.Version, x.wish.Keep = l, versionOf().Version, x.keep
	ref, err := x.named(name)
	for _, check := range []func() error{x.request, func() error { return x.recorded(ctx, ref) }, func() error { return x.ready(ctx) }} {
		if err == nil {
			err = check()
		}
	}
	if err != nil {
		return err
	}
	p, err := x.plan(ctx, ref)
	if errors.Is(err, derive.ErrNothing) {
		x.std.note("%s: %v", ref, err)
		return nil
	}
	if err != nil {
		return err
	}
	x.unkept()
	if err := x.print(p); err != nil || !x.build && x.next == "" {
		return err
	}
	return mending{x}.mend(ctx, p)
}

// named finds the image that is meant, and the profile whose it is.
func (x *deriving) named(name string) (ref string, err error) {
	ref, of, err := imageNamed(x.std, x.l, x.project, name)
	want := slices.Clone(x.prison.scanners)
	if of != "" {
		want = append(want, of)
	}
	if err == nil {
		x.l.Catalog, err = x.std.catalog(x.project, want...)
	}
	if err != nil || of == "" {
		return ref, err
	}
	if x.profile, err = x.l.Catalog.Resolve(of, x.l.Host.Arch); err != nil {
		return "", err
	}
	x.wish.Keep = append(slices.Clone(x.profile.Keep), x.keep...)
	return ref, nil
}

// recorded finds the records of an image, and refuses those that prove nothing.
func (x *deriving) recorded(ctx context.Context, ref string) error {
	img, err := x.l.Engine.Image(ctx, ref)
	if errors.Is(err, podman.ErrNoImage) {
		err = hint.Wrap(err, "podman pull "+ref)
	}
	if err == nil {
		x.scans, err = recordsOf(x.std, img)
	}
	if err != nil {
		return err
	}
	err = derive.Usable(x.scans)
	if len(x.scans) == 0 {
		err = hint.Wrap(err, "zlaunch scan "+ref+"\nzlaunch scan --import FILE --image "+ref)
	}
	return err
}

// plan works out how an image is mended by its records.
func (x *deriving) plan(ctx context.Context, ref string) (*derive.Plan, error) {
	err := x.recorded(ctx, ref)
	if err != nil {
		return nil, err
	}
	x.std.progress.passing("reading the image")
	x.base, err = launcher.DeriveBase(ctx, x.l.Engine, ref)
	x.std.progress.clear()
	if err != nil {
		return nil, err
	}
	return derive.Make(x.base, x.scans, x.wish)
}

func (x *deriving) print(p *derive.Plan) error {
	of := ""
	if x.profile != nil {
		of = x.profile.Name
	}
	doc := report.NewDerive(x.base, of, p)
	if x.json {
		return report.JSON(x.std.out, doc)
	}
	if err := doc.Text(x.std.errPage, x.std.errScreen); err != nil || doc.Empty() || x.build || x.next != "" {
		return err
	}
	if x.out == "" {
		_, err := io.WriteString(x.std.out, doc.Containerfile)
		return err
	}
	if err := writeNew(x.std, x.out, doc.Containerfile); err != nil {
		return err
	}
	x.std.note("%s is written; to build it: podman build --pull=never -f %s", x.out, x.out)
	return nil
}
