package model

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// tally is what a walk has counted.
type tally struct {
	files, dirs, links, bytes, unlabelled int64
	found                                 [kinds]sample
	linked                                []string           // paths of symbolic links
	formats                               map[string]*sample // by extension, see format
}

// sample counts paths and keeps the first few in order, whatever order they
// come in.
type sample struct {
	count int64
	paths []string
}

func (s *sample) add(path string, keep int) {
	s.count++
	s.keep(path, keep)
}

func (s *sample) keep(path string, keep int) {
	i, _ := slices.BinarySearch(s.paths, path)
	if i == keep {
		return
	}
	s.paths = slices.Insert(s.paths, i, path)
	s.paths = s.paths[:min(len(s.paths), keep)]
}

// shown is how many paths of a kind a message names; opened is how many files of
// a format are looked into.
const (
	shown  = 3
	opened = 64
)

func (t *tally) find(k kind, path string) { t.found[k].add(path, shown) }

func (t *tally) entries() int64 { return t.files + t.dirs + t.links }

func (t *tally) add(o *tally) {
	t.files, t.dirs, t.links = t.files+o.files, t.dirs+o.dirs, t.links+o.links
	t.bytes, t.unlabelled = t.bytes+o.bytes, t.unlabelled+o.unlabelled
	for k := range o.found {
		t.found[k].count += o.found[k].count
		for _, path := range o.found[k].paths {
			t.found[k].keep(path, shown)
		}
	}
	for _, path := range o.linked {
		t.keepLink(path)
	}
	for ext, s := range o.formats {
		mine := t.format(ext)
		mine.count += s.count
		for _, path := range s.paths {
			mine.keep(path, opened)
		}
	}
}

func (t *tally) keepLink(path string) {
	if len(t.linked) == maxLinks {
		t.find(tooMany, path)
		return
	}
	t.linked = append(t.linked, path)
}

func (t *tally) format(ext string) *sample {
	if t.formats == nil {
		t.formats = map[string]*sample{}
	}
	if t.formats[ext] == nil {
		t.formats[ext] = &sample{}
	}
	return t.formats[ext]
}

// child counts one entry of d and tells whether it is a directory.
func (t *tally) child(w *walk, d dir, name string) bool {
	var st unix.Stat_t
	fd := int(d.file.Fd())
	if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		t.find(unlisted, join(d.path, name))
		return false
	}
	// The kernel resolves this name through the open directory.
	at := ""
	if w.tree.SELinux || uint32(st.Uid) != w.reader.UID || w.reader.UID != w.tree.Identity.UID {
		at = fmt.Sprintf("/proc/self/fd/%d/%s", fd, name)
	}
	mode := uint32(st.Mode) & unix.S_IFMT
	if k, secret := secretName(name); secret {
		t.find(k, join(d.path, name))
	}
	if mode == unix.S_IFREG {
		if ext := extension(name); ext != "" {
			t.format(ext).add(join(d.path, name), opened)
		}
	}
	if mode == unix.S_IFLNK || t.odd(w, at, &st) {
		t.entry(w, join(d.path, name), at, &st)
	} else {
		t.count(&st)
	}
	return mode == unix.S_IFDIR
}

// odd tells cheaply whether an entry needs a closer look: most do not, and then
// their path is never built.
func (t *tally) odd(w *walk, at string, st *unix.Stat_t) bool {
	mode := uint32(st.Mode)
	plain := mode&unix.S_IFMT == unix.S_IFREG && mode&0o400 != 0 || mode&unix.S_IFMT == unix.S_IFDIR && mode&0o500 == 0o500
	return at != "" || !plain || mode&(0o022|unix.S_ISUID|unix.S_ISGID) != 0
}

func (t *tally) count(st *unix.Stat_t) {
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFDIR:
		t.dirs++
	case unix.S_IFLNK:
		t.links++
	default:
		t.files++
		t.bytes += st.Size
	}
}

// entry counts and judges one entry; at is a path by which its attributes can be
// read.
func (t *tally) entry(w *walk, path, at string, st *unix.Stat_t) {
	t.count(st)
	id, mode := w.tree.Identity, uint32(st.Mode)
	if uint32(st.Uid) != id.UID && st.Uid != 0 {
		t.find(foreign, path)
	}
	if w.tree.SELinux && !containerLabel(at) {
		t.unlabelled++
	}
	switch mode & unix.S_IFMT {
	case unix.S_IFLNK:
		t.keepLink(path) // judged when the whole tree is known
		return
	case unix.S_IFREG:
		t.access(w, path, at, st)
		if mode&(unix.S_ISUID|unix.S_ISGID) != 0 {
			t.find(setuid, path)
		}
	case unix.S_IFDIR:
		t.access(w, path, at, st)
	default:
		t.find(special, path)
		return
	}
	switch {
	case mode&0o002 != 0:
		t.find(worldWritable, path)
	case mode&0o020 != 0 && uint32(st.Gid) != id.GID && st.Gid != 0:
		t.find(groupWritable, path)
	}
}
