package audit

import (
	"path"
	"regexp"
	"strings"
)

// expanded are the characters by which a shell or systemd makes another word.
const expanded = "$`*?[{%"

// runtimeHome stands for the runtime directory of whoever starts the container,
// anyHome for a home directory, whosever it is.
const (
	runtimeHome = "/run/user/0"
	anyHome     = "/home/~"
)

// spelled is how a shell or systemd writes a directory that is known for what it is.
type spelled struct {
	word func() *regexp.Regexp
	path string
}

// spelledDirs are the words of environ(7), of the XDG base directories, and of
// systemd's specifiers (systemd.unit(5)).
var spelledDirs = []spelled{
	{variable("SSH_AUTH_SOCK"), agentSocket},
	{variable("XDG_RUNTIME_DIR"), runtimeHome},
	{specifier("t"), runtimeHome},
	{variable("HOME"), anyHome},
	{specifier("h"), anyHome},
	{pattern(`^(/home|/var/home|/Users)/(\$(USER|LOGNAME)\b|\$\{(USER|LOGNAME)\}|\$\((whoami|id -un)\)|` + "`(whoami|id -un)`" + `|%u\b)`), anyHome},
	{variable("XDG_CONFIG_HOME"), anyHome + "/.config"},
	{variable("XDG_DATA_HOME"), anyHome + "/.local/share"},
	{variable("XDG_STATE_HOME"), anyHome + "/.local/state"},
	{variable("XDG_CACHE_HOME"), anyHome + "/.cache"},
}

// variable matches a variable that begins a path, ${NAME:-other} too: what stands for
// it elsewhere is another word for the same.
func variable(name string) func() *regexp.Regexp {
	return pattern(`^\$(` + name + `\b|\{` + name + `\}|\{` + name + `:?[-=?][^}]*\}|\(` + name + `\))`)
}

func specifier(letter string) func() *regexp.Regexp { return pattern(`^%` + letter + `(/|$)`) }

// unspell puts the directory for the word that a source begins with.
func unspell(src string) (string, bool) {
	if strings.HasPrefix(src, "~") {
		_, rest, _ := strings.Cut(src, "/")
		return anyHome + "/" + rest, true
	}
	if !strings.ContainsAny(src, "$%`") {
		return src, false
	}
	for _, s := range spelledDirs {
		if w := s.word().FindString(src); w != "" {
			return s.path + "/" + strings.TrimPrefix(src, strings.TrimSuffix(w, "/")), true
		}
	}
	return src, false
}

// spelledOut tells whether a word that is expanded elsewhere is known all the same.
func spelledOut(src string) bool { _, ok := unspell(src); return ok }

// located reads a source as a path of the host. Of a source that is expanded elsewhere
// the directories before that are known.
func located(said string, open bool) source {
	s, src := source{said: said}, said
	if open {
		src, _ = unspell(src)
	}
	switch {
	case src == agentSocket+"/":
		s.path = agentSocket
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
