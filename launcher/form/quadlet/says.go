package quadlet

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// Says tells how a unit for a target says each row: by a key where the target has one, else
// by an option in PodmanArgs=.
func Says(target string) []form.Says {
	v, _ := readVersion(target)
	var out []form.Says
	for _, row := range command.Rows() {
		out = append(out, answer(row, v))
	}
	return out
}

func answer(row container.Row, v version) form.Says {
	s := form.Says{Row: row}
	if row.Key() == container.User.Key() && !v.since(4, 8) { // User= takes nothing but a number, and 0 for nothing
		s.Keys = "PodmanArgs=--user=UID:GID"
		return s
	}
	if w := ways[row.Key()]; w.keys+w.why != "" {
		s.Keys, s.Nature, s.Why, s.Moot = w.keys, w.nature, w.why, w.moot
		return s
	}
	option := optionOf(row)
	if option == "" {
		s.Why = "zlaunch writes no option of podman run for it"
		return s
	}
	var known []string
	for _, k := range ownKeys {
		if !states(k, option) {
			continue
		}
		if since := keySince["Container"][k.name]; v.knows(since) {
			known = append(known, k.name+"=")
			if old, _ := readVersion(since); s.Since == "" || old.since(5, 0) {
				s.Since = since
			}
		}
	}
	if s.Keys = strings.Join(known, ", "); s.Keys == "" {
		s.Keys = "PodmanArgs=" + option
	}
	return s
}

// states tells whether a key makes an option.
func states(k key, option string) bool {
	made := strings.TrimSuffix(k.option, "=")
	if made == "-v" {
		made = "--volume"
	}
	return made == option || strings.HasPrefix(made, option+"=") && strings.HasPrefix(option, "--security-opt=")
}

// optionOf is the option of a row: "--cap-drop", "--security-opt=label"; "" none.
func optionOf(row container.Row) string {
	for _, o := range podmanrun.All() {
		switch {
		case o.Row.Key() != row.Key() || o.Name == "":
		case o.Word != "":
			return "--" + o.Name + "=" + o.Word
		default:
			return "--" + o.Name
		}
	}
	if name := command.NameFor(row, "podman"); name != "" {
		return "--" + name
	}
	return ""
}
