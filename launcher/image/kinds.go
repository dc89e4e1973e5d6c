package image

import (
	"archive/tar"
	"io/fs"
	"iter"
	"maps"
	"strings"
)

func keys(m map[string]entry) iter.Seq[string] { return maps.Keys(m) }

// read are the files that engines read of an image, and must be regular.
var read = []string{"/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/etc/localtime"}

// add puts an entry into the lists that it belongs to.
func (f *Files) add(e entry, workdir string) {
	file := e.File
	switch e.kind {
	case tar.TypeSymlink:
		if e.link != "" && within(workdir, e.Path) {
			f.Workdir = append(f.Workdir, e.Path+" -> "+e.link)
		}
		return
	case tar.TypeChar, tar.TypeBlock:
		f.Devices.add(file)
		return
	case tar.TypeReg, tar.TypeLink, tar.TypeDir:
	default:
		f.Odd.add(odd(file))
		return
	}
	if e.kind != tar.TypeDir && file.Mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
		f.Setuid.add(file)
	}
	if e.capable {
		f.Capable.add(file)
	}
	if note := f.writable(e); note != "" {
		file.Note = note
		f.Writable.add(file)
	}
}

func odd(file File) File {
	file.Note = "a " + strings.TrimLeft(file.Mode.Type().String(), "-")
	if file.Mode.Type() == fs.ModeNamedPipe {
		file.Note = "a pipe: whoever opens it waits"
	}
	for _, name := range read {
		if file.Path == name {
			file.Note += ", which engines read"
		}
	}
	return file
}

// writable tells who but root may change a file of the system; "" nobody. A directory
// with the sticky bit lets everybody add to it.
func (f *Files) writable(e entry) string {
	switch {
	case !isSystem(e.Path):
		return ""
	case e.Mode&0o002 != 0:
		return "everybody may write it"
	case f.UID > 0 && e.UID == f.UID && e.Mode&0o200 != 0:
		return "the image's user owns it"
	}
	return ""
}
