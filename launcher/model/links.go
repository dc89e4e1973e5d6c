package model

import (
	"errors"
	"io/fs"
	"os"
	"slices"
)

// maxLinks bounds the links followed to their end; a Hugging Face snapshot has
// one for each file.
const maxLinks = 20_000

// links judges every symbolic link: its end must exist and lie in the tree, by
// relative steps that never leave it. os.Root resolves them that way.
func (w *walk) links(res *Result) {
	if len(w.whole.linked) == 0 || !res.Dir {
		return
	}
	root, err := os.OpenRoot(res.Path)
	if err != nil {
		w.find(unlisted, ".")
		return
	}
	defer root.Close()
	slices.Sort(w.whole.linked)
	for _, path := range w.whole.linked {
		switch _, err := root.Stat(path); {
		case err == nil:
		case errors.Is(err, fs.ErrNotExist):
			w.find(linkDangling, path)
		case errors.Is(err, fs.ErrPermission):
			w.find(unlisted, path)
		default: // os.Root has no error value for a path that escapes
			w.find(linkOut, path)
		}
	}
}
