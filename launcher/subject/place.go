package subject

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// place is where a walk goes.
type place struct {
	under   *once
	at      string   // the directory in it
	exclude []string // patterns
}

// versioned are the directories in which programs keep versions: what is checked out of
// them is read where it lies.
var versioned = []string{".git", ".hg", ".svn", ".jj"}

// passed tells why something is passed over; "" where it is not.
func (p place) passed(name string, dir bool) As {
	base := path.Base(name)
	switch {
	case dir && slices.Contains(versioned, base):
		return AsVersioned
	case slices.ContainsFunc(p.exclude, func(pattern string) bool {
		pattern = strings.TrimSuffix(pattern, "/")
		byName, _ := path.Match(pattern, base)
		byPath, _ := path.Match(strings.TrimPrefix(pattern, "./"), p.relative(name))
		return byName || byPath
	}):
		return AsExcluded
	}
	return ""
}

// relative is a path below the directory, from there.
func (p place) relative(name string) string {
	if p.at == "." {
		return name
	}
	return strings.TrimPrefix(strings.TrimPrefix(name, p.at), "/")
}

// reads tells whether a file is one of those that the walk reads.
func (p place) reads(name string) bool {
	if name != p.at && !strings.HasPrefix(name, strings.TrimPrefix(p.at+"/", "./")) {
		return false
	}
	for at := name; at != p.at && at != "."; at = path.Dir(at) {
		if p.passed(at, at != name) != "" {
			return false
		}
	}
	_, err := p.under.Stat(name)
	return err == nil
}

// inside gives a path of the host, with all links followed, as one of the walk's file
// system; false: it lies outside of the directory, or what is there is not read.
func (p place) inside(name string) (string, bool) {
	dir, err := filepath.EvalSymlinks(string(os.PathSeparator) + filepath.FromSlash(p.at))
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(dir, name)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	at := path.Join(p.at, filepath.ToSlash(rel))
	return at, p.reads(at)
}
