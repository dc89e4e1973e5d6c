package scratch

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

const (
	// unwritten is how long a claim may say nothing: its owner writes it at once.
	unwritten = time.Minute
	// away is how long a directory is waited for whose file system is not there.
	away = 30 * 24 * time.Hour
)

// Sweep removes the directories whose owners were killed, those of which over says that all
// else has ended.
func (p Place) Sweep(over func(Claim) bool) error { return p.sweep("", over) }

func (p Place) sweep(begins string, over func(Claim) bool) error {
	if p.Claims == "" {
		return nil
	}
	entries, err := os.ReadDir(p.Claims)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), begins) {
			errs = append(errs, sweepOne(filepath.Join(p.Claims, e.Name()), over))
		}
	}
	return errors.Join(errs...)
}

func sweepOne(file string, over func(Claim) bool) error {
	f, err := os.OpenFile(file, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil // another zlaunch was quicker, or it is none of ours
	}
	d := &Dir{claim: f}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil // its owner lives
	}
	c, err := read(file)
	if errors.Is(err, errTorn) && time.Since(info.ModTime()) > unwritten {
		d.unclaim()
	}
	if err != nil { // one of another zlaunch stays
		return nil
	}
	if host, err := os.Hostname(); err != nil || host != c.Host || !over(c) {
		return nil
	}
	if c.away() && time.Since(info.ModTime()) < away {
		return nil
	}
	d.Path, d.inode = c.Path, c.Inode
	return d.Remove()
}

// away tells whether a directory is not there because what it was made in is not, or is another:
// a file system that is not mounted here now.
func (c Claim) away() bool {
	_, err := os.Lstat(c.Path)
	return errors.Is(err, fs.ErrNotExist) && inodeOf(filepath.Dir(c.Path)) != c.In
}

// errTorn is the error of a claim that is no whole text: its owner ended while it wrote.
var errTorn = errors.New("it is not whole")

// read reads a claim strictly: the directory has the name that its claim has.
func read(file string) (Claim, error) {
	var c Claim
	data, err := claim.ReadFile(file, maxClaim)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, errTorn
	}
	kind, token, _ := strings.Cut(filepath.Base(file), "-")
	c.Kind = kind
	switch {
	case c.Schema != schema || len(token) != len(rand.Text()):
		return Claim{}, fmt.Errorf("reading the claim %s: it is of another kind", file)
	case !filepath.IsAbs(c.Path) || c.Path != filepath.Clean(c.Path) || filepath.Base(c.Path) != prefix+filepath.Base(file):
		return Claim{}, fmt.Errorf("reading the claim %s: it is of something else than its name says", file)
	}
	return c, nil
}
