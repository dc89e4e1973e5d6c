package audit

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// expanded are the characters by which a shell or systemd makes another word.
const expanded = "$`*?[{%"

// spelledOut tells whether a word that is expanded elsewhere is known all the same.
func spelledOut(src string) bool { _, ok := container.Spelled(src); return ok }

// located reads a source as a path of the host. Of a source that is expanded elsewhere
// the directories before that are known.
func located(said string, open bool) source {
	s, src := source{said: said}, said
	if dir, ok := container.Spelled(src); ok && open {
		src = dir
	}
	switch {
	case src == container.AnyAgent+"/":
		s.path = container.AnyAgent
		return s
	case open && !strings.HasPrefix(src, "/"):
		s.open = said + " is expanded by the shell"
		return s
	case !strings.HasPrefix(src, "/"):
		s.open = said + " depends on the directory it is started in"
		return s
	}
	if i := strings.IndexAny(src, expanded); open && i >= 0 {
		s.path, s.open = path.Dir(path.Clean(src[:i]+"x")), said+" is expanded by the shell"
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
