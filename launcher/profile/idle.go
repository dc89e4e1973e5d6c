package profile

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// idle notes a definition that adds nothing to what it extends, and one that extends what
// is to be used no longer.
func (v *validation) idle(d *definition) {
	chain, err := v.c.chain(d)
	if err != nil || len(chain) < 2 {
		return
	}
	note := func(next, format string, args ...any) {
		v.Notes = append(v.Notes, &Fault{File: d.file, Line: d.line("extends"), Profile: d.name, Key: "extends", Err: hint.Errorf(next, format, args...)})
	}
	if keys := d.tree.keys(); len(d.arch) == 0 && (len(keys) == 0 || len(keys) == 1 && keys[0] == "extends") {
		note("take it out", "it adds nothing to %s", chain[1].name)
	}
	if d.tree.at("deprecated") != nil {
		return
	}
	for _, far := range chain[1:] {
		if why := get(far.tree, "deprecated", ""); why != "" {
			note("extend what takes its place", "profile %s is deprecated: %s", far.name, why)
			return
		}
	}
}

// LineOf is where a value of a profile stands in the file that decided it; 0: not in this
// one, or that is not known.
func (s Source) LineOf(profile string, by container.Origin) int {
	if by.File != s.File {
		return 0
	}
	r := newReading(s)
	if named(s.File, profile) {
		return r.line(profile, by.Key)
	}
	name, key, _ := strings.Cut(by.Key, ".")
	return r.line(name, key)
}

// Note is something to say of a place in the file, as [Validate] does.
func (s Source) Note(profile string, by container.Origin, format string, args ...any) *Fault {
	key := by.Key
	if !named(s.File, profile) {
		_, key, _ = strings.Cut(key, ".")
	}
	return &Fault{File: s.File, Line: s.LineOf(profile, by), Profile: profile, Key: key, Err: fmt.Errorf(format, args...)}
}
