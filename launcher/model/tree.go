package model

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
)

// tree is an open tree: a directory, or a single file in one.
type tree struct {
	root  *os.Root
	file  string // in root; "" the whole of it
	inode Inode
}

func openTree(at string) (*tree, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, err
	}
	t, dir := &tree{}, at
	if !info.IsDir() {
		dir, t.file = path.Split(at)
	}
	if t.root, err = os.OpenRoot(dir); err != nil {
		return nil, err
	}
	if info, err = t.root.Lstat(t.name(".")); err != nil {
		t.root.Close()
		return nil, err
	}
	t.inode = inodeOf(info)
	return t, nil
}

// name is where a leaf lies below root.
func (t *tree) name(leaf string) string {
	if t.file != "" {
		return t.file
	}
	return leaf
}

// list returns all but the directories of a tree, sorted by path.
func (t *tree) list(ctx context.Context) ([]leaf, error) {
	if t.file != "" {
		return []leaf{{path: "."}}, nil
	}
	var out []leaf
	err := fs.WalkDir(t.root.FS(), ".", func(at string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.IsDir() {
			return err
		}
		if len(out) == maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		out = append(out, leaf{path: at})
		return nil
	})
	slices.SortFunc(out, func(a, b leaf) int { return cmp.Compare(a.path, b.path) })
	return out, err
}
