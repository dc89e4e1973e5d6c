package stack

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Read reads a file that only the caller and root can write; of a directory, the stack.toml
// in it.
func Read(path string) (*Stack, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, Name)
	}
	file, err := filepath.Abs(path)
	var data []byte
	if err == nil {
		data, err = content(file)
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading the stack: %w", err), "zlaunch up FILE; what stands in one: zlaunch help up")
	}
	s, err := parse(path, file, data)
	if err != nil {
		return nil, err
	}
	s.Dir = filepath.Dir(file)
	return s, nil
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

// Holds tells whether a path is the file of a stack: by its name, or by what it defines.
func Holds(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || filepath.Ext(path) != ".toml" {
		return false
	}
	if filepath.Base(path) == Name {
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, bounded.MaxTOML))
	return err == nil && aMember().Match(text)
}

// aMember is where a file defines a member.
var aMember = lazyregexp.New(`(?m)^[ \t]*\[?[ \t]*["']?member["']?[ \t]*[.=\]]`)
