package model

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
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

	shown     string // the name by which a person knows it
	disguised bool   // its name does not tell it
}

// Inspect tells what loading the files of the tree at path does, those that run code first. A
// symbolic link is nothing but that: the file that it leads to is judged by its name, too.
func Inspect(ctx context.Context, path string) ([]Format, error) {
	files, err := Kinds(ctx, path)
	if err != nil {
		return nil, err
	}
	return formats(files), nil
}

// Kinds tells of each file of the tree at path what loading it does, sorted by path.
func Kinds(ctx context.Context, at string) ([]FileKind, error) {
	real, err := filepath.EvalSymlinks(at)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", at, cause(err))
	}
	return kindsOf(ctx, real, path.Base(at))
}

// kindsOf tells of the files of a tree, or of one file that is called so, too.
func kindsOf(ctx context.Context, real, called string) ([]FileKind, error) {
	t, err := openTree(real)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", real, cause(err))
	}
	defer t.root.Close()
	leaves, err := t.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", real, err)
	}
	files, err := t.kinds(ctx, leaves, called)
	if err != nil {
		return nil, fmt.Errorf("inspecting %q: %w", real, err)
	}
	return files, nil
}

// formats are the files by what they are.
func formats(files []FileKind) (out []Format) {
	found, firsts, odd := map[content.Kind]*Format{}, map[content.Kind]*sample{}, map[content.Kind]*sample{}
	for _, f := range files {
		f.shown = cmp.Or(f.shown, f.Path)
		if found[f.Kind] == nil {
			found[f.Kind], firsts[f.Kind], odd[f.Kind] = &Format{Kind: f.Kind}, &sample{}, &sample{}
		}
		found[f.Kind].Files++
		found[f.Kind].Bytes += f.Size
		firsts[f.Kind].add(f.shown, shown)
		if f.disguised {
			odd[f.Kind].add(f.shown, shown)
		}
	}
	for kind, f := range found {
		f.First, f.disguised = firsts[kind].paths, odd[kind].paths
		out = append(out, *f)
	}

	slices.SortFunc(out, func(a, b Format) int {
		return cmp.Or(cmp.Compare(slices.Index(severity, a.Class), slices.Index(severity, b.Class)), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Note, b.Note))
	})
	return out
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
	files, err := kindsOf(w.ctx, res.Path, filepath.Base(w.tree.Path))
	if err != nil {
		return nil // what cannot be read is a problem already
	}
	var out []audit.Problem
	for _, f := range formats(files) {
		if f.Class != content.Code || len(f.disguised) == 0 {
			continue
		}
		what := f.Format
		if f.Note != "" {
			what += ": " + f.Note
		}
		res.Code = append(res.Code, f.Format)
		out = append(out, audit.Problem{Control: audit.ModelRunsNoCode.ID, Message: fmt.Sprintf("%q in %q runs code of its maker by its content or its name: %s", f.disguised[0], res.Path, what), Hint: "zlaunch model inspect " + Quote(res.Path) + "; take it only from people you trust"})
	}
	return out
}

// tells tells whether a file's name says that it is code, as [code] reads names.
func tells(name string, k content.Kind) bool {
	ext := extension(name)
	if ext == ".bin" {
		return k.Format == "pickle" && k.Note == "" || k.Format == "PyTorch zip" || k.Format == "TorchScript"
	}
	return slices.Contains(programs, ext) || slices.Contains(pickles, ext)
}
