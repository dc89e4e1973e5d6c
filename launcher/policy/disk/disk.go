// Package disk finds the files of policy: those of this host, which root alone writes,
// and those that a caller adds.
//
// Where a host's policy lies is written here and nowhere else: no variable, profile,
// project file or option can name another place, or take a file away. What cannot be
// read, or trusted, or understood is an error, and whoever plans a run refuses it then.
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

// maxFiles bounds the files of one directory.
const maxFiles = 256

// Host is where a host keeps its policy. The zero Host keeps none.
type Host struct {
	dirs  []string
	fixed func(path string) error // refuses what somebody beside root can change
}

// System is this host: the vendor's and the site's directory. All files of both hold;
// one of the same name takes no other's place.
func System() Host {
	return Host{[]string{"/usr/share/zlaunch/policy.d", etc() + "/zlaunch/policy.d"}, trust.Root().Fixed}
}

// etc is the directory without a link: macOS has one.
func etc() string {
	if runtime.GOOS == "darwin" {
		return "/private/etc"
	}
	return "/etc"
}

// Dirs are the directories, for people.
func (h Host) Dirs() []string { return h.dirs }

// Read is the host's policy with the files that a caller adds. Those only add checks:
// one with a waiver is an error.
func (h Host) Read(more ...string) (policy.Set, error) {
	var out policy.Set
	for _, dir := range h.dirs {
		names, err := h.names(dir)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			f, err := h.file(name)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	for _, name := range more {
		f, err := read(name, 0)
		if err == nil && len(f.Waivers) > 0 {
			err = hint.Errorf("move the waiver to /etc/zlaunch/policy.d", "reading the policy %q: a file that is added by --policy carries no waivers", name)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// Trial is the policy in a directory, which holds for nobody: to be tested. Nothing is
// asked of who can write it.
func Trial(dir string) (policy.Set, error) {
	h := Host{fixed: func(string) error { return nil }}
	names, err := h.names(dir)
	var out policy.Set
	for _, name := range names {
		f, err := read(name, 0)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, err
}

// names lists the *.toml files of a directory, sorted. Hidden and other files are left
// out, as a package's or an editor's leftovers are.
func (h Host) names(dir string) ([]string, error) {
	if err := h.fixed(dir); err != nil {
		return nil, refused(err)
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refused(hint.Errorf("ls -ld "+dir, "listing the policy in %s: %w", dir, cause(err)))
	}
	var out []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && filepath.Ext(e.Name()) == ".toml" {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) > maxFiles {
		return nil, refused(fmt.Errorf("listing the policy in %s: more than %d files", dir, maxFiles))
	}
	return out, nil
}

// file reads a file that nobody beside root can change or put another in the place of.
func (h Host) file(name string) (*policy.File, error) {
	if err := h.fixed(name); err != nil {
		return nil, refused(err)
	}
	f, err := read(name, syscall.O_NOFOLLOW)
	if err != nil {
		return nil, refused(err)
	}
	return f, nil
}

// refused tells that a file of the host's policy stops everything.
func refused(err error) error {
	next := hint.Of(err)
	if next != "" {
		next += "\n"
	}
	return hint.Wrap(fmt.Errorf("%w; nothing runs until the policy of this host can be used", err), next+"tell whoever administers this host")
}

// read reads a regular file, and never waits for one.
func read(name string, flag int) (*policy.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|flag, 0)
	if err != nil {
		return nil, unread(name, cause(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, unread(name, cause(err))
	}
	data, err := io.ReadAll(io.LimitReader(f, bounded.MaxTOML+1))
	if err != nil {
		return nil, unread(name, cause(err))
	}
	return policy.Parse(name, data)
}

func unread(name string, err error) error {
	return hint.Errorf("check the path: ls -ld "+name, "reading the policy %q: %w", name, err)
}

// cause leaves out the path of an error of the os package.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
