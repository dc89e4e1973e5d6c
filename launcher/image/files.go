package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
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
// rights or stand where an engine acts on them. Each list is sorted by path.
type Files struct {
	Count    int
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

// Walk reads all layers, the last first, and holds each against its digest, and its content
// against that in the configuration. read is told how many bytes of all were read, as it goes on; it may be nil.
func (img *Image) Walk(ctx context.Context, read func(done, all int64)) (*Files, error) {
	w := &walk{ctx: ctx, img: img, seen: map[string]bool{}, hidden: map[string]bool{}, opaque: map[string]bool{}, found: map[string]entry{}}
	if read != nil {
		for _, d := range img.layers {
			w.all += d.Size
		}
		w.tell = read
	}
	for i := len(img.layers) - 1; i >= 0; i-- {
		if err := w.layer(i); err != nil {
			return nil, fmt.Errorf("reading layer %d of the image: %w", i+1, err)
		}
	}
	return w.files(), nil
}

// entry is a file as the uppermost layer that has it says.
type entry struct {
	kind byte // tar's
	File
	link    string
	capable bool
}

// walk is the way through an image's layers.
type walk struct {
	ctx       context.Context
	img       *Image
	seen      map[string]bool // by an upper layer, or by this one
	hidden    map[string]bool // from lower layers: the path and all below it
	opaque    map[string]bool // from lower layers: all below it
	found     map[string]entry
	odd       []File
	passwd    []byte
	done, all int64
	tell      func(done, all int64)
}

// view is what one layer changes for those below it.
type view struct {
	here           map[string]entry
	hidden, opaque []string
}

func (w *walk) layer(i int) error {
	l, err := w.img.openLayer(i)
	if err != nil {
		return err
	}
	defer l.Close()
	v := view{here: map[string]entry{}}
	for t := tar.NewReader(&watched{w: w, r: l}); ; {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = w.take(&v, h, t)
		}
		if err != nil {
			return err
		}
	}
	w.join(v)
	w.done += w.img.layers[i].Size
	if w.tell != nil {
		w.tell(w.done, w.all)
	}
	return l.verify()
}

// watched ends a read with the context.
type watched struct {
	w *walk
	r io.Reader
}

func (r *watched) Read(p []byte) (int, error) {
	if err := r.w.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// whiteout begins the name of what an upper layer removed (image-spec layer.md).
const (
	whiteout = ".wh."
	opaqued  = ".wh..wh..opq"
)

// take notes one entry of a layer.
func (w *walk) take(v *view, h *tar.Header, r io.Reader) error {
	name, ok := inImage(h.Name)
	if !ok {
		if len(w.odd) < maxListed {
			w.odd = append(w.odd, File{Path: cut(h.Name), Note: "its name leads out of the image"})
		}
		return nil
	}
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	switch {
	case base == opaqued:
		v.opaque = append(v.opaque, dir)
		return nil
	case strings.HasPrefix(base, whiteout):
		v.hidden = append(v.hidden, path.Join(dir, base[len(whiteout):]))
		return nil
	case w.covered(name):
		return nil
	}
	e := entry{kind: h.Typeflag, link: h.Linkname, File: File{Path: name, Mode: h.FileInfo().Mode(), UID: h.Uid}}
	_, e.capable = h.PAXRecords["SCHILY.xattr.security.capability"]
	if v.here[name] = e; len(w.seen)+len(v.here) > maxFiles {
		return fmt.Errorf("it has more than %d files", maxFiles)
	}
	if name == "/etc/passwd" && h.Typeflag == tar.TypeReg {
		data, err := io.ReadAll(io.LimitReader(r, maxUsers+1))
		w.passwd = data
		return err
	}
	return nil
}

// inImage is a name of a layer as a path from the image's root.
func inImage(name string) (string, bool) {
	if len(name) > maxName || strings.ContainsRune(name, 0) || slices.Contains(strings.Split(name, "/"), "..") {
		return "", false
	}
	return path.Clean("/" + name), true
}

func cut(s string) string { return s[:min(len(s), 200)] }

// covered tells whether an upper layer has it, or removed it.
func (w *walk) covered(name string) bool {
	if w.seen[name] || w.hidden[name] {
		return true
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if w.hidden[dir] || w.opaque[dir] {
			return true
		}
		if dir == "/" {
			return false
		}
	}
}

// join lays a layer below those above it.
func (w *walk) join(v view) {
	for name, e := range v.here {
		w.seen[name] = true
		if e.kind != tar.TypeDir {
			w.hidden[name] = true // what a lower layer has below it is gone
		}
		if w.tells(e) {
			w.found[name] = e
		}
	}
	for _, p := range v.hidden {
		w.hidden[p] = true
	}
	for _, p := range v.opaque {
		w.opaque[p] = true
	}
}

// tells tells whether an entry can stand in a list.
func (w *walk) tells(e entry) bool {
	switch e.kind {
	case tar.TypeReg, tar.TypeLink:
		return e.Mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 || e.capable || isSystem(e.Path)
	case tar.TypeDir:
		return isSystem(e.Path)
	case tar.TypeSymlink:
		return within(w.img.Said.Config.WorkingDir, e.Path)
	}
	return true
}

// system are the directories that hold programs, libraries and configuration; nothing that
// serves writes there.
var system = []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr", "/etc", "/boot", "/opt"}

func isSystem(name string) bool {
	return slices.ContainsFunc(system, func(dir string) bool { return within(name, dir) })
}

// within tells whether a path is dir or below it.
func within(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// errNoUser: the image does not tell a number.
var errNoUser = errors.New("no user")

// uid is the number of the image's user, as Podman finds it.
func (w *walk) uid() (int, error) {
	if len(w.passwd) > maxUsers {
		return 0, errNoUser
	}
	name, _, _ := strings.Cut(w.img.Said.Config.User, ":")
	u, err := user.GetExecUser(name, &user.ExecUser{}, bytes.NewReader(w.passwd), nil)
	if err != nil {
		return 0, err
	}
	return u.Uid, nil
}

// files sorts what was found.
func (w *walk) files() *Files {
	out := &Files{Count: len(w.seen), UID: -1}
	if uid, err := w.uid(); err == nil {
		out.UID = uid
	}
	for _, name := range slices.Sorted(keys(w.found)) {
		out.add(w.found[name], w.img.Said.Config.WorkingDir)
	}
	for _, f := range w.odd {
		out.Odd.add(f)
	}
	return out
}

func (l *List) add(f File) {
	if len(l.Files) < maxListed {
		l.Files = append(l.Files, f)
	} else {
		l.More++
	}
}
