package lockfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/renameio/v2"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Bytes are those of the file at path, by which it is approved; nil where there is none.
// A link, a device or a FIFO is refused, and never waited for.
//
// Who else can write the file is the caller's to judge: a project's is approved by its
// content, a user's and a system's by who owns it.
func Bytes(path string) ([]byte, error) {
	data, err := content(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data, nil
}

// Read is the file at path with its bytes; one that is not there is empty, with nil data.
func Read(path string) (f *File, data []byte, err error) {
	data, err = Bytes(path)
	if err != nil {
		return nil, nil, err
	}
	if f, err = Parse(data); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return f, data, nil
}

func content(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, errors.New("a symbolic link, and a lock must be the file itself")
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return io.ReadAll(io.LimitReader(file, bounded.MaxTOML+1))
}

// Write puts f at path, whole or not at all, also after a crash. Two who change one file
// must hold a lock of their own around reading and writing. What a writer left that was
// killed goes with the next one that is done, once it is old.
func (f *File) Write(path string) error {
	data, err := f.Encode()
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := renameio.WriteFile(path, data, 0o644, renameio.WithTempDir(filepath.Dir(path))); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	sweep(path)
	return nil
}

// leftover is how long ago a file was written that nobody is about to put in its place: a
// writer takes it there at once. One who was stopped that long fails, and writes nothing.
const leftover = time.Hour

// sweep removes what killed writers of the file at path left beside it: files of this user's
// with the name that renameio gives them, a dot before and a number behind. What stays
// takes room and nothing else.
func sweep(path string) {
	dir := filepath.Dir(path)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), "."+filepath.Base(path))
		if !ours || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || time.Since(info.ModTime()) < leftover {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) == os.Geteuid() {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
