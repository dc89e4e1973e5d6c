package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// cdiDirs are where Podman looks for specifications of CDI (common/pkg/config). 5.5.0
// and 5.5.1 take the first alone.
var cdiDirs = []string{"/etc/cdi", "/var/run/cdi"}

// maxSpecs bounds the files read of one directory.
const maxSpecs = 256

// CDI reads the specifications that Podman of a version would take; "" is any version.
// Before 5.5.0 it does not obey engine.cdi_spec_dirs (containers/podman, pull request
// 25717).
func (f *Facts) CDI(podman string) *cdi.Registry {
	dirs := cdiDirs
	if set := f.Conf.Strings("engine.cdi_spec_dirs"); f.Conf.Get("engine.cdi_spec_dirs") != nil && !engine.Older(podman, 5, 5, 0) {
		dirs = set
	}
	var files []cdi.File
	var problems []cdi.Problem
	for priority, dir := range dirs {
		names, err := f.specsIn(dir)
		if err != nil {
			problems = append(problems, cdi.Problem{File: dir, Why: err.Error(), Hint: hint.Of(err)})
		}
		for _, name := range names {
			spec, err := f.readSpec(name)
			if err != nil {
				problems = append(problems, cdi.Problem{File: name, Why: err.Error(), Hint: hint.Of(err)})
				continue
			}
			files = append(files, cdi.File{Path: name, Priority: priority, Spec: spec})
		}
	}
	r := cdi.Resolve(files)
	r.Dirs, r.Problems = dirs, append(problems, r.Problems...)
	return r
}

// specsIn lists the files of a directory that Podman reads, in its order.
func (f *Facts) specsIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(f.src.at(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".json" || ext == ".yaml") {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) > maxSpecs {
		return nil, fmt.Errorf("it has more than %d specifications", maxSpecs)
	}
	return out, err
}

// readSpec reads one specification that nobody beside root and the user can write:
// what it names runs as the user.
func (f *Facts) readSpec(name string) (*cdi.Spec, error) {
	if err := trust.Caller().Path(f.src.at(name)); err != nil {
		return nil, err
	}
	text, err := f.src.read(name)
	if err != nil {
		return nil, err
	}
	return cdi.Parse(text)
}

// DeviceNode tells the kind and the numbers of a device node of this host. It follows
// no link, as neither Podman nor the runtime does.
func (f *Facts) DeviceNode(path string) (kind string, major, minor int64, err error) {
	var st unix.Stat_t
	if err := unix.Lstat(f.src.at(path), &st); err != nil {
		return "", 0, 0, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFCHR:
		kind = "c"
	case unix.S_IFBLK:
		kind = "b"
	case unix.S_IFIFO:
		return "p", 0, 0, nil
	default:
		return "", 0, 0, fmt.Errorf("%q is no device node", path)
	}
	dev := uint64(st.Rdev) //nolint:unconvert // of another width elsewhere
	return kind, int64(unix.Major(dev)), int64(unix.Minor(dev)), nil
}

// OpensNode tells whether a device node is open to the user as its owner or as anybody.
// A container without keep-groups has none of the user's groups; an access list is not
// looked at.
func (f *Facts) OpensNode(path string) bool {
	var st unix.Stat_t
	if err := unix.Lstat(f.src.at(path), &st); err != nil {
		return false
	}
	return st.Mode&0o006 == 0o006 || st.Mode&0o600 == 0o600 && int(st.Uid) == f.UID
}

// Exists tells whether something is at path.
func (f *Facts) Exists(path string) bool { return f.src.exists(path) }

// Exchangeable says who beside root may put another program at the place of path; ""
// nobody.
func (f *Facts) Exchangeable(path string) string { return programReader{f.src}.exchanged(path) }
