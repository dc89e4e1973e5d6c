package oci

import (
	"archive/tar"
	"math/rand/v2"
	"path"
)

// capable is cap_net_raw=ep as the kernel writes it, VFS_CAP_REVISION_2.
const capable = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// Draw draws an image of a few layers whose names, links and whiteouts get in each
// other's way. The same source of numbers gives the same image; not every engine takes
// every one of them.
func Draw(from *rand.Rand) Image {
	d := &drawing{Rand: from}
	img := Image{Config: Config{User: "1000"}, Base: []Entry{{Name: "usr/lib/"}, {Name: "bin/"}, {Name: "opt/d/"}}}
	for range 2 + d.IntN(4) {
		img.Base = append(img.Base, d.entry())
	}
	for range 1 + d.IntN(3) {
		var over []Entry
		for range 1 + d.IntN(4) {
			over = append(over, d.entry())
		}
		img.Over = append(img.Over, over)
	}
	return img
}

type drawing struct {
	*rand.Rand
	files []string // that an entry was drawn for
}

func one[T any](d *drawing, of ...T) T { return of[d.IntN(len(of))] }

// known is a file that is there, unless another entry is in its way.
func (d *drawing) known() string { return one(d, d.files...) }

func (d *drawing) dir() string {
	return one(d, "bin", "lib", "usr", "usr/lib", "usr/lib", "opt/d", "opt/d/e", "opt")
}

func (d *drawing) file() string { return path.Join(d.dir(), one(d, "a", "b", "su")) }

func (d *drawing) entry() Entry {
	n := d.IntN(40)
	if len(d.files) == 0 {
		n = 39
	}
	switch {
	case n < 3:
		return Entry{Name: d.dir() + "/"}
	case n < 7:
		return Entry{Name: d.dir(), Link: one(d, "usr/lib", "/usr/lib", "../usr/lib", "opt", "/opt/d", "bin")}
	case n < 9:
		return Entry{Name: d.file(), Link: one(d, "a", "su", "/usr/lib", "/usr/lib/a")}
	case n < 16:
		return d.rights(Entry{Name: d.file(), Link: one(d, "", "", "/", "./") + d.known(), Typeflag: tar.TypeLink})
	case n < 20:
		dir, base := path.Split(d.known())
		return Entry{Name: dir + ".wh." + base}
	case n < 22:
		dir, base := path.Split(d.dir())
		return Entry{Name: dir + ".wh." + base}
	case n < 24:
		return Entry{Name: d.dir() + "/.wh..wh..opq"}
	case n == 24:
		return d.rights(Entry{Name: ".wh..wh.plnk/1.2"})
	case n == 25:
		return d.rights(Entry{Name: d.file(), Link: ".wh..wh.plnk/1.2", Typeflag: tar.TypeLink})
	case n == 26:
		return Entry{Name: d.file(), Typeflag: one[byte](d, tar.TypeFifo, tar.TypeChar)}
	case n == 27:
		return d.rights(Entry{Name: one(d, "../", "x/../", "/") + d.file()})
	}
	e := d.rights(Entry{Name: d.file(), Data: []byte("x")})
	d.files = append(d.files, e.Name)
	return e
}

// rights draws who owns a file, and what it gives.
func (d *drawing) rights(e Entry) Entry {
	e.Mode, e.UID = one[int64](d, 0o4755, 0o4755, 0o2755, 0o755, 0o644), one(d, 0, 0, 0, 1)
	if d.IntN(4) == 0 {
		e.Xattrs = map[string]string{"security.capability": capable}
	}
	return e
}
