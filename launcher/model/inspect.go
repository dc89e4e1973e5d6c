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
	"sync"

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

// Inspect tells what the files of the tree at path are by their content, those that run code
// first. A symbolic link is nothing but that.
func Inspect(ctx context.Context, path string) ([]Format, error) {
	t, err := openTree(path)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", path, cause(err))
	}
	defer t.root.Close()
	leaves, err := t.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", path, err)
	}
	formats, err := t.inspect(ctx, leaves)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", path, err)
	}
	return formats, nil
}

func (t *tree) inspect(ctx context.Context, leaves []leaf) ([]Format, error) {
	var mu sync.Mutex
	found, firsts, odd := map[content.Kind]*Format{}, map[content.Kind]*sample{}, map[content.Kind]*sample{}
	var failed error
	parallel.Do(len(leaves), func(i int) {
		kind, size, err := t.kind(leaves[i].path)
		mu.Lock()
		defer mu.Unlock()
		if failed = cmp.Or(failed, ctx.Err()); failed != nil || err != nil {
			failed = cmp.Or(failed, err)
			return
		}
		if found[kind] == nil {
			found[kind], firsts[kind], odd[kind] = &Format{Kind: kind}, &sample{}, &sample{}
		}
		found[kind].Files++
		found[kind].Bytes += size
		firsts[kind].add(leaves[i].path, shown)
		if !tells(t.name(leaves[i].path), kind) {
			odd[kind].add(leaves[i].path, shown)
		}
	})
	if failed != nil {
		return nil, failed
	}
	var out []Format
	for kind, f := range found {
		f.First, f.disguised = firsts[kind].paths, odd[kind].paths
		out = append(out, *f)
	}
	rank := []content.Class{content.Code, content.Unknown, content.Graph, content.Data}
	slices.SortFunc(out, func(a, b Format) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.Class), slices.Index(rank, b.Class)), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Note, b.Note))
	})
	return out, nil
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
