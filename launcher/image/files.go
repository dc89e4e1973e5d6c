package image

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/moby/sys/user"
)

// Bounds of an image's files. The largest image that IBM or NVIDIA publish for inference
// has some 300,000 of them.
const (
	maxFiles  = 4 << 20
	maxListed = 1000    // of one kind; more are counted
	maxName   = 4096    // PATH_MAX of Linux
	maxUsers  = 1 << 20 // bytes of /etc/passwd that are read
)

// Files are the files of an image, all layers seen as one, as far as they give somebody
// rights or stand where an engine acts on them. Each list is sorted by path. Where engines
// make different files of the same layers, all are told, with a note which do.
type Files struct {
	Count    int  // of the engine that makes more
	Setuid   List // programs with the rights of their owner or group, whoever starts them
	Capable  List // programs with capabilities of their own
	Writable List // of the system, yet writable by everybody or by the user the image runs as
	Devices  List // device nodes
	Odd      List // what no builder makes: names outside of the image, pipes for /etc/passwd
	Workdir  []string
	UID      int // of the image's user by its own /etc/passwd; -1 where it is not told
}

// List is files of one kind.
type List struct {
	Files []File
	More  int // beside those
}

// File is one of them.
type File struct {
	Path string // absolute
	Mode fs.FileMode
	UID  int
	Note string
}

// errNoUser: the image does not tell a number.
var errNoUser = errors.New("no user")

// uid is the number of the image's user, as Podman finds it.
func (w *walk) uid() (int, error) {
	if len(w.users) > maxUsers {
		return 0, errNoUser
	}
	name, _, _ := strings.Cut(w.img.Said.Config.User, ":")
	u, err := user.GetExecUser(name, &user.ExecUser{}, bytes.NewReader(w.users), nil)
	if err != nil {
		return 0, err
	}
	return u.Uid, nil
}

// files sorts what was found.
func (w *walk) files(t *tree) *Files {
	if w.passwd == nil || t.file("/etc/passwd") != w.passwd {
		w.users = nil
	}
	uid, err := w.uid()
	if err != nil {
		uid = -1
	}
	out := w.sorted(t, uid)
	for _, f := range w.odd.Files {
		out.Odd.add(f)
	}
	out.Odd.More += w.odd.More
	out.Odd.sort()
	return out
}

// sorted are the files of a tree, sorted out.
func (w *walk) sorted(t *tree, uid int) *Files {
	s := sorter{Files: &Files{UID: uid}}
	if t.root.named {
		s.Count++
	}
	s.sort(t.root)
	f := follow{crossed: func(l *link) { s.Workdir = append(s.Workdir, t.path(l.in, l.name)+" -> "+l.to) }}
	_, _ = t.dir(w.img.Said.Config.WorkingDir, &f) // that it leads nowhere is no link more
	for _, l := range s.lists() {
		l.sort()
	}
	return s.Files
}

// path is that of a name in a directory.
func (t *tree) path(dir *node, name string) string {
	for ; dir != t.root && len(name) < maxName; dir = dir.up {
		for is, n := range dir.up.names {
			if n == dir {
				name = is + "/" + name
				break
			}
		}
	}
	return "/" + name
}

func (f *Files) lists() []*List {
	return []*List{&f.Setuid, &f.Capable, &f.Writable, &f.Devices, &f.Odd}
}

// What is said of a file that not every engine makes of the same layers.
const (
	whereApplied = "where an engine writes layers onto one another (vfs, containerd)"
	whereStacked = "where an engine stacks layers (overlay)"
)

// merge adds what another kind of engine makes of the same layers. Of devices and odd names
// the first tells all.
func (f *Files) merge(other *Files) {
	for i, l := range f.lists()[:3] {
		l.merge(*other.lists()[i])
		f.Count = max(f.Count, len(l.Files)+l.More)
	}
	f.Count = max(f.Count, other.Count)
	for _, link := range other.Workdir {
		if !slices.Contains(f.Workdir, link) {
			f.Workdir = append(f.Workdir, link)
		}
	}
}

// merge adds what another has. Beyond the last that is listed nothing is known of either.
func (l *List) merge(other List) {
	mine, theirs := l.byPath(), other.byPath()
	last := len(l.Files) - 1
	var both []File
	for i, f := range l.Files {
		g, has := theirs[f.Path]
		switch {
		case !has && other.More == 0, has && g.kept() && !f.kept():
			l.Files[i].Note = noted(f.Note, whereApplied)
		case has && f.kept() && !g.kept():
			g.Note = noted(g.Note, whereStacked)
			l.Files[i] = g
		case has && (f.Mode != g.Mode || f.UID != g.UID):
			l.Files[i].Note = noted(f.Note, whereApplied)
			g.Note = noted(g.Note, whereStacked)
			both = append(both, g)
		}
	}
	l.Files = append(l.Files, both...)
	for _, f := range other.Files {
		if _, has := mine[f.Path]; !has && (l.More == 0 || f.Path < l.Files[last].Path) {
			f.Note = noted(f.Note, whereStacked)
			l.Files = append(l.Files, f)
		}
	}
	l.More = max(l.More, other.More)
	l.sort()
}

func (l *List) byPath() map[string]File {
	out := map[string]File{}
	for _, f := range l.Files {
		out[f.Path] = f
	}
	return out
}

// kept tells of one that is so by what a hard link had before alone.
func (f File) kept() bool { return strings.Contains(f.Note, byTarget) }

// noted adds to a note.
func noted(note, more string) string { return strings.TrimPrefix(note+"; "+more, "; ") }

func (l *List) sort() {
	slices.SortStableFunc(l.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

func (l *List) add(f File) {
	if len(l.Files) < maxListed {
		l.Files = append(l.Files, f)
	} else {
		l.More++
	}
}
