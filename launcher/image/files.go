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
