package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// memberImage is an image that members of a stack run.
type memberImage struct {
	members []string // in the order in which they start
	ref     string   // as the profile of the first has it
	img     *effective.Image
}

// profilesOf are the profiles of a stack's members; nil is none.
func profilesOf(s *stack.Stack) (out []string) {
	if s == nil {
		return nil
	}
	for _, m := range s.Members {
		out = append(out, m.Profile)
	}
	return out
}

// members are the images of a stack's members, each once.
func (x jail) members(ctx context.Context, l *launcher.Launcher, s *stack.Stack) (out []*memberImage, err error) {
	for _, m := range s.Members {
		p, err := l.Catalog.Resolve(m.Profile, l.Host.Arch)
		if err != nil {
			return nil, fmt.Errorf("scanning member %s of %s: %w", m.Name, s.Name, err)
		}
		ref, _, _ := container.Image.Get(p.Stated)
		img, err := l.Engine.Image(ctx, ref)
		if err != nil {
			return nil, hint.Wrap(fmt.Errorf("scanning member %s of %s: %w", m.Name, s.Name, err), "zlaunch pull "+m.Profile)
		}
		i := slices.IndexFunc(out, func(o *memberImage) bool { return o.img.ID == img.ID })
		if i < 0 {
			out, i = append(out, &memberImage{ref: ref, img: img}), len(out)
		}
		out[i].members = append(out[i].members, m.Name)
	}
	return out, nil
}

// ofOne refuses forms that are of one image, where a stack was named.
func (x jail) ofOne(s *stack.Stack) error {
	if x.sarif || x.cyclonedx {
		return &usageError{hint.Errorf("zlaunch scan show IMAGE --sarif",
			"--sarif and --cyclonedx are of one image, and %s is a stack", s.File)}
	}
	return nil
}

// stack has scanners look at each image of a stack, keeps what they found, and prints it as one.
// The status is that of the worst.
func (x jail) stack(ctx context.Context, ss launcher.Scans, s *stack.Stack, by []launcher.Scanner) error {
	images, err := x.members(ctx, ss.Of, s)
	if err != nil {
		return err
	}
	doc := report.ScanStack{Schema: report.ScanStackSchema, Stack: s.Name, File: s.File}
	var failed []error
	for _, of := range images {
		one, err := x.member(ctx, ss, of, by)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			failed = append(failed, err)
		}
		doc.Images = append(doc.Images, one)
	}
	x.std.progress.clear()
	if err := x.printStack(doc); err != nil {
		return err
	}
	return worstOf(doc, failed)
}

// member has scanners look at one image. What is returned beside an error is what is known of it.
func (x jail) member(ctx context.Context, ss launcher.Scans, of *memberImage, by []launcher.Scanner) (report.StackImage, error) {
	scans, err := ss.Image(ctx, of.img, of.ref, by...)
	if len(scans) > 0 && ctx.Err() == nil {
		err = errors.Join(x.marked(ctx, scans), err)
	}
	return report.StackImage{Members: of.members, Ref: of.ref, Scan: document(x.scanning, asScanned(of.img), scans)}, err
}

func (x jail) printStack(doc report.ScanStack) error {
	if x.json {
		return report.JSON(x.std.out, doc)
	}
	return doc.Text(x.std.page, x.std.screen)
}

// worstOf is the status of a stack: what could not be scanned before what stands against an image.
func worstOf(doc report.ScanStack, failed []error) error {
	if len(failed) == 1 {
		return failed[0] // with its hint
	}
	if len(failed) > 1 {
		return errors.Join(failed...)
	}
	of, against := 0, 0
	for _, one := range doc.Images {
		if n := len(one.Scan.Against); n > 0 {
			of, against = of+1, against+n
		}
	}
	if of == 0 {
		return nil
	}
	err := fmt.Errorf("%s against %d of %s of %s", thingsStand(against), of, report.Plural(len(doc.Images), "image"), doc.Stack)
	return &statusError{status: exitFindings, err: err}
}
