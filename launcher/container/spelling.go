package container

import (
	"regexp"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// AnyRuntimeDir stands for the runtime directory of whoever starts the container,
// AnyHome for a home directory, AnyAgent for the socket of OpenSSH's agent, whosever it
// is.
const (
	AnyRuntimeDir = "/run/user/0"
	AnyHome       = "/home/~"
	AnyAgent      = "/tmp/ssh-*"
)

// spelled is how a shell or systemd writes a directory that is known for what it is.
type spelled struct {
	word func() *regexp.Regexp
	path string
}

// Where a variable is not set, another word may be given for it: any for one that no
// run may mount, else one that is a home again.
const (
	anything = `[^}]*`
	homeward = `(\$HOME|\$\{HOME\}|~|/root|/home/)[^}]*`
)

// users are the variables that hold the name of whoever logged in.
const users = `USER|LOGNAME|SUDO_USER|USERNAME`

// spelledDirs are the words of environ(7), of the XDG base directories, of the Hugging
// Face hub, of commands that print one of them, and of systemd's specifiers (systemd.unit(5)).
var spelledDirs = []spelled{
	{variable("SSH_AUTH_SOCK", anything), AnyAgent},
	{variable("XDG_RUNTIME_DIR", anything), AnyRuntimeDir},
	{specifier("t"), AnyRuntimeDir},
	{variable("HOME", homeward), AnyHome},
	{specifier("h"), AnyHome},
	{lazyregexp.New(`^(/home|/var/home|/Users)/(\$(` + users + `)\b|\$\{(` + users + `)\}|\$\((whoami|id -un)\)|` + "`(whoami|id -un)`" + `|%u\b)`), AnyHome},
	{lazyregexp.New(`^\$\(((eval )?echo ~\w*|(realpath|readlink -f) ~|cd( ~)?( &&|;) pwd( -P)?|printenv HOME|echo "?\$HOME"?|getent passwd [^|)]*\| ?cut -d: -f ?6)\)`), AnyHome},
	{lazyregexp.New(`^(/var)?/run/user/(\$E?UID\b|\$\{E?UID\}|\$\(id -u\)|` + "`id -u`" + `|%U\b)`), AnyRuntimeDir},
	{variable("XDG_CONFIG_HOME", homeward), AnyHome + "/.config"},
	{variable("XDG_DATA_HOME", homeward), AnyHome + "/.local/share"},
	{variable("XDG_STATE_HOME", homeward), AnyHome + "/.local/state"},
	{variable("XDG_CACHE_HOME", homeward), AnyHome + "/.cache"},
	{variable("HF_HOME", homeward), AnyHome + "/.cache/huggingface"},
}

// variable matches a variable that begins a path, and the word that stands for it
// where it is not set. $(NAME) is make's.
func variable(name, or string) func() *regexp.Regexp {
	return lazyregexp.New(`^\$(` + name + `\b|\(` + name + `\)|\{` + name + `(:?\?[^}]*|:?[-=]` + or + `|%/)?\})`)
}

func specifier(letter string) func() *regexp.Regexp { return lazyregexp.New(`^%` + letter + `(/|$)`) }

// Spelled puts the directory for the word that a path begins with as a shell or systemd
// expands it: $HOME/x, ~/x, %t/x. It tells whether there was such a word.
func Spelled(src string) (string, bool) {
	if strings.HasPrefix(src, "~") {
		name, rest, _ := strings.Cut(src[1:], "/")
		return AnyHome + "/" + rest, strings.Trim(name, "+-0123456789") != "" || name == "" // ~+ is a directory
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

// SpelledOut tells whether such a word is all of a path that is expanded elsewhere, so
// that nothing of it is left to know.
func SpelledOut(src string) bool {
	p, ok := Spelled(src)
	other := strings.HasPrefix(src, "~") && src != "~" && !strings.HasPrefix(src, "~/")
	return ok && !other && !strings.ContainsAny(p, "$`*?[{%")
}
