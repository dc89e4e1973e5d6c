package audit

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// What no table of places lists and its name tells all the same.

// keyFile matches names under which programs keep private keys and logins, beside those
// that say secret, token or password.
var keyFile = lazyregexp.New(`(?i)^(private|priv|auth\.conf(\.d)?|acme\.json|debian\.cnf|\.env)$|\.(key|keytab|p12|pfx|jks|kdbx|ppk)$` +
	`|(^|[._-])(priv|auth|host)?key[0-9]*(\.pem)?$|^[.-]?htpasswd|^s?htpasswd`)

// secretPlace finds what of the host's configuration holds secrets: by the table, or by
// the name of a file or directory there: /etc/nginx/site.key.
func secretPlace(p string) (place, relation) {
	if pl, r := secretPlaces.find(p); r != apart || !strings.HasPrefix(p, "/etc/") {
		return pl, r
	}
	if slices.Contains(openToAll, p) || strings.HasSuffix(p, ".pub") {
		return place{}, apart
	}
	dir := "/etc"
	for _, name := range strings.Split(p[len("/etc/"):], "/") {
		dir += "/" + name
		if container.SecretName(name) || keyFile().MatchString(name) {
			return place{path: dir, what: namedSecret}, map[bool]relation{true: exactly, false: inside}[dir == p]
		}
	}
	return place{}, apart
}

// namedSecret is what a name alone tells: who set the host up may mean it for this workload.
const namedSecret = "a key or a password, by its name"

// openToAll are the files that are named so and that any user of the host reads.
var openToAll = []string{"/etc/passwd", "/etc/passwd-"}

// socketNames tell what listens at a socket, or in a directory of the user's session, by
// its name: who put it there had a place of his own.
var socketNames = []struct {
	what string
	name func() *regexp.Regexp
}{
	{"an agent that holds keys", lazyregexp.New(`(?i)(ssh|gpg|age|piv|yubikey|tpm|bitwarden|rbw|keepassxc|op|1password)[._-]?agent|/agent\.sock|(^|/)S\.(gpg|scd|dirmngr|keyboxd)|keyring|kwallet|pkcs11|p11-kit|1password|keepassxc`)},
	{"the message bus", lazyregexp.New(`(?i)(^|[/._-])d?bus([/._-]|$)`)},
	{"the desktop", lazyregexp.New(`(?i)wayland|x11|mutter|pulse|pipewire|(^|[/._-])(sway|hypr|niri|i3)([/._-]|$)|ydotool|kdeconnect|at-spi`)},
	{typedInto, lazyregexp.New(`(?i)(^|[/._-])(tmux|screen|kitty|wezterm|zellij|nvim|emacs|vscode|jupyter)`)},
}

// typedInto is what starts any program of the user's.
const typedInto = "programs that run what is typed"

// namedSocket tells by its name what listens at a path: of a user's session whatever it
// is, elsewhere what is named as a socket.
func namedSocket(p string) (what string, ok bool) {
	name, session := strings.CutPrefix(spellings(p)[0], "%t/")
	switch {
	case session:
		name = "/" + name
	case isSocket(p):
		name = path.Base(p)
		if rest, home := beneathHome(p); home {
			name = rest
		}
	default:
		return "", false
	}
	for _, s := range socketNames {
		if s.name().MatchString(name) {
			return s.what, true
		}
	}
	return "", false
}

// isSocket tells a path that is named as a socket.
func isSocket(p string) bool {
	return strings.HasSuffix(p, ".sock") || strings.HasSuffix(p, ".socket")
}
