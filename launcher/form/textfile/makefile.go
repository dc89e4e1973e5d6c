package textfile

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// readMakefile reads every line of a recipe as a script of its own, as make does:
// what it expands is filled in where the Makefile says it word for word, and open
// elsewhere.
func readMakefile(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	m := &makeReader{sheet: s}
	if strings.Contains(s.text, ".RECIPEPREFIX") {
		return nil // where a recipe begins is not known: what names an engine is open
	}
	m.assignments()
	for i := 0; i < len(s.lines); {
		switch line := s.lines[i]; {
		case strings.HasPrefix(line, "\t"):
			i = m.recipe(i)
		case strings.HasPrefix(strings.TrimLeft(line, " "), "#") && !strings.HasSuffix(line, `\`):
			m.harmless(s.between(i, i+1))
			i++
		default:
			i++
		}
	}
	m.engines()
	return nil
}

type makeReader struct {
	*sheet
	set    string      // what the Makefile assigns, as a line of shell
	called []engineVar // the variables that hold an engine's name
}

// engineVar is a variable that is an engine's name, and the line that says so, from 0.
type engineVar struct {
	name string
	line int
}

// assignment is NAME = value, and NAME := value; other forms depend on more than the
// line. NAME ?= value is followed where it names an engine, and said to be a default.
var assignment = lazyregexp.New(`^(?:export\s+|override\s+)*([A-Za-z_][A-Za-z0-9_]*)\s*(:{0,3}|\?)=\s*(.*?)\s*$`)

// use is where a variable is put in.
var use = lazyregexp.New(`\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]`)

// maxAssigned bounds what is carried to every line of a recipe, in bytes.
const maxAssigned = 4096

// assignments gathers the variables that are assigned once, to plain words.
func (m *makeReader) assignments() {
	values, names := map[string]string{}, []string{}
	for i, line := range m.lines {
		got := assignment().FindStringSubmatch(line)
		if got == nil {
			continue
		}
		engine := command.IsEngine(got[3])
		if _, had := values[got[1]]; had || strings.ContainsAny(got[3], "$'\\#`\"") || got[2] == "?" && !engine {
			values[got[1]] = "" // twice, or more than words
			continue
		}
		values[got[1]], names = got[3], append(names, got[1])
		if engine {
			m.called = append(m.called, engineVar{got[1], i})
		}
		if engine && got[2] == "?" {
			m.note(i+1, "%s ?= is a default: what calls make may set another engine", got[1])
		}
	}
	used := map[string]bool{}
	for _, u := range use().FindAllStringSubmatch(m.text, -1) {
		used[u[1]] = true
	}
	for _, n := range names {
		if v := values[n]; v != "" && used[n] && len(m.set)+len(n)+len(v) < maxAssigned {
			m.set += n + "='" + v + "'; "
		}
	}
}

// engines passes over the lines that give an engine's name to a variable, where every use
// of that stands in a line that was read.
func (m *makeReader) engines() {
	cover := shell.CoverOf(m.read)
	for _, v := range m.called {
		uses := 0
		for _, u := range use().FindAllStringSubmatchIndex(m.text, -1) {
			if m.text[u[2]:u[3]] == v.name && cover.Holds(u[0]) {
				uses++
			}
		}
		if strings.HasPrefix(m.lines[v.line], v.name) && strings.Count(m.text, v.name) == uses+1 {
			m.harmless(m.between(v.line, v.line+1))
		}
	}
}

// recipe reads the recipe line that begins at line i, and returns the line after it.
func (m *makeReader) recipe(i int) int {
	p := piece{line: i + 1}
	var text []string
	from, goesOn := i, true
	for ; goesOn && i < len(m.lines); i++ {
		line := strings.TrimSuffix(m.lines[i], "\r")
		goesOn = strings.HasSuffix(line, `\`) && !strings.HasSuffix(line, `\\`)
		body := strings.TrimPrefix(line, "\t")
		col := len(line) - len(body)
		if len(text) == 0 {
			body = strings.TrimLeft(body, " \t@+-")
			col = len(line) - len(body)
		}
		text, p.cols = append(text, expanded(body)), append(p.cols, col)
	}
	whole := m.between(from, i)
	p.at = []shell.Span{whole}
	p.text = strings.Join(text, "\n")
	if m.set != "" && strings.Contains(p.text, "${") {
		p.text, p.cols[0] = m.set+p.text, p.cols[0]-len(m.set)
	}
	if named := shell.Mentions(m.text[whole.From:whole.To], nil); len(named) > len(shell.Mentions(p.text, nil)) {
		return i // what make puts in names an engine
	}
	m.shell(p)
	return i
}

// expanded writes a line of a recipe as the shell gets it: $$ is $, and what make
// expands stands there as an expansion of the shell that nobody else uses.
func expanded(line string) string {
	if !strings.Contains(line, "$") {
		return line
	}
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch rest := line[i:]; {
		case strings.HasPrefix(rest, "$$"):
			b.WriteByte('$')
			i++
		case strings.HasPrefix(rest, "$(") || strings.HasPrefix(rest, "${"):
			n := closes(rest)
			b.WriteString("${" + identifier(rest[2:n]) + "}")
			i += n
		case rest[0] == '$' && len(rest) > 1:
			b.WriteString("${" + identifier(rest[1:2]) + "}")
			i++
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String()
}

// closes is where the parenthesis of s[1] closes; the end where it does not.
func closes(s string) int {
	open, shut, depth := s[1], byte(')'), 0
	if open == '{' {
		shut = '}'
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// identifier makes a name of a shell's variable of any text, as long as that.
func identifier(s string) string {
	out := []byte(s)
	for i, c := range out {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			out[i] = '_'
		}
	}
	if len(out) == 0 {
		return "_"
	}
	return string(out)
}
