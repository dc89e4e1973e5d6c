// Package scratch makes directories for what is written by the way: images on their way to a
// scanner, what podman keeps aside while it exports or builds. Each is claimed by a file that
// its owner holds locked. Where the owner was killed, the lock is free, and who sweeps removes
// the directory that the claim names. Nothing is removed because of its own name.
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

// Place is where directories are made, and where the claims on them lie.
type Place struct {
	Below  string // the directory they are made in; "" as [os.TempDir]
	Claims string // a directory of the caller's alone, which outlives the boot; "" claims nothing: who is killed leaves its directory
}

// Dir is a directory of mode 0700 that one call owns.
type Dir struct {
	Path  string
	claim *os.File // locked; nil where nothing is claimed
}

// Claim is what is known of a directory when it is swept.
type Claim struct {
	Schema string `json:"schema"` // "zlaunch.dev/scratch/v1"
	Host   string `json:"host"`   // whose directory it is: a home may be that of many
	Kind   string `json:"-"`      // what it is for, as "scan"; part of the claim's name
	Path   string `json:"path"`
	For    string `json:"for,omitempty"` // what else has to end before it goes; "": nothing
}

const (
	schema   = "zlaunch.dev/scratch/v1"
	prefix   = "zlaunch-"
	maxClaim = 16 << 10 // bytes: a path has at most 4096
	// unwritten is how long a claim may say nothing: its owner writes it at once.
	unwritten = time.Minute
)

// Make makes a directory, and removes those of its kind whose owners were killed, unless
// something else has to end for them. Where no claim can be written, it is not claimed.
func (p Place) Make(c Claim) (*Dir, error) {
	if c.For == "" { // who looks at a claim locks it, which would keep a sweep of all from it
		_ = p.sweep(c.Kind+"-", func(left Claim) bool { return left.For == "" }) // what stays is tried again
	}
	below, err := filepath.Abs(p.Below)
	if p.Below == "" {
		below, err = os.TempDir(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("making a temporary directory: %w", err)
	}
	name := c.Kind + "-" + strings.ToLower(rand.Text())
	c.Schema, c.Path = schema, filepath.Join(below, prefix+name)
	d := &Dir{Path: c.Path, claim: p.claim(c, name)}
	if err := os.Mkdir(d.Path, 0o700); err != nil {
		d.unclaim()
		return nil, fmt.Errorf("making a temporary directory: %w", err)
	}
	return d, nil
}

// claim writes a claim and holds it; nil where it cannot.
func (p Place) claim(c Claim, name string) *os.File {
	host, err := os.Hostname()
	if p.Claims == "" || err != nil || os.MkdirAll(p.Claims, 0o700) != nil {
		return nil
	}
	c.Host = host
	data, err := json.Marshal(c)
	if err != nil || len(data) > maxClaim {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(p.Claims, name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
	if err == nil {
		_, err = f.Write(data)
	}
	if err != nil {
		(&Dir{claim: f}).unclaim()
		return nil
	}
	return f
}

// unclaim takes the claim back.
func (d *Dir) unclaim() {
	if d.claim != nil {
		_ = os.Remove(d.claim.Name()) // one of nothing goes with the next sweep
		_ = d.claim.Close()
	}
}

// Remove removes the directory with what is in it. Where it cannot, the claim stays for who
// sweeps next.
func (d *Dir) Remove() error {
	if err := remove(d.Path); err != nil {
		if d.claim != nil {
			_ = d.claim.Close() // which unlocks it
		}
		return err
	}
	d.unclaim()
	return nil
}

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
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil // its owner lives
	}
	c, err := read(file)
	if err != nil {
		if info, serr := f.Stat(); serr == nil && time.Since(info.ModTime()) > unwritten {
			d.unclaim()
		}
		return nil
	}
	if host, err := os.Hostname(); err != nil || host != c.Host || !over(c) {
		return nil
	}
	d.Path = c.Path
	return d.Remove()
}

// read reads a claim strictly: the directory has the name that its claim has.
func read(file string) (Claim, error) {
	var c Claim
	data, err := claim.ReadFile(file, maxClaim)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	kind, token, _ := strings.Cut(filepath.Base(file), "-")
	c.Kind = kind
	switch {
	case err != nil:
		return Claim{}, err
	case c.Schema != schema || len(token) != len(rand.Text()):
		return Claim{}, fmt.Errorf("reading the claim %s: it is of another kind", file)
	case !filepath.IsAbs(c.Path) || c.Path != filepath.Clean(c.Path) || filepath.Base(c.Path) != prefix+filepath.Base(file):
		return Claim{}, fmt.Errorf("reading the claim %s: it is of something else than its name says", file)
	}
	return c, nil
}

// remove removes a directory of the caller's. One below which something is mounted stays:
// that is not ours to empty.
func remove(dir string) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("removing a temporary directory: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(st.Uid) != os.Getuid() {
		return fmt.Errorf("removing a temporary directory: %s is no directory of yours", dir)
	}
	if mounts, _ := os.ReadFile("/proc/self/mountinfo"); strings.Contains(string(mounts), filepath.Base(dir)) {
		return fmt.Errorf("removing a temporary directory: something is mounted below %s", dir)
	}
	for range 20 { // who wrote to it may be ending still
		if err = os.RemoveAll(dir); !errors.Is(err, syscall.ENOTEMPTY) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("removing a temporary directory: %w", err)
	}
	return nil
}
