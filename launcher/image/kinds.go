package image

import (
	"archive/tar"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// read are the files that engines read of an image, and must be regular.
var read = []string{"/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/etc/localtime"}

// system are the directories that hold programs, libraries and configuration; nothing that
// serves writes there.
var system = []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "boot", "opt"}

// sorter puts the files of a tree into the lists that they belong to.
type sorter struct {
	*Files
	names []string // from the root to where it is
}

// sort goes through a directory.
func (s *sorter) sort(dir *node) {
	for _, name := range slices.Sorted(maps.Keys(dir.names)) {
		n := dir.names[name]
		s.names = append(s.names, name)
		if n.named {
			s.Count++
		}
		s.add(n, n.rights, "")
		if n.first != nil {
			s.add(n, *n.first, byTarget)
		}
		s.sort(n)
		s.names = s.names[:len(s.names)-1]
	}
}

// byTarget is said of what an engine makes of a hard link that takes nothing from its entry.
const byTarget = "where a hard link keeps what it links to as it was"

// path is where it is; what is longer than any system takes is cut.
func (s *sorter) path() string {
	p := "/" + strings.Join(s.names, "/")
	if len(p) > maxName {
		p = p[:maxName] + "…"
	}
	return p
}

// add puts a file with some rights into the lists.
func (s *sorter) add(n *node, r rights, where string) {
	f := File{Mode: r.mode, UID: r.uid, Note: where}
	switch n.kind {
	case tar.TypeSymlink:
		return
	case tar.TypeChar, tar.TypeBlock:
		s.list(&s.Devices, f)
		return
	case tar.TypeReg, tar.TypeDir:
	default:
		f.Path = s.path()
		s.Odd.add(odd(f))
		return
	}
	if n.lost {
		f.Note = "a hard link to what is not there"
	}
	again := where != ""
	if n.kind != tar.TypeDir && r.gives() && !(again && n.gives()) {
		s.list(&s.Setuid, f)
	}
	if r.capable && !(again && n.capable) {
		s.list(&s.Capable, f)
	}
	if note := s.writable(r); note != "" && !(again && s.writable(n.rights) != "") {
		f.Note = strings.TrimSuffix(note+"; "+f.Note, "; ")
		s.list(&s.Writable, f)
	}
}

// list adds it by its path, which is made for what is listed alone.
func (s *sorter) list(l *List, f File) {
	if len(l.Files) < maxListed {
		f.Path = s.path()
	}
	l.add(f)
}

// gives tells of set-user-ID and set-group-ID.
func (r rights) gives() bool { return r.mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 }

func odd(file File) File {
	kind := "a " + strings.TrimLeft(file.Mode.Type().String(), "-")
	if file.Mode.Type() == fs.ModeNamedPipe {
		kind = "a pipe: whoever opens it waits"
	}
	if slices.Contains(read, file.Path) {
		kind += ", which engines read"
	}
	file.Note = kind
	return file
}

// writable tells who but root may change a file of the system; "" nobody. A directory
// with the sticky bit lets everybody add to it.
func (s *sorter) writable(r rights) string {
	switch {
	case !slices.Contains(system, s.names[0]):
		return ""
	case r.mode&0o002 != 0:
		return "everybody may write it"
	case s.UID > 0 && r.uid == s.UID && r.mode&0o200 != 0:
		return "the image's user owns it"
	}
	return ""
}
