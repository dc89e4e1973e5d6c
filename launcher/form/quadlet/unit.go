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
// ends is lost. Before 5.4 it is another parser: see [parser.older].
func parse(text string, v version) (lines []line, faults []fault) {
	p := &parser{v: v}
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
	v       version
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
	comment := plain == "" || plain[0] == '#' || plain[0] == ';'
	part, more := strings.CutSuffix(plain, `\`)
	if !p.v.since(5, 4) {
		why := ""
		if part, more, comment, why = p.older(row); why != "" {
			p.raw.WriteString(row)
			p.fault(at, why, true)
			p.drop()
			return
		}
	}
	if !p.v.since(4, 6) && plain != "" && strings.TrimRight(row, " \t\r") != row && !comment {
		p.raw.WriteString(row)
		p.fault(at, "the spaces at its end are of the value, for Podman before 4.6", false)
		p.raw.Reset()
	}
	if comment {
		p.comment(row)
		return
	}
	if !p.begun {
		p.begun, p.at, p.col = true, at, strings.Index(row, plain)+1
	} else {
		p.raw.WriteByte('\n')
	}
	p.raw.WriteString(strings.TrimRight(row, "\r"))
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
	text := strings.TrimSpace(p.joined.String())
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
	p.drop()
}

func (p *parser) drop() {
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
	file   string // its path in the tree
	name   string // web@1.container
	lines  []line
	index  map[[2]string][]int // by section and key
	quotes quotes
}

// quotes is what becomes of the double quotes around a value.
type quotes uint8

const (
	onePair  quotes = iota // one pair goes
	everyOne               // every one at the ends goes: 5.0 to 5.8.1
	kept                   // before 5.0
)

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
	switch n := len(l.value); {
	case u.quotes == kept:
	case u.quotes == everyOne:
		l.value = strings.Trim(l.value, `"`)
	case n >= 2 && l.value[0] == '"' && l.value[n-1] == '"':
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
