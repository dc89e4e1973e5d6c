package subject

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Walk is a directory that is audited with all that is below it, in one pass: each file is
// read once, by the reader for what it is, and let go of when it was judged. What belongs
// together is read together: a unit with its drop-ins and those that it links, a Compose file
// with the one that overrides it and those that it extends or includes. Nothing is read
// because of what git ignores: it lies there all the same.
type Walk struct {
	Passing func(files int, name string) // is told of each file that was read; nil: nobody

	files Files
	dir   string // as it was named
	place
	seen census
}

// Bounds of one walk. What lies beyond them is open.
const (
	maxDepth   = 100 // of directories in directories: a path has at most 4,096 bytes
	maxEntries = 200_000
)

// Walk is the walk of a directory. What an exclude is the name of, or the path below the
// directory, as of [path.Match], is passed over. Nothing is read yet.
func (f Files) Walk(dir string, exclude ...string) (*Walk, error) {
	root, rel, err := rooted(dir)
	if err != nil {
		return nil, err
	}
	if _, err := fs.ReadDir(root, rel); err != nil {
		return nil, hint.Errorf("ls -ld "+dir, "auditing %s: %w", dir, cause(err))
	}
	if _, err := quadlet.NewSet(root, nil, quadlet.Options{Version: f.Version}); err != nil {
		return nil, err
	}
	return &Walk{files: f, dir: dir, place: place{newOnce(root), rel, exclude}, seen: census{}}, nil
}

// Dir is the directory as it was named.
func (w *Walk) Dir() string { return w.dir }

// Seen is what became of the files, once the subjects were gone through.
func (w *Walk) Seen() []Counted { return w.seen.list() }

// Nothing is the error of a walk, once it is over, that found nothing to judge; nil where
// it did.
func (w *Walk) Nothing() error {
	if w.seen[AsSubject] != nil {
		return nil
	}
	return hint.Errorf("a unit is a file called NAME.container", "auditing %s: there is no unit in it, and no file that runs a container", w.dir)
}

// Subjects yields what the files of the directory run, file by file in the order of their
// paths, and last what keeps a part of it from being read, and what is open of files that
// name no engine.
func (w *Walk) Subjects(ctx context.Context) iter.Seq[Pending] {
	return func(yield func(Pending) bool) {
		var rest []form.Open
		files, more := 0, 0
		for e := range ahead(w.entries(ctx), w.read) {
			if e.as != "" {
				w.seen.add(e.as, e.name)
				if files++; w.Passing != nil {
					w.Passing(files, e.name)
				}
			}
			for _, why := range e.open {
				if len(rest) == maxRest {
					more++
					continue
				}
				rest = append(rest, form.Open{Word: -1, Why: why})
			}
			for _, p := range e.found {
				if !yield(p) {
					return
				}
			}
		}
		if more > 0 {
			rest = append(rest, form.Open{Word: -1, Why: fmt.Sprintf("%d more of this kind are not listed", more)})
		}
		if len(rest) == 0 {
			return
		}
		a := AuditUnread(w.dir+" (the rest)", rest)
		if a.File = w.dir; yield(Done(a)) && w.seen[AsSubject] == nil {
			w.seen.add(AsSubject, w.dir)
		}
	}
}

// maxRest bounds what is listed of what is no subject of its own.
const maxRest = 1000

// entry is something in a directory, and what came of it.
type entry struct {
	path string // in the walk's file system
	name string // as a person calls it
	mode fs.FileMode
	set  *quadlet.Set  // of the units among which it stands; nil: there are none
	with []fs.DirEntry // what lies beside it, sorted

	as    As       // "" until it was read
	open  []string // what is no subject of its own
	found []Pending
}

// entries yields what is in the directory and below it, in the order of the paths.
func (w *Walk) entries(ctx context.Context) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		w.below(entry{path: w.at, name: w.dir}, 0, func(e entry) bool { return ctx.Err() == nil && yield(e) })
	}
}

// below yields what is in a directory and below it; set are the units of that above it.
func (w *Walk) below(dir entry, depth int, yield func(entry) bool) bool {
	list, err := w.under.ReadDir(dir.path)
	switch {
	case err != nil && len(list) == 0:
		return yield(entry{open: []string{fmt.Sprintf("%s is not read: %v", dir.name, cause(err))}})
	case err != nil || depth > maxDepth || len(list) > maxEntries:
		if !yield(entry{open: []string{fmt.Sprintf("not all of %s is read: there are more than %d names in it, or it is too deep", dir.name, maxEntries)}}) {
			return false
		}
		if depth > maxDepth {
			return true
		}
		list = list[:min(len(list), maxEntries)]
	}
	set, inherited := w.setOf(dir, list)
	for _, e := range list {
		at := entry{path: path.Join(dir.path, e.Name()), name: filepath.Join(dir.name, e.Name()), mode: e.Type(), set: set, with: list}
		at.as = w.passed(at.path, e.IsDir())
		goes := true
		switch {
		case e.IsDir() && at.as == "":
			if at.set = inherited; strings.HasSuffix(e.Name(), ".d") {
				at.set = set
			}
			goes = w.below(at, depth+1, yield)
		default:
			goes = yield(at)
		}
		if !goes {
			return false
		}
	}
	return true
}

// setOf are the units among which the files of a directory stand, and those among which the
// ones below it do. The topmost directory that has units of Quadlet, or is called as Podman
// calls the one that it searches, begins a set of all below it; units of systemd alone are
// of their own directory. A directory of drop-ins is of the set beside it.
func (w *Walk) setOf(dir entry, list []fs.DirEntry) (own, below *quadlet.Set) {
	has := func(is func(string) bool) bool {
		return slices.ContainsFunc(list, func(e fs.DirEntry) bool { return !e.IsDir() && is(e.Name()) })
	}
	var dirs []string
	switch dropins := strings.HasSuffix(dir.path, ".d"); {
	case dir.set != nil && !dropins:
		return dir.set, dir.set
	case strings.HasSuffix("/"+dir.path, "/containers/systemd"), has(quadlet.IsGenerated):
		dirs = w.directories(dir.path, 0, nil)
	case has(quadlet.RunsCommands):
		dirs = []string{dir.path}
	default:
		return dir.set, nil
	}
	own, _ = quadlet.NewSet(w.under, dirs, quadlet.Options{Version: w.files.Version}) // whose options were looked at
	if len(dirs) > 1 {
		below = own
	}
	return own, below
}

// directories lists a directory and those below it, each before those in it.
func (w *Walk) directories(dir string, depth int, out []string) []string {
	list, _ := w.under.ReadDir(dir) // what cannot be listed, the walk itself says
	out = append(out, dir)
	for _, e := range list {
		at := path.Join(dir, e.Name())
		if e.IsDir() && depth < maxDepth && !strings.HasSuffix(e.Name(), ".d") && w.passed(at, true) == "" {
			out = w.directories(at, depth+1, out)
		}
	}
	return out
}
