package textfile

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// readMakefile reads every line of a recipe as a script of its own, as make does, and so
// the lines of a define, of which recipes are made. What make expands is put in where the
// Makefile says it word for word, and open elsewhere.
func readMakefile(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	m := &makeReader{sheet: s, vars: newMakeVars()}
	m.part()
	for _, r := range m.recipes {
		m.recipe(r)
	}
	m.passOver()
	return nil
}

type makeReader struct {
	*sheet
	vars    *makeVars
	recipes []makeLine
	stated  []makeLine // the other lines, but for comments
}

// makeLine is a line of a Makefile with those in which it goes on.
type makeLine struct {
	from, to int    // lines of the file, from 0; to is the one behind it
	text     string // joined as make does; of a recipe that stands behind a rule
	col      int    // of a recipe: where it begins in its first line
	prefix   string // of a recipe: what begins each of its lines
}

var (
	defines = lazyregexp.New(`^\s*(?:(?:export|override|private)\s+)*define\s+(\S+)`)
	// conditional begins a part that make may leave out.
	conditional = lazyregexp.New(`^\s*if(n?eq|n?def)\b`)
	// recipePrefix sets what a recipe begins with, the first character of a value.
	recipePrefix = lazyregexp.New(`^\s*\.RECIPEPREFIX\s*:{0,3}=\s*(?:([^$\s\\#])\S*)?\s*$`)
	// behindRule is a recipe that stands in the line of its rule.
	behindRule = lazyregexp.New(`^[^\t#=:;][^#=:;]*::?(?:[^=#;:][^=#;]*)?;`)
	included   = lazyregexp.New(`^\s*(-include|include|sinclude)\s`)
)

// part tells the lines of recipes from others, of which it learns the variables. Where a
// recipe begins with something that is not said word for word, no line behind that is
// read: what names an engine there is open.
func (m *makeReader) part() {
	prefix, inDefine, depth := "\t", false, 0
	evals := strings.Contains(m.text, "eval")
	for i := 0; i < len(m.lines); {
		l := m.logical(i)
		first := strings.TrimSpace(m.lines[i])
		i = l.to
		switch def := defines().FindStringSubmatch(m.lines[l.from]); {
		case inDefine && strings.HasPrefix(first, "endef"):
			inDefine = false
		case inDefine, strings.HasPrefix(m.lines[l.from], prefix):
			if l.prefix = prefix; strings.Contains(l.text, ".RECIPEPREFIX") {
				return
			}
			if m.recipes = append(m.recipes, l); evals {
				m.vars.mayBeSet(l.text)
			}
		case strings.HasPrefix(first, "#"):
			if l.to == l.from+1 {
				m.harmless(m.between(l.from, l.to))
			}
		case def != nil:
			inDefine = true
			m.vars.spoil(def[1])
		case strings.Contains(l.text, ".RECIPEPREFIX"):
			got := recipePrefix().FindStringSubmatch(l.text)
			if got == nil || depth > 0 {
				return
			}
			if prefix = got[1]; prefix == "" {
				prefix = "\t"
			}
		default:
			m.state(l, depth > 0)
			switch {
			case conditional().MatchString(first):
				depth++
			case strings.HasPrefix(first, "endif"):
				depth--
			}
		}
	}
}

// logical is the line that begins at line i.
func (m *makeReader) logical(i int) makeLine {
	l, text := makeLine{from: i}, []string{}
	for goesOn := true; goesOn && i < len(m.lines); i++ {
		line := strings.TrimSuffix(m.lines[i], "\r")
		goesOn = strings.HasSuffix(line, `\`) && !strings.HasSuffix(line, `\\`)
		if goesOn {
			line = strings.TrimSuffix(line, `\`)
		}
		text = append(text, strings.TrimSpace(line))
	}
	l.to, l.text = i, strings.Join(text, " ")
	return l
}

// state learns from a line that is no recipe.
func (m *makeReader) state(l makeLine, conditionally bool) {
	m.stated = append(m.stated, l)
	m.vars.assign(l, conditionally)
	switch at := behindRule().FindStringIndex(m.lines[l.from]); {
	case at != nil:
		m.recipes = append(m.recipes, makeLine{from: l.from, to: l.to, col: at[1]})
	case included().MatchString(l.text):
		m.vars.includes = append(m.vars.includes, l.from)
	}
}

// recipe reads a line of a recipe.
func (m *makeReader) recipe(l makeLine) {
	if m.work > maxWork {
		return
	}
	whole := m.between(l.from, l.to)
	whole.From += l.col
	p := piece{line: l.from + 1, puts: puts{}, at: []shell.Span{whole}}
	f := filler{vars: m.vars, body: strings.Join(m.lines[l.from:l.to], "\n")[l.col:], puts: p.puts, wrote: map[string]string{}}
	for i := l.from; i < l.to; i++ {
		line := strings.TrimSuffix(m.lines[i], "\r")
		body := strings.TrimPrefix(line, l.prefix)
		if i == l.from {
			body = strings.TrimLeft(line[l.col:], l.prefix+" \t@+-")
		}
		f.line(body)
		p.cols = append(p.cols, len(line)-len(body))
	}
	if p.text, p.fills = f.text.String(), f.fills; f.hidden {
		return // what make puts in names an engine
	}
	m.shell(p)
}

// maxPassed bounds the variables that are passed over.
const maxPassed = 100

// passOver passes over the lines that give a variable a value that names an engine, where
// all that names the variable was read.
func (m *makeReader) passOver() {
	if at := m.vars.includes; len(at) > 0 && m.vars.used {
		m.note(at[0]+1, "what it brings in may set anew what is followed here, and is not read")
	}
	named := map[string][]int{}
	for _, at := range makeName().FindAllStringIndex(m.text, -1) {
		if name := m.text[at[0]:at[1]]; m.vars.mentions[name] {
			named[name] = append(named[name], at[0])
		}
	}
	passed := 0
	for i := len(m.stated) - 1; i >= 0 && passed < maxPassed; i-- { // one that is used in another stands before that
		line := m.stated[i]
		name := m.vars.namedAt[line.from]
		if _, known := m.vars.value(name); !known || !m.vars.mentions[name] || name == "SHELL" || !strings.HasPrefix(m.lines[line.from], name) {
			continue
		}
		passed++
		whole, cover := m.between(line.from, line.to), shell.CoverOf(m.read)
		if !slices.ContainsFunc(named[name], func(at int) bool { return !cover.Holds(at) && (at < whole.From || at >= whole.To) }) {
			m.harmless(whole)
		}
	}
}
