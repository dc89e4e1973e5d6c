package profile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/renameio/v2"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Approvals remembers which project files the user has approved, as direnv
// does: a file counts at its path with its content, and any change of either
// asks again. Several contents of one path may be approved, so that switching
// between branches does not ask each time.
type Approvals struct {
	Dir string // $XDG_STATE_HOME/zlaunch/approved; "" approves nothing
}

// Hash names a content, "sha256:…".
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// places returns the directory of a path's approvals and the file of this
// content in it. Both names are hashes, so no path can leave Dir.
func (a Approvals) places(path string, data []byte) (dir, file string, err error) {
	if a.Dir == "" || !filepath.IsAbs(path) {
		return "", "", fmt.Errorf("approving %s: not an absolute path, or nowhere to remember it", bounded.Shown(path))
	}
	of := sha256.Sum256([]byte(filepath.Clean(path)))
	content := sha256.Sum256(data)
	dir = filepath.Join(a.Dir, hex.EncodeToString(of[:]))
	return dir, filepath.Join(dir, hex.EncodeToString(content[:])), nil
}

// Approved tells whether data is approved as the content of the absolute path.
func (a Approvals) Approved(path string, data []byte) (bool, error) {
	if a.Dir == "" {
		return false, nil
	}
	_, file, err := a.places(path, data)
	if err != nil {
		return false, err
	}
	if err := trust.Caller().Path(file); err != nil {
		return false, fmt.Errorf("looking up an approval: %w", err)
	}
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking up an approval: %w", err)
	}
	return info.Mode().IsRegular(), nil
}

// Approve records data as the approved content of the absolute path. The record
// is whole or not there, also after a crash.
func (a Approvals) Approve(path string, data []byte) error {
	dir, file, err := a.places(path, data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("recording an approval: %w", err)
	}
	if err := renameio.WriteFile(file, append([]byte(filepath.Clean(path)+"\n"), data...), 0o600); err != nil {
		return fmt.Errorf("recording an approval: %w", err)
	}
	return nil
}

// Last is the content of the absolute path that was approved last; nil where there is
// none, or none that is what its name says: older approvals hold no content.
func (a Approvals) Last(path string) ([]byte, error) {
	dir, _, err := a.places(path, nil)
	if err != nil {
		return nil, err
	}
	if err := trust.Caller().Path(dir); err != nil {
		return nil, fmt.Errorf("looking up an approval: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking up an approval: %w", err)
	}
	var last []byte
	var when time.Time
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.ModTime().After(when) {
			continue
		}
		text, err := readRegular(filepath.Join(dir, e.Name()), syscall.O_NOFOLLOW)
		_, data, _ := bytes.Cut(text, []byte("\n"))
		if err == nil && Hash(data) == "sha256:"+e.Name() {
			last, when = data, info.ModTime()
		}
	}
	return last, nil
}

// Revoke forgets every approved content of the absolute path, and tells whether there was
// one.
func (a Approvals) Revoke(path string) (was bool, err error) {
	dir, _, err := a.places(path, nil)
	if err != nil {
		return false, err
	}
	_, err = os.Lstat(dir)
	was = err == nil
	if err := os.RemoveAll(dir); err != nil {
		return was, fmt.Errorf("revoking an approval: %w", err)
	}
	return was, nil
}
