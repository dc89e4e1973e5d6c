package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// held looks at an image that the engine holds.
func (x *inspecting) held(ctx context.Context, name string) (report.Inspected, error) {
	if err := astray("inspecting", name); err != nil {
		return report.Inspected{}, err
	}
	if err := x.ready(); err != nil {
		return report.Inspected{}, err
	}
	l, done, err := x.std.launcher(ctx, x.engine, nil)
	if err != nil {
		return report.Inspected{}, err
	}
	defer done()
	ref, of, err := imageNamed(x.std, l, x.project, name)
	if err != nil {
		return report.Inspected{}, err
	}
	facts, err := l.Engine.Image(ctx, ref)
	switch {
	case err != nil && of != "":
		return report.Inspected{}, unpulled(err, "inspecting", of)
	case err != nil:
		return report.Inspected{}, unheld(err, "inspecting", name, nearly("inspect", name, x.profiles()))
	}
	looks, err := x.ask(ctx, facts) // before its layers are read, which takes longer
	if err != nil {
		return report.Inspected{}, err
	}
	x.bytes = l.Engine.Images.LayersSize(ctx, facts)
	room, leave, err := launcher.Room(l)
	if err != nil {
		return report.Inspected{}, fmt.Errorf("making room for image %s: %w", ref, err)
	}
	defer leave()
	img, files, err := x.saved(ctx, l, facts, room)
	if err != nil {
		return report.Inspected{}, err
	}
	doc := x.report(ref, facts, img, files, l.Engine.Version())
	doc.Profile, doc.Bytes = of, x.bytes
	doc.Attached = append(doc.Attached, looks...)
	x.keep(ctx, facts, files, doc.Attached)
	return doc, nil
}

// profiles are the names of those that a word can mean.
func (x *inspecting) profiles() []string {
	c, err := x.std.catalog(x.project)
	if err != nil {
		return nil
	}
	return c.Names()
}

// imageNamed finds what a word means: a profile's image, or the image itself.
func imageNamed(s *stdio, l *launcher.Launcher, project projectOptions, name string) (ref, of string, err error) {
	c, err := s.catalog(project)
	if err != nil {
		return "", "", err
	}
	if !slices.Contains(c.Names(), name) {
		return name, "", nil
	}
	refs, err := images(s, l, project, []string{name})
	if err != nil {
		return "", "", err
	}
	return refs[0].ref, name, nil
}

// saved writes the image where its layers can be read. Without those an empty image takes
// its place, with what the engine told of it.
func (x *inspecting) saved(ctx context.Context, l *launcher.Launcher, facts *effective.Image, tmp string) (*image.Image, *image.Files, error) {
	if x.bare {
		return told(facts), nil, nil
	}
	disk, err := host.DiskOf(tmp)
	if err != nil {
		return nil, nil, err
	}
	x.std.progress.passing("reading the image, " + units.HumanSize(float64(x.bytes)))
	img, err := launcher.SaveImage(ctx, l.Engine, facts, tmp, disk.Free)
	if err != nil {
		return nil, nil, hint.Wrap(err, "zlaunch inspect --no-files")
	}
	files, err := x.files(ctx, img)
	return img, files, err
}

// told is an image of which only an engine told.
func told(facts *effective.Image) *image.Image {
	img := &image.Image{}
	img.Said.Created = facts.Created
	if len(facts.Healthcheck) > 0 {
		img.Said.Config.Healthcheck = &struct{ Test []string }{facts.Healthcheck}
	}
	return img
}
