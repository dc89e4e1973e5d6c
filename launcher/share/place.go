package share

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
)

// Place is where one zlaunch.lock is, whether it is there or not.
type Place struct {
	Layer container.Layer // whose: the system's, the user's, a project's
	Path  string          // absolute
}

// bytes are the lock as it stands; nil where there is none. A lock that others can write
// is refused, but for a project's, which counts by its content.
func (p Place) bytes() ([]byte, error) {
	if p.Layer != container.LayerProject {
		if err := trust.Caller().Path(p.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, p.faulty(err)
		}
	}
	data, err := lockfile.Bytes(p.Path)
	return data, p.faulty(err)
}

// parse reads the lock that data is.
func (p Place) parse(data []byte) (*lockfile.File, error) {
	f, err := lockfile.Parse(data)
	if err != nil {
		return nil, p.faulty(fmt.Errorf("reading %s: %w", p.Path, err))
	}
	return f, nil
}

// read is the lock as it stands; a lock that is not there is empty.
func (p Place) read() (*lockfile.File, error) {
	data, err := p.bytes()
	if err != nil {
		return nil, err
	}
	return p.parse(data)
}

// Bundles lists what the lock names, by name.
func (p Place) Bundles() ([]lockfile.Bundle, error) {
	f, err := p.read()
	if err != nil {
		return nil, err
	}
	return f.Bundles, nil
}

// Next is what to type to have the lock changed: a command of zlaunch, and what it is about.
func (p Place) Next(command, about string) string {
	return p.byRoot("zlaunch " + command + p.option() + " " + about)
}

// fetch is what to type to have here what the lock names, which changes no lock.
func (p Place) fetch() string { return "zlaunch add" + p.option() }

// option names the lock on a command line.
func (p Place) option() string {
	if p.Layer == container.LayerUser || p.Layer == "" {
		return ""
	}
	return " --" + string(p.Layer)
}

// byRoot is what to type about the lock itself: that of the host only root can change.
func (p Place) byRoot(next string) string {
	if p.Layer != container.LayerSystem || os.Geteuid() == 0 || next == "" {
		return next
	}
	return "as root: " + strings.ReplaceAll(next, "\n", "\nas root: ")
}

// faulty says who mends a lock that cannot be read. While that of the host is there, it
// stands in the way of everybody.
func (p Place) faulty(err error) error {
	next := hint.Of(err)
	switch {
	case p.Layer == container.LayerSystem && errors.Is(err, fs.ErrPermission):
		next = "chmod a+r " + p.Path
	case p.Layer == container.LayerSystem:
		next = cmp.Or(next, "mv "+p.Path+" "+p.Path+".bad, and zlaunch add --system what it named")
	}
	return hint.Wrap(err, p.byRoot(next))
}

// unwritten says who can change the lock of the host.
func (p Place) unwritten(err error) error {
	if p.Layer == container.LayerSystem && errors.Is(err, fs.ErrPermission) {
		return hint.Wrap(err, p.byRoot("the same command again"))
	}
	return err
}
