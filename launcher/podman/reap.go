package podman

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	servicePrefix = "zlaunch-"
	serviceLock   = "service.lock"
	serviceLog    = "service.log"
	serviceSocket = "podman.sock"
	// reapAge is how old a directory without a lock must be before it counts as
	// left behind by a program that was killed while it made the directory.
	reapAge = time.Minute
	// maxSocketPath is the length of sockaddr_un.sun_path less its NUL (unix(7)).
	maxSocketPath = 107
)

// serviceDir is the 0700 directory of a private service. Its lock file is held
// with flock as long as the owner lives.
type serviceDir struct {
	path string
	lock *os.File
}

// newServiceDir makes a directory below runtimeDir. The lock is taken before it
// gets its name, so that [Engine.Reap] never sees it free.
func newServiceDir(runtimeDir string) (*serviceDir, error) {
	path, err := os.MkdirTemp(runtimeDir, servicePrefix)
	if err != nil {
		return nil, err
	}
	d := &serviceDir{path: path}
	if len(d.socket()) > maxSocketPath {
		os.Remove(path)
		return nil, fmt.Errorf("making a socket in %s: the path is longer than %d bytes", runtimeDir, maxSocketPath)
	}
	lock, err := os.CreateTemp(path, ".lock")
	if err == nil {
		d.lock = lock
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX)
	}
	if err == nil {
		err = os.Rename(lock.Name(), filepath.Join(path, serviceLock))
	}
	if err != nil {
		d.remove()
		return nil, err
	}
	return d, nil
}

func (d *serviceDir) socket() string { return filepath.Join(d.path, serviceSocket) }

func (d *serviceDir) openLog() (*os.File, error) {
	return os.OpenFile(filepath.Join(d.path, serviceLog), os.O_CREATE|os.O_WRONLY|os.O_APPEND|syscall.O_CLOEXEC, 0o600)
}

// lastWords is what the service wrote to its standard error.
func (d *serviceDir) lastWords() string {
	data, _ := readFile(filepath.Join(d.path, serviceLog), maxError)
	if s := printable(string(data)); s != "" {
		return s
	}
	return "it said nothing"
}

func (d *serviceDir) remove() error {
	err := os.RemoveAll(d.path)
	if d.lock != nil {
		d.lock.Close()
	}
	return err
}

// Reap removes what killed programs left of readers of images and, on this host, of
// private services and of what podman wrote by the way.
func (e *Engine) Reap(ctx context.Context) error {
	var err error
	if e.local {
		reapServices(runtimeDir(e.env))
		err = reapScratch(ctx, e)
	}
	return errors.Join(err, readersOf(e).reap(ctx))
}

// reapServices ends the private services of this user's whose owner is gone and
// removes their directories. What it may not touch it leaves.
func reapServices(runtimeDir string) {
	names, err := filepath.Glob(filepath.Join(escapeGlob(runtimeDir), servicePrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range names {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && ownedByUs(info) {
			reapDir(dir, info)
		}
	}
}

func reapDir(dir string, info fs.FileInfo) {
	lock, err := os.OpenFile(filepath.Join(dir, serviceLock), os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if time.Since(info.ModTime()) > reapAge {
			removeOurs(dir)
		}
		return
	}
	if err != nil {
		return
	}
	defer lock.Close()
	if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return
	}
	d := serviceDir{path: dir}
	if holdsOurs(dir) {
		endListener(d.socket())
		removeOurs(dir)
	}
}

// holdsOurs tells whether dir holds nothing but what a service directory does: a
// name and a free lock alone do not make it one.
func holdsOurs(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !ourFile(e) })
}

func ourFile(e fs.DirEntry) bool {
	switch name := e.Name(); {
	case name == serviceSocket:
		return e.Type() == fs.ModeSocket
	case name == serviceLock, name == serviceLog, strings.HasPrefix(name, ".lock"):
		return e.Type().IsRegular()
	}
	return false
}

// removeOurs removes a service directory in which there is nothing else.
func removeOurs(dir string) {
	if !holdsOurs(dir) {
		return
	}
	entries, _ := os.ReadDir(dir) // could be read just now
	for _, e := range entries {
		os.Remove(filepath.Join(dir, e.Name()))
	}
	os.Remove(dir)
}

// endListener ends the service that listens on socket, if one still does. The
// kernel names the process, so no stale pid is trusted.
func endListener(socket string) {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return
	}
	defer conn.Close()
	if pid, uid, ok := peer(conn); ok && pid > 1 && uid == os.Getuid() {
		syscall.Kill(pid, syscall.SIGTERM)
	}
}

func ownedByUs(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}
