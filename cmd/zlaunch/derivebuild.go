package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/derive"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// mostRounds bounds --loop: each round mends what the last one brought to light.
const mostRounds = 10

// made is an image that was derived.
type made struct {
	name  string
	img   *effective.Image
	built *podman.Built // by this call, which removes the image where it is refused; nil: it was here
	plan  *derive.Plan
	scans []*scan.Scan
}

// mending is a call that makes images, and says what becomes of them.
type mending struct{ *deriving }

// mend builds what is planned, holds it against its base, and proposes it.
func (x mending) mend(ctx context.Context, p *derive.Plan) error {
	var stands *made // the last that passed
	for round := 1; ; round++ {
		if p.Empty() {
			x.std.note("nothing of what is left can be upgraded by zlaunch derive")
			break
		}
		m, err := x.round(ctx, p)
		if err != nil {
			return x.unless(ctx, stands, err)
		}
		stands = m
		if !x.loop || round == mostRounds {
			break
		}
		next, err := x.plan(ctx, m.name)
		if errors.Is(err, derive.ErrNothing) {
			x.std.note("%s: %v", m.name, err)
			break
		}
		if err != nil {
			return x.unless(ctx, stands, err)
		}
		if err := x.print(next); err != nil {
			return err
		}
		if !next.Empty() && next.Same(p) {
			x.std.note("nothing moves: what newer versions mend is what was upgraded; the archive of its packages may not have them yet")
			break
		}
		p, x.next, x.build = next, "", true
	}
	return x.propose(ctx, stands)
}

// unless proposes what passed before something went wrong, which stays the error.
func (x mending) unless(ctx context.Context, stands *made, err error) error {
	if stands == nil || ctx.Err() != nil {
		return err
	}
	x.std.note("%s of the round before stands", stands.name)
	return errors.Join(err, x.propose(ctx, stands))
}

// round makes one image, or takes the one that was made before, and holds it against its base.
func (x mending) round(ctx context.Context, p *derive.Plan) (m *made, err error) {
	if x.next != "" {
		m, err = x.made(ctx, p)
	} else {
		m, err = x.built(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	if m.built != nil {
		defer m.built.Named() // a name, or it is gone by then
	}
	if err := x.hold(m); err != nil {
		return nil, x.refuse(ctx, m, err)
	}
	if m.built != nil {
		if err := x.call(ctx, m); err != nil {
			return nil, err
		}
	}
	bytes := x.l.Engine.Images.LayersSize(ctx, m.img)
	x.std.note("%s is %s, %s its base's %s: what was upgraded stays in the layers below; the vendor of its base has not signed it",
		m.name, size(bytes), relation(bytes, x.base.Size), size(x.base.Size))
	for _, step := range []func(context.Context, *made) error{judging(x).rescan, judging(x).serves} {
		if err := step(ctx, m); err != nil {
			return nil, x.refuse(ctx, m, err)
		}
	}
	return m, nil
}

func size(n int64) string { return units.HumanSize(float64(n)) }

func relation(now, was int64) string {
	if now >= was {
		return size(now-was) + " more than"
	}
	return size(was-now) + " less than"
}

// built builds the image; it has no name yet, and is m.name by its id.
func (x mending) built(ctx context.Context, p *derive.Plan) (*made, error) {
	x.std.note("building; what its commands say:")
	built, err := x.l.Engine.Images.Build(ctx, podman.BuildOptions{Containerfile: p.Containerfile(), Docker: p.Docker, Network: x.network, Said: x.std.err})
	if err != nil {
		return nil, err
	}
	m := &made{name: built.ID, built: built, plan: p}
	if m.img, err = x.l.Engine.Image(ctx, built.ID); err != nil {
		return nil, errors.Join(err, x.l.Engine.Images.Remove(ctx, built.ID), built.Named())
	}
	return m, nil
}

// made is the image that was built before, of this very base.
func (x mending) made(ctx context.Context, p *derive.Plan) (*made, error) {
	img, err := x.l.Engine.Image(ctx, x.next)
	if err != nil {
		return nil, err
	}
	if why := derive.Stale(p.Base, img); why != "" {
		return nil, hint.Errorf("zlaunch derive --build", "going on with %s: %s", x.next, why)
	}
	return &made{name: x.next, img: img, plan: p}, nil
}

// hold compares the image with its base.
func (x mending) hold(m *made) error {
	different := derive.Differences(x.base.Image, m.img)
	if len(different) == 0 {
		x.std.note("it says of itself what its base says: user, entrypoint, command, variables, ports, volumes, labels")
		return nil
	}
	var lines []string
	for _, d := range different {
		lines = append(lines, fmt.Sprintf("%s is %s, and of its base %s", d.Key, d.Now, d.Base))
	}
	return &refusedError{"it differs from its base: " + strings.Join(lines, "; ")}
}

// refusedError is why a derived image does not take the place of its base.
type refusedError struct{ why string }

func (e *refusedError) Error() string { return e.why }

// refuse ends with an image that is not to be had. What this call built of it goes, but for
// one that only waits for a scan.
func (x mending) refuse(ctx context.Context, m *made, err error) error {
	var refused *refusedError
	if !errors.As(err, &refused) && ctx.Err() == nil {
		return judging(x).waits(m, err) // it was not judged
	}
	fate := m.name + " stays"
	if m.built != nil {
		fate = m.name + " is removed"
		if rerr := x.l.Engine.Images.Remove(ctx, m.name); rerr != nil {
			err, fate = errors.Join(err, rerr), m.name+" stays"
		}
	}
	if refused == nil {
		return err
	}
	next := "zlaunch derive -o Containerfile writes what it was built of; --keep PACKAGE leaves one as it is"
	return &statusError{status: exitFindings, err: hint.Errorf(next, "refusing the derived image: %w; %s, and %s stands", err, fate, x.base.Ref)}
}

// call gives the image a name that none has.
func (x mending) call(ctx context.Context, m *made) error {
	names := []string{x.tag}
	if x.tag == "" {
		names = proposedNames(x.calledSo())
	}
	for _, name := range names {
		err := x.l.Engine.Images.Tag(ctx, m.img.ID, name)
		if errors.Is(err, podman.ErrTaken) && x.tag == "" {
			continue
		}
		if err != nil {
			return errors.Join(hint.Wrap(err, "another name: --tag localhost/NAME:TAG"), x.l.Engine.Images.Remove(ctx, m.img.ID))
		}
		m.name = name
		fresh, err := x.l.Engine.Image(ctx, name)
		if err != nil {
			return x.refuse(ctx, m, err)
		}
		m.img = fresh
		return nil
	}
	return errors.Join(hint.Errorf("podman rmi NAME, or --tag", "naming the image: %s and the %d after it are taken", names[0], len(names)-1),
		x.l.Engine.Images.Remove(ctx, m.img.ID))
}

// calledSo is a name of the base with its tag, where it has one.
func (x mending) calledSo() string {
	repository, _, pinned := strings.Cut(x.base.Ref, "@")
	for _, tag := range slices.Sorted(slices.Values(x.base.Image.RepoTags)) {
		if pinned && strings.HasPrefix(tag, repository+":") {
			return tag
		}
	}
	return x.base.Ref
}

// proposedNames are names for images that are derived of one, the first first. They are of this
// host: a registry's name is for what it holds.
func proposedNames(ref string) (out []string) {
	name, _, _ := strings.Cut(ref, "@")
	name = name[strings.LastIndexByte(name, '/')+1:]
	name, tag, _ := strings.Cut(name, ":")
	if i := strings.LastIndex(tag, "mended."); i >= 0 && strings.Trim(tag[i+len("mended."):], "0123456789") == "" {
		tag = strings.TrimSuffix(tag[:i], "-") // it was derived itself
	}
	if tag != "" {
		tag += "-"
	}
	for n := 1; n <= 99; n++ {
		out = append(out, fmt.Sprintf("localhost/%s:%smended.%d", name, tag, n))
	}
	return out
}
