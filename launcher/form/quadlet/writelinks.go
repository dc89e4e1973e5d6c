package quadlet

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// maxWord is what Linux takes as one argument of a program, in bytes with its end
// (MAX_ARG_STRLEN, binfmts.h).
const maxWord = 128 << 10

// writable refuses a value that a unit could only hide.
func writable(row container.Row, o command.Option) error {
	at := container.Path{Key: row.Key()}
	if _, has := row.(interface{ Delete(*container.Spec, string) }); has {
		at.Elem, _, _ = strings.Cut(o.Value, "=")
	}
	return plainText(at, o.String())
}

func plainText(at container.Path, text string) error {
	switch {
	case !utf8.ValidString(text):
		return hint.Errorf("write it as UTF-8", "writing a unit: %s is not UTF-8", clipped(at.String()))
	case strings.ContainsFunc(text, unicode.IsControl):
		return hint.Errorf("take the control characters out of it", "writing a unit: %s holds a newline or another control character", clipped(at.String()))
	case len(text) >= maxWord:
		return hint.Errorf("give it as a file", "writing a unit: %s is longer than an argument of a program may be, %d bytes", clipped(at.String()), maxWord-1)
	}
	return nil
}

// linkedSince is the version whose .network and .volume units take a name.
const linkedSince = "4.7"

// linked is an option that names the unit of its network or volume; false is that the
// generator would take the name for a unit, or the path for one beside the unit.
func (w *writer) linked(o command.Option) (command.Option, bool) {
	name, rest, _ := strings.Cut(o.Value, ":")
	switch {
	case o.Name == "network" && w.run.Network(o.Value) != nil && w.v.knows(linkedSince):
		unit := networkUnit(*w.run.Network(o.Value))
		o.Value += ".network"
		w.link(o.Value, unit)
	case o.Name == "volume" && rest != "" && unitName().MatchString(name) && w.v.knows(linkedSince):
		o.Value = name + ".volume:" + rest
		w.link(name+".volume", []string{"[Volume]", "VolumeName=" + literal(name)})
	case o.Name == "network" || o.Name == "volume":
		ext := name[strings.LastIndexByte(name, '.')+1:]
		// The generator puts the source into RequiresMountsFor= as it is, where quotes and
		// dollars mean something else.
		return o, sectionOf["."+ext] == "" && !strings.HasPrefix(name, ".") && !strings.ContainsAny(name, "\"'\\$ ")
	}
	return o, true
}

func networkUnit(n form.Network) []string {
	lines := []string{"[Network]", "NetworkName=" + literal(n.Name)}
	if n.Internal {
		lines = append(lines, "Internal=true")
	}
	for _, k := range slices.Sorted(maps.Keys(n.Labels)) {
		lines = append(lines, "Label="+word(literal(k+"="+n.Labels[k])))
	}
	return lines
}

// link adds a unit, once.
func (w *writer) link(name string, lines []string) {
	if slices.ContainsFunc(w.links, func(f form.File) bool { return f.Name == name }) {
		return
	}
	whose := w.run.Name + ".container"
	if w.run.Stack != "" { // others of it link it too
		whose = "the stack " + oneLine(w.run.Stack)
	}
	text := fmt.Sprintf("# %s, for %s\n%s\n", name, whose, strings.Join(lines, "\n"))
	w.links = append(w.links, form.File{Name: name, Data: []byte(text)})
}
