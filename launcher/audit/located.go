package audit

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// expanded are the characters by which a shell or systemd makes another word.
const expanded = "$`*?[{%"

// located reads a source as a path of the host. Of a source that is expanded elsewhere
// the directories before that are known, and a home by a word for it.
func located(said string, open bool) source {
	if dir, ok := container.Spelled(said); ok && open {
		s := literally(dir, true)
		if s.said = said; s.open != "" {
			s.open = said + " is expanded by the shell"
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
		s.open = src + " is expanded by the shell"
		return s
	case !strings.HasPrefix(src, "/"):
		s.open = src + " depends on the directory it is started in"
		return s
	}
	if i := strings.IndexAny(src, expanded); open && i >= 0 {
		s.path, s.open = path.Dir(path.Clean(src[:i]+"x")), src+" is expanded by the shell"
		return s
	}
	s.path = path.Clean(src)
	return s
}

// pathOf is a path that an engine opens as it stands, but for what a shell or systemd
// expands.
func pathOf(said string) source {
	return located(said, strings.ContainsAny(said, expanded) || strings.HasPrefix(said, "~"))
}
