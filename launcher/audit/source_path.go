package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// A path of the host as it was written, and what of it is known.

// source is a path of the host.
type source struct {
	said string // as it was written
	path string // clean and absolute, as far as it is known; "" not at all
	open string // why the rest is not known; "" all is
	kept bool   // what an overlay writes is kept there
}

// unstable tells whether a path lies where anybody may put a file first, or depends on
// the directory that the engine is started in.
func (s source) unstable() bool {
	return s.path != "" && inShared(s.path) || s.path == "" && !strings.ContainsAny(s.said, expansions)
}

// settled tells whether a relation holds whatever the unknown rest of a source is.
func (s source) settled(r relation) bool { return s.open == "" || r > above }

// expansions are the characters by which a shell or systemd makes another word.
const expansions = "$`*?[{%"

// located reads a source as a path of the host. Of a source that is expanded elsewhere
// the directories before that are known, and a home by a word for it.
func located(said string, open bool) source {
	if dir, ok := container.Spelled(said); ok && open {
		s := literally(dir, true)
		if s.said = said; s.open != "" {
			s.open = said + " is expanded elsewhere"
		}
		return s
	}
	return literally(said, open)
}

// literally is [located] of a source of which no word is known.
func literally(src string, open bool) source {
	s := source{said: src}
	switch {
	case src == container.AnyAgent+"/":
		s.path = agentSocket
		return s
	case open && !strings.HasPrefix(src, "/"):
		s.open = src + " is expanded elsewhere"
		return s
	case !strings.HasPrefix(src, "/"):
		s.open = src + " depends on the directory it is started in"
		return s
	}
	if i := strings.IndexAny(src, expansions); open && i >= 0 {
		s.path, s.open = path.Dir(path.Clean(src[:i]+"x")), src+" is expanded elsewhere"
		return s
	}
	s.path = path.Clean(src)
	return s
}

// pathOf is a path that an engine opens as it stands, but for what a shell or systemd
// expands.
func pathOf(said string) source {
	return located(said, strings.ContainsAny(said, expansions) || strings.HasPrefix(said, "~"))
}

// looksLikePath tells a path from other words: it begins as one, or a shell makes one
// of what it begins with.
func looksLikePath(v string) bool {
	return strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "../") || strings.HasPrefix(v, "~") ||
		strings.ContainsAny(v[:min(len(v), 1)], "$%") && strings.Contains(v, "/")
}

func inShared(p string) bool {
	return slices.ContainsFunc(shared, func(r string) bool { return p == r || strings.HasPrefix(p, r+"/") })
}

// shared are the directories of a host in which anybody may put a file.
var shared = []string{"/tmp", "/var/tmp", "/dev/shm"}
