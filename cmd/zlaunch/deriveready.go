package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/author"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// ready refuses what can be told to be wrong before the image is read or one is built: places
// that are taken, programs and databases that are not there, scanners and launches that would
// be refused.
func (x *deriving) ready(ctx context.Context) error {
	if x.out != "" {
		return vacant(x.std, x.out)
	}
	if !x.build && x.next == "" {
		return nil
	}
	for _, check := range []func(context.Context) error{x.there, x.vacant, x.writable, judging{x}.scannable, judging{x}.launchable} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// there refuses to go on with an image that is not here.
func (x *deriving) there(ctx context.Context) error {
	if x.next == "" {
		return nil
	}
	_, err := x.l.Engine.Image(ctx, x.next)
	if errors.Is(err, podman.ErrNoImage) {
		err = hint.Wrap(err, "podman images\nzlaunch derive --build builds one")
	}
	return err
}

// vacant refuses a name for the new image that another one has, or that none can have.
func (x *deriving) vacant(ctx context.Context) error {
	if x.tag == "" {
		return nil
	}
	switch _, err := x.l.Engine.Image(ctx, x.tag); {
	case err == nil:
		return hint.Wrap(fmt.Errorf("naming the image %s: %w", x.tag, podman.ErrTaken), "another name: --tag localhost/NAME:TAG")
	case !errors.Is(err, podman.ErrNoImage):
		return hint.Wrap(fmt.Errorf("naming the image %s: %w", x.tag, err), "another name: --tag localhost/NAME:TAG")
	}
	return nil
}

// writable refuses --write where no file of the user's can be changed.
func (x *deriving) writable(context.Context) error {
	if !x.write {
		return nil
	}
	if x.profile == nil {
		return &usageError{errors.New("--write changes the file of a profile, and an image is named")}
	}
	standIn := "localhost/" + strings.ReplaceAll(x.profile.Name, "/", "-") + "@sha256:" + strings.Repeat("0", 64)
	if _, _, _, ok := x.changed(standIn); !ok {
		return unwritable(x.profile.Name, "the new image")
	}
	return nil
}

func unwritable(name, ref string) error {
	return hint.Errorf("without --write it is printed", "writing that %s runs %s: no file of yours names its image in a way that can be changed", name, ref)
}

// changed is the user's own file of the profile, and what it is where the profile runs another
// image; ok: there is one that can be changed.
func (x *deriving) changed(ref string) (file, before, after string, ok bool) {
	proposal := []author.Proposal{author.ImageOn(x.l.Host.Arch, ref)}
	if file, before, ok = ownFile(x.std, x.profile); !ok {
		return "", "", "", false
	}
	after = author.Apply(before, x.profile.Name, proposal)
	return file, before, after, holds(x.std, x.profile, after, proposal)
}

// scannable refuses a program that is none, and prisoners that could not look.
func (x judging) scannable(ctx context.Context) error {
	if x.scanner != "" {
		if _, err := exec.LookPath(x.scanner); err != nil {
			return hint.Wrap(fmt.Errorf("scanning what is built: %w", err), scanByPath)
		}
		return nil
	}
	ss := launcher.Scans{Of: x.l}
	by, err := x.prisoners(ctx, ss)
	if err != nil {
		return err
	}
	_, err = ss.Ready(ctx, "what is built", by...)
	return err
}

const scanByPath = "--scan-by names a program; give its path: --scan-by ./PROGRAM"

// launchable refuses a profile that could not be launched to be asked whether it serves.
func (x judging) launchable(ctx context.Context) error {
	if x.profile == nil || x.profile.Ready == nil {
		return nil
	}
	o := x.options
	o.Profile, o.LookupEnv = x.profile.Name, x.std.lookup
	p, err := x.l.Plan(ctx, plan.Derived(o, ""))
	if err == nil {
		err = p.Refusal()
	}
	if err != nil {
		return fmt.Errorf("trying the image that stands: %w", err)
	}
	return nil
}

// unkept says of names of --keep that no finding has: they may be misspelled.
func (x *deriving) unkept() {
	var known []string
	for _, f := range scan.Union(x.scans...) {
		known = append(known, f.Package)
		if f.Source != "" {
			known = append(known, f.Source)
		}
	}
	for _, name := range x.keep {
		if slices.Contains(known, name) {
			continue
		}
		near := hint.Nearest(name, known)
		x.std.note("--keep %s: no finding is in a package of that name%s", name, pickText(near == "", "", "; did you mean "+near+"?"))
	}
}
