package modelpack

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Bounds of one path: NAME_MAX of Linux, and as deep as a launch walks models.
const (
	maxName  = 255 // bytes of one segment
	maxDepth = 64  // segments
)

// Names are the paths of a model that is put together. Two that a disk could take for one -
// they differ by case, or by how Unicode writes a letter - are refused, as is a file where
// another path needs a directory.
type Names struct {
	files int
	known map[string]node // by [folded] path
}

// node is what a path names.
type node struct {
	path string
	file bool
}

// File takes up the path of a file.
func (n *Names) File(name string) error {
	if err := n.add(name, true); err != nil {
		return err
	}
	if n.files++; n.files > MaxFiles {
		return fmt.Errorf("it has more than %d files", MaxFiles)
	}
	return nil
}

// Dir takes up the path of a directory, which may be named again.
func (n *Names) Dir(name string) error { return n.add(name, false) }

func (n *Names) add(name string, file bool) error {
	if err := checkPath(name); err != nil {
		return fmt.Errorf("the path %s: %w", quoted(name), err)
	}
	if n.known == nil {
		n.known = map[string]node{}
	}
	for at := 0; at >= 0; {
		end := strings.IndexByte(name[at:], '/')
		if end < 0 {
			return n.take(name, file)
		}
		at += end + 1
		if err := n.take(name[:at-1], false); err != nil {
			return err
		}
	}
	return nil
}

// take takes up one path, all above it are known.
func (n *Names) take(name string, file bool) error {
	key := folded(name)
	was, known := n.known[key]
	switch {
	case !known:
		if len(n.known) >= 4*MaxFiles {
			return fmt.Errorf("it has more than %d files and directories", 4*MaxFiles)
		}
		n.known[key] = node{name, file}
		return nil
	case was.path != name:
		return fmt.Errorf("the paths %s and %s are one on some disks", quoted(was.path), quoted(name))
	case was.file && file:
		return fmt.Errorf("the path %s is there twice", quoted(name))
	case was.file != file:
		return fmt.Errorf("the path %s is a file and a directory", quoted(name))
	}
	return nil
}

// folded is what two paths have in common that differ by case, or by how a letter is composed.
func folded(name string) string {
	return norm.NFC.String(strings.ToLower(strings.ToUpper(norm.NFC.String(name))))
}

// checkPath tells why a path is none of a file in a model.
func checkPath(name string) error {
	switch {
	case name == "":
		return errors.New("it is empty")
	case strings.HasPrefix(name, "/"):
		return errors.New("it begins at the root")
	case path.Clean(name) != name || name == "." || name == ".." || strings.HasPrefix(name, "../"):
		return errors.New(`it is not plain: it has "." or ".." or an empty segment`)
	}
	segments := strings.Split(name, "/")
	if len(segments) > maxDepth {
		return fmt.Errorf("it is deeper than %d", maxDepth)
	}
	for _, s := range segments {
		if len(s) > maxName {
			return fmt.Errorf("a segment is longer than %d bytes", maxName)
		}
	}
	return bounded.Printable(name)
}

// quoted is a hostile text for an error: short, and in ASCII.
func quoted(s string) string {
	if len(s) > 100 {
		return strconv.QuoteToASCII(s[:100]) + "…"
	}
	return strconv.QuoteToASCII(s)
}
