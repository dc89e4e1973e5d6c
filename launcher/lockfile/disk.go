package lockfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

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
// must hold a lock of their own around reading and writing.
func (f *File) Write(path string) error {
	data, err := f.Encode()
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := renameio.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
