package model

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/internal/parallel"
	"github.com/zlaunch/zlaunch/launcher/model/content"
)

// Format is what several files of a tree are.
type Format struct {
	content.Kind
	Files int64
	Bytes int64
	First []string // the first few, sorted

	disguised []string // the first few whose names do not tell it
}

// FileKind is what one file of a tree is.
type FileKind struct {
	content.Kind
	Path string // relative, with slashes; of a single file what it is called
	Size int64

	disguised bool // its name does not tell it
}

// Inspect tells what the files of the tree at path are by their content, those that run code
// first. A symbolic link is nothing but that.
func Inspect(ctx context.Context, path string) ([]Format, error) {
	files, err := Kinds(ctx, path)
	if err != nil {
		return nil, err
	}
	return formats(files), nil
}

// Kinds tells of each file of the tree at path what it is by its content, sorted by path.
func Kinds(ctx context.Context, path string) ([]FileKind, error) {
	t, err := openTree(path)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", path, cause(err))
	}
	defer t.root.Close()
	leaves, err := t.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", path, err)
	}
	files, err := t.kinds(ctx, leaves)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", path, err)
	}
	return files, nil
}

func (t *tree) kinds(ctx context.Context, leaves []leaf) ([]FileKind, error) {
	out, errs := make([]FileKind, len(leaves)), make([]error, len(leaves))
	var failed atomic.Bool
	parallel.Do(len(leaves), func(i int) {
		if failed.Load() {
			return
		}
		kind, size, err := t.kind(leaves[i].path)
		if errs[i] = cmp.Or(ctx.Err(), err); errs[i] != nil {
			failed.Store(true)
		}
		name := t.name(leaves[i].path)
		out[i] = FileKind{kind, name, size, !tells(name, kind)}
	})
	return out, cmp.Or(errs...)
}

// formats are the files by what they are.
func formats(files []FileKind) (out []Format) {
	found, firsts, odd := map[content.Kind]*Format{}, map[content.Kind]*sample{}, map[content.Kind]*sample{}
	for _, f := range files {
		if found[f.Kind] == nil {
			found[f.Kind], firsts[f.Kind], odd[f.Kind] = &Format{Kind: f.Kind}, &sample{}, &sample{}
		}
		found[f.Kind].Files++
		found[f.Kind].Bytes += f.Size
		firsts[f.Kind].add(f.Path, shown)
		if f.disguised {
			odd[f.Kind].add(f.Path, shown)
		}
	}
	for kind, f := range found {
		f.First, f.disguised = firsts[kind].paths, odd[kind].paths
		out = append(out, *f)
	}
	rank := []content.Class{content.Code, content.Unknown, content.Graph, content.Data}
	slices.SortFunc(out, func(a, b Format) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.Class), slices.Index(rank, b.Class)), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Note, b.Note))
	})
	return out
}

// kind looks into one file, through the tree's own handle.
func (t *tree) kind(leaf string) (content.Kind, int64, error) {
	name := t.name(leaf)
	info, err := t.root.Lstat(name)
	if err != nil {
		return content.Kind{}, 0, cause(err)
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return content.Kind{Format: "symbolic link", Class: content.Data, Note: "what it leads to is told where that lies"}, 0, nil
	case !info.Mode().IsRegular():
		return content.Kind{Format: "no file", Class: content.Unknown}, 0, nil
	}
	f, err := t.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return content.Kind{}, 0, fmt.Errorf("%q: %w", leaf, cause(err))
	}
	defer f.Close()
	k, err := content.Of(path.Base(name), f, info.Size())
	return k, info.Size(), err
}

// mostLooked is how many files of a tree a launch looks into: few models have more than some
// hundred, and a thousand take milliseconds.
const mostLooked = 2000

// disguised warns of files that run code and have the name of something else. What looks into
// the tree by name has told the others.
func (res *Result) disguised(w *walk) []audit.Problem {
	if res.Files > mostLooked {
		return []audit.Problem{{Control: audit.ModelRunsNoCode.ID, Message: fmt.Sprintf("%d files in %q: too many to look into each, they are judged by their names", res.Files, res.Path), Hint: "zlaunch model inspect " + Quote(res.Path)}}
	}
	formats, err := Inspect(w.ctx, res.Path)
	if err != nil {
		return nil // what cannot be read is a problem already
	}
	var out []audit.Problem
	for _, f := range formats {
		if f.Class != content.Code || len(f.disguised) == 0 {
			continue
		}
		what := f.Format
		if f.Note != "" {
			what += ": " + f.Note
		}
		res.Code = append(res.Code, f.Format)
		out = append(out, audit.Problem{Control: audit.ModelRunsNoCode.ID, Message: fmt.Sprintf("%q in %q runs code of its maker by its content: %s", f.disguised[0], res.Path, what), Hint: "zlaunch model inspect " + Quote(res.Path) + "; take it only from people you trust"})
	}
	return out
}

// tells tells whether a file's name says that it is code, as [code] reads names.
func tells(name string, k content.Kind) bool {
	ext := extension(name)
	return slices.Contains(programs, ext) || slices.Contains(pickles, ext) && (ext != ".bin" || strings.Contains(k.Format+k.Note, "pickle"))
}
