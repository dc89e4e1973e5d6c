package launcher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/prison"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Scanner is who scans, and with what; go doc ./launcher/prison Scanner.
type Scanner = prison.Scanner

// Scans is where l has images looked at by scanners, which are prisoners meanwhile.
type Scans struct {
	Of  *Launcher
	Dir string // where there is room for images; "" as podman has it: $TMPDIR, or image_copy_tmp_dir of containers.conf, or /var/tmp
}

// Image has scanners look at an image that the engine holds, each by itself, and returns what
// each found. name is what people call the image. The image is written out once, into a
// directory of the caller's alone, which is gone again. An error says which of them made no scan
// that could be believed; the scans of the others come with it. Nothing is kept of one, that is
// the caller's to do.
func (ss Scans) Image(ctx context.Context, img *effective.Image, name string, by ...Scanner) (out []*scan.Scan, err error) {
	by, unfit := ss.Ready(ctx, name, by...)
	if len(by) == 0 || ctx.Err() != nil {
		return nil, unfit
	}
	out, err = ss.written(ctx, img, name, by)
	return out, joined(unfit, err)
}

// joined is one error alone, with its hint, or both.
func joined(a, b error) error {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return errors.Join(a, b)
}

// Ready are those of some scanners that can look at an image, as far as it can be told before the
// image is written out; an error says of the others why not. name is what people call the image.
func (ss Scans) Ready(ctx context.Context, name string, by ...Scanner) (fit []Scanner, err error) {
	r, err := runner(ss.Of, "scanning "+name)
	if err != nil {
		return nil, err
	}
	p := &prison.Prison{Runner: r, Dir: ss.Dir}
	for _, one := range by {
		switch unfit := p.Ready(ctx, name, one); {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case unfit != nil:
			err = joined(err, unfit)
		default:
			fit = append(fit, one)
		}
	}
	return fit, err
}

// written writes the image out and has scanners look at it.
func (ss Scans) written(ctx context.Context, img *effective.Image, name string, by []Scanner) (out []*scan.Scan, err error) {
	room, err := ss.room()
	if err != nil {
		return nil, fmt.Errorf("making room for image %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, room.Remove()) }()
	dir := room.Path
	disk, err := host.DiskOf(dir)
	if err != nil {
		return nil, err
	}
	if ss.Of.Passing != nil {
		ss.Of.Passing("writing the image out for its scanners")
	}
	layout, err := SaveImage(ctx, ss.Of.Engine, img, dir, disk.Free)
	if err != nil {
		return nil, err
	}
	of := scan.ImageOf(img.ID, append([]string{img.Digest}, img.RepoDigests...)...)
	t := prison.Target{Dir: dir, Name: name, Image: of, Manifest: layout.Manifest.Digest.String()}
	if layout.Config.Encoded() != img.ID { // converted: what its scanners see has digests of its own
		t.Image = imageIn(layout)
	}
	out, err = ss.target(ctx, t, layout, by)
	for _, s := range out {
		s.Image = of
	}
	return out, err
}

// room makes the directory that an image is written to.
func (ss Scans) room() (*scratch.Dir, error) {
	p := ss.Of.Dirs.Scratch()
	p.Below = cmp.Or(ss.Dir, p.Below)
	return p.Make(scratch.Claim{Kind: "scan"})
}

// imageIn is which image lies in a layout.
func imageIn(img *image.Image) scan.Image {
	return scan.Image{Config: img.Config.String(), Manifests: []string{img.Manifest.Digest.String()}}
}

// Layout has scanners look at an image that lies in a directory, and is the only one there, as
// [Scans.Image] does: what they see is a copy, of which each blob is what its digest says.
func (ss Scans) Layout(ctx context.Context, dir image.Layout, by ...Scanner) (out []*scan.Scan, err error) {
	img, err := dir.Open(ctx, "", "")
	if err != nil {
		return nil, err
	}
	by, unfit := ss.Ready(ctx, string(dir), by...)
	if len(by) == 0 || ctx.Err() != nil {
		return nil, unfit
	}
	room, err := ss.room()
	if err != nil {
		return nil, fmt.Errorf("making room for image %s: %w", dir, err)
	}
	defer func() { err = errors.Join(err, room.Remove()) }()
	own := room.Path
	disk, err := host.DiskOf(own)
	if err != nil {
		return nil, err
	}
	if ss.Of.Passing != nil {
		ss.Of.Passing("copying the image for its scanners")
	}
	if img, err = img.Copy(ctx, own, disk.Free); err != nil {
		return nil, fmt.Errorf("scanning %s: %w", dir, err)
	}
	t := prison.Target{Dir: own, Image: imageIn(img), Name: string(dir), Manifest: img.Manifest.Digest.String()}
	out, err = ss.target(ctx, t, img, by)
	return out, joined(unfit, err)
}

// target has scanners look at an image that lies in a layout. What of its distribution lies in its layers
// they must have seen: zlaunch reads that first, and holds each layer against its digests.
func (ss Scans) target(ctx context.Context, t prison.Target, img *image.Image, by []Scanner) ([]*scan.Scan, error) {
	r, err := runner(ss.Of, "scanning "+t.Name)
	if err != nil {
		return nil, err
	}
	if t.Kept, err = img.Kept(ctx); err != nil {
		return nil, fmt.Errorf("scanning %s: %w", t.Name, err)
	}
	var out []*scan.Scan
	var failed error
	p := &prison.Prison{Runner: r, Dir: ss.Dir}
	for _, one := range by {
		s, err := p.Scan(ctx, t, one)
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err != nil:
			failed = joined(failed, err)
		default:
			out = append(out, s)
		}
	}
	return out, failed
}

// Here are the profiles of scanners whose images the engine holds, sorted by name: nothing is
// pulled for a scan.
func (ss Scans) Here(ctx context.Context) ([]string, error) {
	var out, known []string
	for _, name := range ss.Of.Catalog.Names() {
		p, err := ss.Of.Catalog.Resolve(name, ss.Of.Host.Arch)
		if err != nil || p.Scanner == nil {
			continue // what is no scanner, or has no image for this host
		}
		ref, _, _ := container.Image.Get(p.Stated)
		known = append(known, "podman pull "+ref)
		switch _, err := ss.Of.Engine.Image(ctx, ref); {
		case err == nil:
			out = append(out, name)
		case !errors.Is(err, podman.ErrNoImage):
			return nil, err
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	slices.Sort(known)
	next := ""
	for _, pull := range slices.Compact(known) {
		next += pull + "\n"
	}
	return nil, hint.Errorf(next+"zlaunch scan --import FILE", "finding a scanner: the image of none is here, and none is pulled for a scan")
}
