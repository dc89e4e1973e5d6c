package main

import (
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/policy/disk"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// surroundings are what the process was started in; nothing changes them.
type surroundings struct {
	dir    string // working directory; "" for none
	home   string // absolute, always: a relative one would be the working directory's
	lookup func(name string) (value string, set bool)
	policy disk.Host // where this host keeps its policy; nothing that is typed changes it
}

func (s *surroundings) getenv(name string) string {
	v, _ := s.lookup(name)
	return v
}

// profileDirs are where profiles are read from.
func (s *surroundings) profileDirs() profile.Dirs { return profile.DirsOf(s.getenv, s.home, s.dir) }

// recordDirs are where launches are written down. facts are those of this host.
func (s *surroundings) recordDirs(facts *host.Facts) record.Dirs {
	return record.DirsOf(s.getenv, s.home, facts)
}

// absolute is a path of the command line from the root on.
func (s *surroundings) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(s.dir, path)
}

// tilde writes the home directory as ~: reports get pasted in public.
func (s *surroundings) tilde(path string) string {
	if rest, ok := strings.CutPrefix(path, s.home+"/"); ok {
		return "~/" + rest
	}
	return path
}

// utf8 tells whether the terminal shows more than ASCII, as the variables of
// setlocale(3) say.
func (s *surroundings) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(s.getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
