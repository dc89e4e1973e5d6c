package quadlet

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// keyOf writes one option as a line of [Container] for a version: two for User= and Group=.
func keyOf(v version, option command.Option) []string {
	text := option.String()
	if who, ok := strings.CutPrefix(text, "--user="); ok {
		user, group, both := strings.Cut(who, ":")
		if v.since(4, 8) && plainly(user) && plainly(group) && user != "" && both == (group != "") {
			return append([]string{"User=" + unfilled(user, option)}, groupLine(unfilled(group, option))...)
		}
	}
	for _, k := range ownKeys {
		if l, fits := k.from(option); fits && knowsKey(v, k.name) {
			return []string{l}
		}
	}
	return []string{podmanArgs(option)}
}

// podmanArgs writes one option as it stands on a line of Podman's.
func podmanArgs(option command.Option) string {
	if option.Open {
		return "PodmanArgs=-v " + word(unfilled(option.Value, option))
	}
	return "PodmanArgs=" + word(unfilled(option.String(), option))
}

func groupLine(group string) []string {
	if group == "" {
		return nil
	}
	return []string{"Group=" + group}
}

func knowsKey(v version, key string) bool {
	since := keySince["Container"][key]
	return since != "" && v.knows(since)
}

// unfilled writes a value so that systemd fills in no more than it did: a volume with a
// hole keeps it.
func unfilled(v string, option command.Option) string {
	if option.Open && !strings.HasPrefix(option.Value, "~") {
		return v
	}
	return literal(v)
}

// shaped writes a value, and tells whether the shape can hold it.
func shaped(v string, as shape) (string, bool) {
	switch as {
	case unwritten:
		return "", false
	case presentShape:
		return "true", v == ""
	case truthShape:
		switch v {
		case "", "=true":
			return "true", true
		case "=false":
			return "false", true
		}
		return "", false
	case wordShape:
		return word(v), v != ""
	case nameShape:
		return v, plainly(v) && v != "" && !strings.ContainsAny(v, " \t\"'\\")
	}
	return v, plainly(v) && v != ""
}

// plainly tells whether a value can stand behind KEY= as it is.
func plainly(v string) bool {
	return strings.TrimSpace(v) == v && !strings.HasSuffix(v, `\`) && !strings.HasPrefix(v, `"`) && !strings.HasSuffix(v, `"`) &&
		!strings.ContainsFunc(v, unicode.IsControl)
}

// word writes a word as systemd splits words.
func word(v string) string {
	if v != "" && !strings.ContainsAny(v, " \"'\\") && !strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return v
	}
	var b strings.Builder
	for _, c := range v {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case unicode.IsControl(c):
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteRune(c)
		}
	}
	return `"` + b.String() + `"`
}

// write takes the lines away that go and puts the added ones behind the last of
// their section.
func (f *fixer) write(added map[string][]string) []string {
	lines, _ := parse(strings.Join(f.r.Lines, "\n"), newest)
	cut, instead, last := map[int]bool{}, map[int]string{}, map[string]int{}
	for i, text := range f.r.Lines {
		if text = strings.TrimSpace(text); text != "" && isSection(text) {
			last[text[1:strings.Index(text, "]")]] = i + 1
		}
	}
	for i, l := range lines {
		end := l.at + strings.Count(l.raw, "\n")
		last[l.section] = max(last[l.section], end)
		if !f.gone[i] { // the words of a unit are its lines, in order
			continue
		}
		for n := l.at; n <= end; n++ {
			cut[n] = true
		}
		instead[l.at] = f.rest(l)
	}
	return assemble(f.r.Lines, cut, instead, last, added)
}

// rest is what stays of a line: of PodmanArgs= the words that decide nothing that
// changed.
func (f *fixer) rest(l line) string {
	if l.key != "PodmanArgs" {
		return ""
	}
	words, err := split(l.value, execWords)
	if err != nil {
		return ""
	}
	got, err := command.Read(slices.Concat([]string{"podman", "run"}, words, []string{"image"}))
	if err != nil {
		return ""
	}
	drop := map[int]bool{}
	for p, at := range got.At {
		for _, i := range at {
			drop[i] = drop[i] || f.changed[p]
		}
	}
	var out []string
	for i, w := range words {
		if !drop[i+2] {
			out = append(out, word(w))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "PodmanArgs=" + strings.Join(out, " ")
}

func assemble(was []string, cut map[int]bool, instead map[int]string, last map[string]int, added map[string][]string) []string {
	var out []string
	behind := map[int][]string{}
	for _, section := range []string{"Unit", "Container", "Service"} {
		if at, has := last[section]; has {
			behind[at] = append(behind[at], added[section]...)
		}
	}
	for i, text := range was {
		if !cut[i+1] {
			out = append(out, text)
		}
		if instead[i+1] != "" {
			out = append(out, instead[i+1])
		}
		out = append(out, behind[i+1]...)
	}
	for _, section := range []string{"Unit", "Container", "Service"} {
		if _, has := last[section]; !has && len(added[section]) > 0 {
			out = append(append(out, "["+section+"]"), added[section]...)
		}
	}
	return out
}
