package quadlet

import (
	"slices"
	"strings"
)

// checkKeys lists the keys and sections of a unit that Podman does not know, or not
// yet. One such key and its generator makes no service of the unit.
func checkKeys(r *reader, u *unit, own string) {
	known := append([]string{own}, sections...)
	if !r.v.since(5, 3) {
		known = slices.DeleteFunc(known, func(s string) bool { return s == "Quadlet" })
	}
	seen := map[string]bool{}
	for _, l := range u.lines {
		at := l.section + "\x00" + l.key
		if seen[at] || strings.HasPrefix(l.section, "X-") {
			continue
		}
		seen[at] = true
		switch {
		case l.section == own || l.section == "Quadlet" && r.v.since(5, 3):
			checkKey(r, l)
		case !slices.Contains(known, l.section):
			if !seen[l.section] {
				seen[l.section] = true
				r.wrong(l.word, "[%s] is no section of a unit%s; what it says does not count", clipped(l.section), meantKey(r, l.section, known))
			}
		case keySince[own][l.key] != "" && !alsoSystemd[l.key]:
			r.wrong(l.word, "%s= stands in [%s], where it says nothing; Podman reads it in [%s]", l.key, l.section, own)
		}
	}
}

// checkReload: Podman refuses a unit that says both ways to reload it.
func checkReload(r *reader) {
	cmd, has := r.u.last("Container", "ReloadCmd")
	if _, both := r.u.last("Container", "ReloadSignal"); has && both && cmd.value != "" {
		r.wrong(cmd.word, "ReloadCmd= and ReloadSignal= exclude each other; Podman refuses the unit")
	}
}

// alsoSystemd are the keys of Podman that systemd has as well.
var alsoSystemd = map[string]bool{
	"Environment": true, "EnvironmentFile": true, "User": true, "Group": true, "NoNewPrivileges": true, "Options": true, "Type": true,
	"DefaultDependencies": true,
}

func checkKey(r *reader, l line) {
	switch since := keySince[l.section][l.key]; {
	case since == "":
		r.wrong(l.word, "%s= is no key of [%s]%s; Podman refuses the unit", clipped(l.key), l.section, meantKey(r, l.key, keysOf(l.section)))
	case !r.v.knows(since):
		r.wrong(l.word, "%s= came with Podman %s, and %s refuses the unit", l.key, since, r.v)
	}
}

// meantKey names the word that was likely meant. A hostile unit has no more of its
// words compared than this.
func meantKey(r *reader, word string, words []string) string {
	if r.near++; r.near > 20 || len(word) > 60 {
		return ""
	}
	if near := nearest(word, words); near != "" {
		return ", the nearest is " + near
	}
	return ""
}

// clipped is a hostile word for an error: bounded, and quoted where it holds more
// than letters.
func clipped(word string) string { return shown(clip(word)) }
