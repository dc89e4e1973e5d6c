// Package scratch makes directories for what is written by the way: images on their way to a
// scanner, what podman keeps aside while it exports or builds. Each is claimed by a file that
// its owner holds locked. Where the owner was killed, the lock is free, and who sweeps removes
// the directory that the claim names. Nothing is removed because of its own name.
package scratch

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Place is where directories are made, and where the claims on them lie.
type Place struct {
	Below  string // the directory they are made in; "" as [os.TempDir]
	Claims string // a directory of the caller's alone, which outlives the boot; "" claims nothing: who is killed leaves its directory
}

// Dir is a directory of mode 0700 that one call owns.
type Dir struct {
	Path  string
	inode uint64
	claim *os.File // locked; nil where nothing is claimed
}

// Claim is what is known of a directory when it is swept.
type Claim struct {
	Schema string `json:"schema"` // "zlaunch.dev/scratch/v1"
	Host   string `json:"host"`   // whose directory it is: a home may be that of many
	Kind   string `json:"-"`      // what it is for, as "scan"; part of the claim's name
	Path   string `json:"path"`
	Inode  uint64 `json:"inode,omitempty"` // of the directory; 0: its owner ended before it was noted
	In     uint64 `json:"in,omitempty"`    // the inode of the directory that it was made in; 0 not known
	For    string `json:"for,omitempty"`   // what else has to end before it goes; "": nothing
}

const (
	schema   = "zlaunch.dev/scratch/v1"
	prefix   = "zlaunch-"
	maxClaim = 16 << 10 // bytes: a path has at most 4096
)

// Make makes a directory, and removes those of its kind whose owners were killed, unless
// something else has to end for them. Where no claim can be written, it is not claimed.
func (p Place) Make(c Claim) (*Dir, error) {
	if c.For == "" { // who looks at a claim locks it, which would keep a sweep of all from it
		_ = p.sweep(c.Kind+"-", func(left Claim) bool { return left.For == "" }) // what stays is tried again
	}
	below, err := filepath.Abs(cmp.Or(p.Below, os.TempDir()))
	if err != nil {
		return nil, fmt.Errorf("making a temporary directory: %w", err)
	}
	name := c.Kind + "-" + strings.ToLower(rand.Text())
	c.Schema, c.Path, c.In = schema, filepath.Join(below, prefix+name), inodeOf(below)
	d := &Dir{Path: c.Path, claim: p.claim(c, name)}
	if err := os.Mkdir(d.Path, 0o700); err != nil {
		d.unclaim()
		return nil, fmt.Errorf("making a temporary directory: %w", err)
	}
	d.inode = inodeOf(d.Path)
	if c.Inode = d.inode; d.claim == nil {
		return d, nil
	}
	if err := d.write(c); err != nil {
		defer d.unclaim()
		return nil, fmt.Errorf("making a temporary directory: %w", errors.Join(err, unix.Rmdir(d.Path)))
	}
	return d, nil
}

// claim writes a claim and holds it; nil where it cannot.
func (p Place) claim(c Claim, name string) *os.File {
	if p.Claims == "" || os.MkdirAll(p.Claims, 0o700) != nil {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(p.Claims, name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil
	}
	d := &Dir{claim: f}
	if unix.Flock(int(f.Fd()), unix.LOCK_EX) != nil || d.write(c) != nil {
		d.unclaim()
		return nil
	}
	return f
}

// write writes what is claimed, in one piece: it gets longer as more is known.
func (d *Dir) write(c Claim) (err error) {
	if c.Host, err = os.Hostname(); err != nil {
		return err
	}
	data, err := json.Marshal(c)
	if err == nil && len(data) > maxClaim {
		err = unix.ENAMETOOLONG
	}
	if err == nil {
		_, err = d.claim.WriteAt(data, 0)
	}
	return err
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
	if err := remove(d.Path, d.inode); err != nil {
		if d.claim != nil {
			_ = d.claim.Close() // which unlocks it
		}
		return err
	}
	d.unclaim()
	return nil
}
