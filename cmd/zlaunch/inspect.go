package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdInspect = &command{
	usage: "inspect [OPTION]... IMAGE",
	short: "show what an image is, and how it steers who runs it",
	long: `Shows what an image says of itself and every way in which it steers an engine, a runtime or another program that acts on containers: its user, labels and annotations that somebody obeys, variables without a value, volumes, a healthcheck, a working directory through a link; and of its files those that give rights: set-user-ID programs, file capabilities, files of the system that the image's user or everybody may write, device nodes. For each way it says who obeys it, what comes of it, by which CVE where there is one, whether this engine falls for it by its version, and what a run by zlaunch makes of it. Distributions mend an engine and keep its version. Labels and annotations that zlaunch knows neither as obeyed nor as a mere description are listed by their names: who obeys them is for you to say.

IMAGE is a profile, whose image is meant; an image that the engine holds, by name or id; or a directory with an OCI image layout, DIRECTORY or DIRECTORY:NAME where it holds several, as skopeo copy docker://IMAGE oci:DIRECTORY writes it: so one can be looked at before any engine has it. Nothing of the image is run. Of an image of the engine its layers are written to $TMPDIR, to image_copy_tmp_dir of containers.conf, or to /var/tmp, and read there; --no-files leaves that out.

What is attached to the image is told too: signatures, lists of its packages (SBOM) and provenance, as cosign, notation, BuildKit and OCI 1.1 attach them, and which of them containers-policy.json(5) sees. Of a layout, what lies in it. A registry is asked with --attached alone, for an image that the engine holds, by its digest, with the logins and certificates of podman(1). That something is there says nothing of who made it: --cosign-key, or --certificate-identity and --certificate-oidc-issuer, have the cosign of PATH verify a signature.

What was seen of files and attached things is kept below the state directory, for ZL-913 and ZL-914 of the plans and audits that come; what a call does not look at stays as an earlier one saw it.

A variable is shown by its name alone, for its value can be a secret. The status is 1 where zlaunch refuses to run such an image.`,
	example:  []string{"zlaunch inspect triton", "zlaunch inspect localhost/server:1 --json", "zlaunch inspect ./layout:1.2 --arch s390x", "zlaunch inspect triton --attached --cosign-key cosign.pub"},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		var x inspecting
		x.project.bind(fs)
		x.engine.bind(fs)
		fs.Var(choice{&x.arch, profile.Archs}, "arch", "of a layout with several images, look at that for `ARCH`: amd64, arm64, ppc64le or s390x")
		fs.BoolVar(&x.bare, "no-files", false, "do not read its layers")
		fs.BoolVar(&x.json, "json", false, "print JSON")
		x.attaching.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			x.std = std
			if err := x.attaching.check(); err != nil {
				return err
			}
			return x.run(ctx, args.words[0])
		}
	},
}

// inspecting is one call of zlaunch inspect.
type inspecting struct {
	std        *stdio
	project    projectOptions
	engine     engineOptions
	arch       string
	bare, json bool
	bytes      int64 // of the layers of an image that the engine holds
	attaching  attachedOptions
}

func (x *inspecting) run(ctx context.Context, name string) error {
	doc, err := x.look(ctx, name)
	if err != nil {
		return err
	}
	unverified := x.verify(ctx, &doc)
	if x.json {
		err = report.JSON(x.std.out, doc)
	} else {
		err = doc.Text(x.std.page, x.std.screen, time.Now())
	}
	switch {
	case err != nil:
		return err
	case unverified != nil:
		return unverified
	case len(doc.Refused()) > 0:
		return &statusError{status: exitFindings}
	}
	return nil
}

// look reads a layout, or asks the engine.
func (x *inspecting) look(ctx context.Context, name string) (report.Inspected, error) {
	dir, ref, found := layoutOf(name)
	if !found {
		return x.held(ctx, name)
	}
	if x.attaching.asks() {
		return report.Inspected{}, hint.Errorf("podman pull IMAGE, and zlaunch inspect --attached IMAGE", "asking for what is attached to %s: a layout is in no registry", name)
	}
	img, err := dir.Open(ctx, ref, x.arch)
	if err != nil {
		return report.Inspected{}, err
	}
	facts := img.Facts()
	files, err := x.files(ctx, img)
	if err != nil {
		return report.Inspected{}, err
	}
	doc := x.report(name, facts, img, files, "")
	doc.Platforms = img.Platforms
	look, err := inLayout(ctx, dir, img)
	if err != nil {
		return report.Inspected{}, err
	}
	doc.Attached = append(doc.Attached, look)
	x.keep(ctx, facts, files, doc.Attached)
	return doc, nil
}

// layoutOf takes DIRECTORY or DIRECTORY:NAME.
func layoutOf(name string) (dir image.Layout, ref string, found bool) {
	if image.IsLayout(name) {
		return image.Layout(name), "", true
	}
	if i := strings.LastIndexByte(name, ':'); i > 0 && image.IsLayout(name[:i]) {
		return image.Layout(name[:i]), name[i+1:], true
	}
	return "", "", false
}

func (x *inspecting) files(ctx context.Context, img *image.Image) (*image.Files, error) {
	if x.bare {
		return nil, nil
	}
	defer x.std.progress.clear()
	files, err := img.Walk(ctx, func(done, all int64) {
		x.std.progress.passing(fmt.Sprintf("reading its layers, %s of %s", units.HumanSize(float64(done)), units.HumanSize(float64(all))))
	})
	if errors.Is(err, context.Canceled) {
		return nil, err
	}
	return files, hint.Wrap(err, "zlaunch inspect --no-files")
}

func (x *inspecting) report(name string, facts *effective.Image, img *image.Image, files *image.Files, version string) report.Inspected {
	var links []string
	if files != nil {
		links = files.Workdir
	}
	doc := report.NewInspected(name, facts, &img.Said, image.Steers(facts, &img.Said, links, version))
	doc.Engine = version
	if files != nil {
		doc.Look(files)
	}
	return doc
}
