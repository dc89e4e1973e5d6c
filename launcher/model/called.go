package model

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/internal/parallel"
	"github.com/zlaunch/zlaunch/launcher/model/content"
)

// called is a file with all the names by which the tree reaches it: its own, those of hard
// links, and those of symbolic links that end at it.
type called struct {
	info  fs.FileInfo // of the file, or of the first link where it leads to no file
	names []string    // paths of the tree, sorted
	kind  content.Kind
	by    string // the name that the kind is of
}

// blob is a name that is a digest, as the caches of Hugging Face have it: nothing is loaded by
// it where a link leads there.
var blob = lazyregexp.New(`^[0-9a-f]{40,64}$`)

// kinds judges each file once, by the worst of its names; so is that one file is called, which
// may be a name of a link outside of the tree.
func (t *tree) kinds(ctx context.Context, leaves []leaf, so string) ([]FileKind, error) {
	infos, ends, err := t.ends(ctx, leaves)
	if err != nil {
		return nil, err
	}
	files := map[Inode]*called{}
	var all []*called
	for i, l := range leaves {
		if !ends[i].Mode().IsRegular() {
			continue
		}
		f := files[inodeOf(ends[i])]
		if f == nil {
			f = &called{info: ends[i]}
			files[inodeOf(ends[i])], all = f, append(all, f)
		}
		f.names = append(f.names, t.name(l.path))
	}
	if t.file != "" && len(all) == 1 && so != t.file {
		all[0].names = append(all[0].names, so)
	}
	if err := t.judge(ctx, all); err != nil {
		return nil, err
	}
	out := make([]FileKind, len(leaves))
	for i, l := range leaves {
		out[i] = fileKind(t.name(l.path), infos[i], ends[i], files[inodeOf(ends[i])])
	}
	if t.file != "" && len(all) == 1 { // the walk counts no formats of a single file
		out[0].Path, out[0].shown, out[0].disguised = so, so, true
	}
	return out, nil
}

// ends looks at each leaf, and at what it leads to where it is a link: at the link itself
// where that is nothing in the tree.
func (t *tree) ends(ctx context.Context, leaves []leaf) (infos, ends []fs.FileInfo, err error) {
	infos, ends = make([]fs.FileInfo, len(leaves)), make([]fs.FileInfo, len(leaves))
	errs := make([]error, len(leaves))
	parallel.Do(len(leaves), func(i int) {
		name := t.name(leaves[i].path)
		if errs[i] = ctx.Err(); errs[i] != nil {
			return
		}
		info, err := t.root.Lstat(name)
		if err != nil {
			errs[i] = fmt.Errorf("%q: %w", name, cause(err))
			return
		}
		infos[i], ends[i] = info, info
		if info.Mode()&fs.ModeSymlink != 0 {
			if end, err := t.root.Stat(name); err == nil {
				ends[i] = end
			}
		}
	})
	return infos, ends, cmp.Or(errs...)
}

// judge fills in what the files are.
func (t *tree) judge(ctx context.Context, all []*called) error {
	errs := make([]error, len(all))
	var failed atomic.Bool
	parallel.Do(len(all), func(i int) {
		if failed.Load() {
			return
		}
		if errs[i] = cmp.Or(ctx.Err(), t.worst(all[i])); errs[i] != nil {
			failed.Store(true)
		}
	})
	return cmp.Or(errs...)
}

// severity are the classes from the worst.
var severity = []content.Class{content.Code, content.Unknown, content.Graph, content.Data}

// worst looks into one file, through the tree's own handle, under each of its names.
func (t *tree) worst(c *called) error {
	f, err := t.root.OpenFile(c.names[0], os.O_RDONLY|unix.O_NONBLOCK, 0)
	if t.file != "" {
		f, err = t.root.OpenFile(t.file, os.O_RDONLY|unix.O_NONBLOCK, 0)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", c.names[0], cause(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || inodeOf(info) != inodeOf(c.info) {
		return fmt.Errorf("%q: the file was exchanged for another while it was opened", c.names[0])
	}
	seen := map[string]bool{}
	for _, name := range c.names {
		tells := content.NameTells(name)
		if seen[tells] || len(c.names) > 1 && blob().MatchString(path.Base(name)) {
			continue
		}
		seen[tells] = true
		k, err := content.Of(name, f, info.Size())
		if err != nil {
			return err
		}
		if c.by == "" || slices.Index(severity, k.Class) < slices.Index(severity, c.kind.Class) {
			c.kind, c.by = k, name
		}
	}
	if c.by == "" { // all of its names are digests
		c.kind, err = content.Of(c.names[0], f, info.Size())
	}
	return err
}

// fileKind is what is told of one leaf.
func fileKind(name string, info, end fs.FileInfo, c *called) FileKind {
	link := info.Mode()&fs.ModeSymlink != 0
	switch {
	case link && (c != nil || end.IsDir()):
		return FileKind{Kind: content.Kind{Format: "symbolic link", Class: content.Data, Note: "what it leads to is told where that lies"}, Path: name}
	case link:
		return FileKind{Kind: content.Kind{Format: "symbolic link", Class: content.Unknown, Note: "to no file of the tree"}, Path: name}
	case c == nil:
		return FileKind{Kind: content.Kind{Format: "no file", Class: content.Unknown}, Path: name}
	}
	out := FileKind{Kind: c.kind, Path: name, Size: info.Size(), shown: name, disguised: !tells(name, c.kind)}
	if blob().MatchString(path.Base(name)) {
		out.shown = cmp.Or(c.by, name)
	}
	return out
}
