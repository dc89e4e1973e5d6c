package textfile

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// makeVars are the variables of a Makefile that are followed: those that it sets once,
// wherever in it, to a value that it says. Whoever calls make may set any of them anew;
// what is judged is what the file says.
type makeVars struct {
	values   map[string]string
	set      map[string]int  // how often a name is set, or may be
	namedAt  map[int]string  // the name that a line gives a value, by that line
	mentions map[string]bool // the value names an engine
	includes []int           // lines that bring in other files
	used     bool            // a value was put into a recipe
}

func newMakeVars() *makeVars {
	return &makeVars{values: map[string]string{"MAKE": "make"}, set: map[string]int{}, namedAt: map[int]string{}, mentions: map[string]bool{}}
}

var (
	// assignment gives a variable a value: NAME = value. Of the other forms, += adds to one,
	// != runs a program for it, and ?= keeps the one of the environment: it is followed where
	// it names an engine, which is there for a person to pick, and nowhere else.
	assignment = lazyregexp.New(`^(?:(?:export|override|private)\s+)*([A-Za-z_]\w*)\s*(:{0,3}|\?|\+|!)=\s*(.*)$`)
	// setsName is whatever may set a variable anew, also for one target, or in an eval.
	setsName = lazyregexp.New(`([A-Za-z_]\w*)\s*(?::{0,3}|\?|\+|!)=|\b(?:undefine|foreach)[\s(]+([A-Za-z_]\w*)`)
	makeName = lazyregexp.New(`[A-Za-z_]\w*`)
)

// spoil tells that the value of a name is not known.
func (v *makeVars) spoil(name string) { v.set[name] += 2 }

// assign learns from a line that is no recipe. One that make may leave out says nothing for
// sure, but which of the engines is meant.
func (v *makeVars) assign(l makeLine, conditionally bool) {
	got := assignment().FindStringSubmatch(l.text)
	if got == nil || strings.Contains(l.text, "eval") {
		v.mayBeSet(l.text)
	}
	if got == nil {
		return
	}
	name, how, value := got[1], got[2], got[3]
	v.set[name]++
	v.namedAt[l.from] = name
	if at := strings.IndexByte(value, '#'); at >= 0 {
		if at > 0 && value[at-1] == '\\' {
			v.spoil(name)
		}
		value = value[:at]
	}
	value = strings.TrimSpace(value)
	if how == "+" || how == "!" || (how == "?" || conditionally) && !isEngine(value) {
		v.spoil(name)
	}
	v.values[name] = value
	calls := strings.Contains(ownUse().ReplaceAllString(value, "$1 "), "$") // a function may run it
	v.mentions[name] = !calls && (len(shell.Mentions(value, nil)) > 0 || looksLikeRun(value))
}

// mayBeSet counts the names that a text may set.
func (v *makeVars) mayBeSet(text string) {
	for _, got := range setsName().FindAllStringSubmatch(text, -1) {
		v.set[got[1]+got[2]]++
	}
}

// isEngine tells whether a value is an engine's name, also behind sudo.
func isEngine(value string) bool {
	words := strings.Fields(value)
	if len(words) > 1 && words[0] == "sudo" {
		words = words[1:]
	}
	return len(words) == 1 && command.IsEngine(words[0][strings.LastIndexByte(words[0], '/')+1:])
}

// value is what a name stands for; false is that it is not known.
func (v *makeVars) value(name string) (string, bool) {
	value, known := v.values[name]
	return value, known && v.set[name] < 2
}

// filler writes the lines of a recipe as a shell gets them: $$ is $, and what make expands
// is put in, or an expansion stands for it that nobody else uses.
type filler struct {
	vars   *makeVars
	body   string // all of the recipe
	puts   puts
	text   strings.Builder
	fills  []fill
	hidden bool              // something is put in that is not known and names an engine
	count  int               // lines
	begun  int               // where in text the line began
	depth  int               // values within values
	put    int               // values
	taken  map[string]bool   // see [filler.others]
	wrote  map[string]string // what is expanded, by the name that stands for it
}

// Bounds of what make puts into one recipe: bytes, values within values, and all values.
const (
	maxAssigned = 64 << 10
	maxValues   = 20
	maxPut      = 10_000
)

// line adds a line.
func (f *filler) line(body string) {
	if f.count > 0 {
		f.text.WriteByte('\n')
	}
	f.begun = f.text.Len()
	shift := 0
	for i := 0; i < len(body); {
		if body[i] != '$' || i+1 == len(body) {
			f.text.WriteByte(body[i])
			i++
			continue
		}
		from, width := f.text.Len()-f.begun, f.expand(body[i:])
		to := f.text.Len() - f.begun
		i, shift = i+width, shift+width-(to-from)
		f.fills = append(f.fills, fill{line: f.count, from: from, to: to, shift: shift})
	}
	f.count++
}

// expand writes what make makes of the expansion that a text begins with, and returns how
// long that is.
func (f *filler) expand(s string) (width int) {
	if s[1] == '$' {
		f.text.WriteByte('$')
		return 2
	}
	inner, width := s[1:2], 2
	if s[1] == '(' || s[1] == '{' {
		n := closes(s)
		inner, width = s[2:n], min(n+1, len(s))
	}
	value, known := f.vars.value(inner)
	if f.put++; !known || f.depth > maxValues || f.put > maxPut || f.text.Len() > maxAssigned {
		f.unknown(inner, s[:width])
		return width
	}
	f.vars.used = f.vars.used || inner != "MAKE"
	f.depth++
	for len(value) > 0 {
		at := strings.IndexByte(value, '$')
		if at < 0 || at+1 == len(value) {
			f.text.WriteString(value)
			break
		}
		f.text.WriteString(value[:at])
		value = value[at:]
		value = value[f.expand(value):]
	}
	f.depth--
	return width
}

// ofCaller are variables of the environment that are taken for what they are called.
var ofCaller = strings.Fields("HOME PWD USER LOGNAME UID EUID XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME HF_HOME SSH_AUTH_SOCK")

var (
	ownUse    = lazyregexp.New(`(^|[^$])\$[({]([A-Za-z_]\w*)[)}]`)
	envOption = lazyregexp.New(`(\s-e|--env)[ =]["']?[A-Za-z_]\w*=`)
)

// others are the names that a shell may read in the recipe, beside those that make does.
func (f *filler) others() map[string]bool {
	if f.taken == nil {
		f.taken = map[string]bool{}
		rest := envOption().ReplaceAllString(ownUse().ReplaceAllString(f.body, "$1 "), " ")
		for _, name := range makeName().FindAllString(rest, -1) {
			f.taken[name] = true
		}
		for _, name := range ofCaller {
			f.taken[name] = f.taken[name] || f.vars.set[name] > 0
		}
	}
	return f.taken
}

// unknown writes what stands for an expansion that is not known. It is of that very name, or
// ends in a way that no name in the file gives: a mended line that holds it reads otherwise.
func (f *filler) unknown(inner, as string) {
	f.hidden = f.hidden || len(shell.Mentions(inner, nil)) > 0 || looksLikeRun(inner)
	first, _, _ := strings.Cut(inner, " ")
	name := identifier(first[:min(len(first), 40)])
	if name != inner || strings.HasSuffix(name, "_") {
		name += "_"
	}
	for range maxValues {
		if had, is := f.wrote[name]; !f.others()[name] && (!is || had == inner) {
			break
		}
		name += "_"
	}
	f.wrote[name] = inner
	f.puts.add("${"+name+"}", put{as, "expanded by make"})
	f.text.WriteString("${" + name + "}")
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
