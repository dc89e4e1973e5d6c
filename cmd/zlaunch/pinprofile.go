package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

// named is the image of a profile on some architectures, and where it stands.
type named struct {
	ref, digest string
	archs       []string
	by          container.Origin
}

// pinProfile prints, or writes, the images of a profile by digest.
func pinProfile(ctx context.Context, std *stdio, shelf *share.Shelf, name string, write bool) error {
	c, err := std.catalog(projectOptions{}, name)
	if err != nil {
		return err
	}
	images, err := imagesOf(c, name)
	if err != nil {
		return err
	}
	for i := range images {
		if err := images[i].ask(ctx, shelf); err != nil {
			return err
		}
	}
	var files []string
	for _, img := range images {
		if !slices.Contains(files, img.by.File) {
			files = append(files, img.by.File)
		}
	}
	for _, file := range files {
		here := slices.DeleteFunc(slices.Clone(images), func(n named) bool { return n.by.File != file })
		switch here[0].by.Layer {
		case container.LayerBuiltIn:
			err = pinLines(std, name, here)
		case container.LayerBundle:
			err = hint.Errorf("zlaunch pin "+strings.Split(file, "/")[0], "pinning %s: its image stands in a bundle, which is pinned in its lock", name)
		default:
			err = pinFile(std, file, here, write)
		}
		if err != nil {
			return err
		}
	}
	if len(images) == 0 {
		std.note("every image of %s is named by digest", name)
	}
	return nil
}

// imagesOf lists the images that a profile names by something else than a digest.
func imagesOf(c *profile.Catalog, name string) ([]named, error) {
	p, err := c.ResolveBare(name, hostArch)
	if err != nil {
		return nil, err
	}
	var out []named
	for _, arch := range p.Archs {
		on, err := c.Resolve(name, arch)
		if err != nil {
			return nil, err
		}
		ref, mark, _ := container.Image.Get(on.Stated)
		if strings.Contains(ref, "@") {
			continue
		}
		i := slices.IndexFunc(out, func(n named) bool { return n.ref == ref && n.by == mark.Origin[0] })
		if i < 0 {
			i = len(out)
			out = append(out, named{ref: ref, by: mark.Origin[0]})
		}
		out[i].archs = append(out[i].archs, arch)
	}
	return out, nil
}

// ask asks the registry for the digest, of the index where there is one: it holds on
// every architecture.
func (n *named) ask(ctx context.Context, shelf *share.Shelf) error {
	img, err := bundle.ResolveImage(ctx, n.ref, shelf.Registries)
	if err != nil {
		return err
	}
	for _, arch := range n.archs {
		if img.Archs[arch] == "" {
			return fmt.Errorf("asking for the image %s: it has none for %s", n.ref, arch)
		}
	}
	n.digest = img.Digest
	return nil
}

func (n *named) pinned() string { return profile.WithDigest(n.ref, n.digest) }

// pinLines prints what a profile of the user may hold.
func pinLines(std *stdio, name string, images []named) error {
	std.note("%s is built in; a profile of yours may hold this", name)
	text := fmt.Sprintf("[profile.%s]\nextends = %q\n", name, name)
	for _, n := range images {
		for _, arch := range n.archs {
			text += fmt.Sprintf("arch.%s.container.image = %q # %s\n", arch, n.pinned(), n.ref)
		}
	}
	_, err := fmt.Fprint(std.out, text)
	return err
}

// pinFile prints how a file of profiles changes, or changes it.
func pinFile(std *stdio, file string, images []named, write bool) error {
	path := file
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		path = filepath.Join(std.home, rest)
	} else if !filepath.IsAbs(file) {
		path = filepath.Join(std.dir, file)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("pinning the images of %s: %w", file, err)
	}
	after := before
	for _, n := range images {
		for _, quote := range []string{`"`, `'`} {
			after = bytes.ReplaceAll(after, []byte(quote+n.ref+quote), []byte(quote+n.pinned()+quote))
		}
		if !bytes.Contains(after, []byte(n.pinned())) {
			return hint.Errorf(fmt.Sprintf("image = %q", n.pinned()), "pinning the images of %s: %s is not written there as it is meant", file, n.ref)
		}
	}
	if write {
		err = replace(path, after)
		std.note("%s names %s by digest now", file, report.Plural(len(images), "image"))
		return err
	}
	text, exact := report.Patch(file, string(before), string(after), false)
	if !exact {
		std.note("what looks like a secret is hidden, so patch does not take this; --write changes the file")
	}
	_, err = fmt.Fprint(std.out, text)
	return err
}

// replace puts another content into a file, whole or not at all; a link stays one.
func replace(path string, data []byte) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(real), ".zlaunch-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // once it is renamed there is none
	_, err = f.Write(data)
	for _, step := range []func() error{func() error { return f.Chmod(info.Mode().Perm()) }, f.Sync, f.Close, func() error { return os.Rename(f.Name(), real) }} {
		if err == nil {
			err = step()
		}
	}
	return err
}
