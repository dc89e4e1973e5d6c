package quadlet

import (
	"strings"
	"unicode"
)

// line is one KEY=VALUE of a unit, its continuations joined.
type line struct {
	section, key, value string
	at, col             int    // where it begins, from 1
	raw                 string // all it was written in
	word                int    // index into the words of the reading
}

// fault is a place of a unit that Podman's generator cannot read.
type fault struct {
	at  int
	raw string
	why string
	// fatal tells that the generator gives the file up, and with it every other
	// unit of the directory.
	fatal bool
}

// parse reads the lines of one file as Podman's generator does: a comment or an
// empty line inside a continuation is skipped, and a continuation that nothing
// ends is lost.
func parse(text string) (lines []line, faults []fault) {
	p := &parser{}
	rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, row := range rows {
		p.row(row, i+1, i+1 == len(rows))
	}
	if p.begun {
		p.fault(p.at, "the backslash continues into nothing, and Podman drops the line", false)
	}
	return p.lines, p.faults
}

type parser struct {
	section string
	lines   []line
	faults  []fault

	// A line that is being continued.
	begun   bool
	at, col int
	joined  strings.Builder
	raw     strings.Builder
}

func (p *parser) row(row string, at int, last bool) {
	plain := strings.TrimSpace(row)
	if plain == "" || plain[0] == '#' || plain[0] == ';' {
		p.comment(row)
		return
	}
	if !p.begun {
		p.begun, p.at, p.col = true, at, strings.Index(row, plain)+1
	} else {
		p.raw.WriteByte('\n')
	}
	p.raw.WriteString(strings.TrimRight(row, "\r"))
	part, more := strings.CutSuffix(plain, `\`)
	p.joined.WriteString(part)
	if !more || last {
		p.end()
	}
}

// comment skips a comment; a backslash alone before it continues nothing.
func (p *parser) comment(row string) {
	switch {
	case p.joined.Len() > 0:
		p.raw.WriteString("\n" + strings.TrimRight(row, "\r"))
	case p.begun:
		p.begun = false
		p.raw.Reset()
	}
}

// end reads what was joined.
func (p *parser) end() {
	text := p.joined.String()
	switch key, value, pair := strings.Cut(text, "="); {
	case text == "":
	case isSection(text):
		p.section = text[1:strings.Index(text, "]")]
	case !pair || key == "":
		p.fault(p.at, "it is neither a section, KEY=VALUE nor a comment", true)
	case p.section == "":
		p.fault(p.at, "no section stands before it", true)
	default:
		p.lines = append(p.lines, line{
			section: p.section, key: strings.TrimRightFunc(key, unicode.IsSpace), value: strings.TrimLeftFunc(value, unicode.IsSpace),
			at: p.at, col: p.col, raw: p.raw.String(),
		})
	}
	p.begun = false
	p.joined.Reset()
	p.raw.Reset()
}

func (p *parser) fault(at int, why string, fatal bool) {
	p.faults = append(p.faults, fault{at, p.raw.String(), why, fatal})
}

// isSection tells a line like "[Container]".
func isSection(text string) bool {
	end := strings.IndexByte(text, ']')
	return text[0] == '[' && end > 1 && strings.Trim(text[end+1:], " \t") == "" &&
		!strings.ContainsFunc(text[1:end], func(r rune) bool { return r == '[' || unicode.IsControl(r) })
}

// unit is a unit with its drop-ins behind it.
type unit struct {
	file  string // its path in the tree
	name  string // web@1.container
	lines []line
	index map[[2]string][]int // by section and key
	trim  bool                // before Podman 5.8.2: every double quote at the ends goes
}

func (u *unit) add(lines []line) {
	if u.index == nil {
		u.index = map[[2]string][]int{}
	}
	for _, l := range lines {
		k := [2]string{l.section, l.key}
		u.index[k] = append(u.index[k], len(u.lines))
		u.lines = append(u.lines, l)
	}
}

// last returns the last line of a key, its value without one pair of double
// quotes around it.
func (u *unit) last(section, key string) (line, bool) {
	at := u.index[[2]string{section, key}]
	if len(at) == 0 {
		return line{word: -1}, false
	}
	l := u.lines[at[len(at)-1]]
	l.value = strings.TrimRightFunc(l.value, unicode.IsSpace)
	if u.trim {
		l.value = strings.Trim(l.value, `"`)
	} else if n := len(l.value); n >= 2 && l.value[0] == '"' && l.value[n-1] == '"' {
		l.value = l.value[1 : n-1]
	}
	return l, true
}

// text is [unit.last] without the line.
func (u *unit) text(section, key string) string {
	l, _ := u.last(section, key)
	return l.value
}

// all returns the lines of a key that count: an empty one drops those before it.
func (u *unit) all(section, key string) []line {
	var out []line
	for _, i := range u.index[[2]string{section, key}] {
		if u.lines[i].value == "" {
			out = nil
			continue
		}
		out = append(out, u.lines[i])
	}
	return out
}

// truth returns the last line of a key that is yes or no; every word but those
// for yes is no.
func (u *unit) truth(section, key string) (l line, yes, said bool) {
	l, said = u.last(section, key)
	return l, said && isYes(l.value), said
}

func isYes(v string) bool {
	for _, w := range []string{"1", "yes", "true", "on"} {
		if strings.EqualFold(v, w) {
			return true
		}
	}
	return false
}

// stem is the unit's name without its kind: "web@1".
func (u *unit) stem() string { return u.name[:strings.LastIndexByte(u.name, '.')] }

// template parts "web@1" into "web" and "1".
func (u *unit) template() (prefix, instance string, is bool) { return strings.Cut(u.stem(), "@") }
