package stack

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Read reads a file that only the caller and root can write; of a directory, the stack.toml
// in it. It returns the absolute path beside what it read.
func Read(path string) (*Stack, string, error) {
	file, err := filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, Name)
	}
	data, err := content(file)
	if err != nil {
		return nil, "", hint.Wrap(fmt.Errorf("reading the stack: %w", err), "zlaunch up FILE; what stands in one: man zlaunch-up")
	}
	s, err := Parse(file, data)
	return s, file, err
}

// content is what stands in a file, and a byte more than a stack may have.
func content(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", file)
	}
	if err := trust.Caller().Path(file); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, bounded.MaxTOML+1))
}
