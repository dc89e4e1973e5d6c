package audit

import "strings"

// A table that finds places by path. Paths of the host are compared by text alone, cleaned: a
// control reads no disk. Links are resolved where a plan is made; of a foreign run they are not
// known.

// relation is how a source lies to a sensitive place.
type relation uint8

const (
	apart   relation = iota
	above            // the place is below the source, and comes along
	inside           // the source is below the place
	exactly          // it is the place
)

// place is a path of the host that must not reach a container, with what is
// there. In its path ~ is any home directory and %t any user's runtime directory.
type place struct {
	path, what string
	exact      bool // what lies below it may be mounted
}

// placeTable finds places by path.
type placeTable struct {
	at    map[string]place
	above map[string]place // by every directory that holds a place
}

// find returns the place nearest to a clean path and how they lie. above is the
// answer only where no place is around.
func (t placeTable) find(p string) (place, relation) {
	for _, q := range spellings(p) {
		for dir := top(q); dir != ""; dir = parent(dir) {
			if pl, ok := t.at[dir]; ok && dir == q {
				return pl, exactly
			} else if ok && !pl.exact {
				return pl, inside
			}
		}
	}
	for _, q := range spellings(p) {
		if pl, ok := t.above[q]; ok {
			return pl, above
		}
	}
	return place{}, apart
}

// newPlaceTable reads rows of a description and its paths; = before a path makes it an
// exact one.
func newPlaceTable(rows [][2]string) placeTable {
	t := placeTable{map[string]place{}, map[string]place{}}
	for _, r := range rows {
		for _, p := range strings.Fields(r[1]) {
			exact := strings.HasPrefix(p, "=")
			p = strings.TrimPrefix(p, "=")
			t.at[p] = place{p, r[0], exact}
			for dir := parent(p); dir != ""; dir = parent(dir) {
				if _, ok := t.above[dir]; !ok {
					t.above[dir] = t.at[p]
				}
			}
		}
	}
	return t
}

// top is what of a path a place can be in.
func top(p string) string {
	n := 0
	for i := range len(p) {
		if p[i] == '/' && i > 0 {
			if n++; n == deepest {
				return p[:i]
			}
		}
	}
	return p
}

// deepest is more names than any place has, so that a path of a million names costs
// no more than a short one.
const deepest = 8

// parent is the directory of a spelled path; of ~ it is /home and of %t /run/user,
// and "" beyond the root.
func parent(p string) string {
	switch p {
	case "/":
		return ""
	case "~":
		return "/home"
	case "%t":
		return "/run/user"
	}
	if i := strings.LastIndexByte(p, '/'); i > 0 {
		return p[:i]
	}
	return "/"
}

// spellings are a clean path as it is, and by ~, %t and the patterns of names that
// differ from run to run.
func spellings(p string) []string {
	if rest, ok := strings.CutPrefix(p, "/var/run"); ok && (rest == "" || rest[0] == '/') {
		p = "/run" + rest
	}
	q := p
	if rest, ok := beneathHome(p); ok {
		q = "~" + rest
	} else if rest, ok := beneathRuntime(p); ok {
		q = "%t" + rest
	}
	for _, pre := range varying {
		if rest, ok := strings.CutPrefix(q, pre); ok {
			_, tail, more := strings.Cut(rest, "/")
			if q = pre + "*"; more {
				q += "/" + tail
			}
		}
	}
	if q == p {
		return []string{p}
	}
	return []string{q, p}
}

// beneathRuntime is [beneathHome] for the runtime directory of a user.
func beneathRuntime(p string) (rest string, ok bool) { return beneathOne(p, "/run/user") }

func beneathOne(p, dir string) (rest string, ok bool) {
	name, ok := strings.CutPrefix(p, dir)
	if !ok || len(name) < 2 || name[0] != '/' {
		return "", false
	}
	name = name[1:]
	if i := strings.IndexByte(name, '/'); i >= 0 {
		return name[i:], true
	}
	return "", true
}

// varying are the beginnings of names that end differently in every session, or with
// every turn of a log.
var varying = []string{"/tmp/ssh-", "/tmp/krb5cc", "/tmp/dbus-", "%t/wayland-", "%t/pipewire-", "%t/dbus-", "%t/nvim.", "%t/xauth_",
	"/var/log/auth.log", "/var/log/btmp", "/var/log/cron-", "/var/log/kern.log", "/var/log/messages", "/var/log/secure-", "/var/log/syslog", "/var/log/wtmp"}

// homes hold the home directories of users, one directory each.
var homes = []string{"/home", "/var/home", "/Users"}

// beneathHome returns what of a clean path lies below a home directory: "" for
// the home itself, "/.ssh".
func beneathHome(p string) (rest string, ok bool) {
	for _, root := range []string{"/root", "/var/root"} {
		if rest, ok := strings.CutPrefix(p, root); ok && (rest == "" || rest[0] == '/') {
			return rest, true
		}
	}
	for _, h := range homes {
		if rest, ok := beneathOne(p, h); ok {
			return rest, true
		}
	}
	return "", false
}

// beneath tells whether a clean path is a directory or lies below it.
func beneath(p, dir string) bool {
	rest, ok := strings.CutPrefix(p, dir)
	return dir == "/" || ok && (rest == "" || rest[0] == '/')
}
