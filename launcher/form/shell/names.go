package shell

import (
	"sort"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// names is what a text says of its own names: variables, functions and aliases. Those
// that it does not set may be of the text around it.
type names struct {
	of     *harvest
	text   string
	origin func(int) int // where a byte of the text stands in the file
	facts  *facts
	lists  map[*syntax.Stmt]*list
	tour   *tour // goes through its functions where they are called
	calls  int   // functions within functions

	outer  *names         // of eval: the names that it knows beside its own
	around context        // where in outer
	args   []command.Word // the arguments of the text, where they are known
	nested int            // variables within variables
	taints map[string]string
}

// owner are the names of which a function is one: these, or those around them.
func (ns *names) owner(name string) *names {
	for ; ns != nil; ns = ns.outer {
		if len(ns.facts.funcs[name]) > 0 {
			return ns
		}
	}
	return nil
}

// placeOf is where a function was met first.
func (ns *names) placeOf(d *syntax.FuncDecl) place {
	if l := ns.lists[d.Body]; l != nil {
		return l.up
	}
	return place{}
}

// originOf tells where in the file the bytes of a text stand that is written at a byte
// of this one: exactly, or where quoting changed it by its lines.
func (ns *names) originOf(text string, at int) func(int) int {
	for skip := range 3 { // '…', $'…'
		if strings.HasPrefix(ns.text[min(at+skip, len(ns.text)):], text) {
			return func(offset int) int { return ns.origin(at + skip + offset) }
		}
	}
	own, written := starts([]byte(text)), starts([]byte(ns.text[at:min(at+4*len(text)+64, len(ns.text))]))
	return func(offset int) int {
		line := sort.Search(len(own), func(i int) bool { return own[i] > offset }) - 1
		return ns.origin(at + written[min(line, len(written)-1)])
	}
}

// tainted is the engine that a variable may hold the name of; "" is none.
func (ns *names) tainted(name string, c context) string {
	if positional(name) && c.frame != nil {
		return c.frame.taint
	}
	bindings := ns.facts.vars[name]
	if positional(name) {
		bindings = ns.facts.args[c.fn]
		if len(bindings) == 0 && ns.outer == nil {
			return ns.words().engineIn(ns.args, c)
		}
	}
	if len(bindings) == 0 && ns.outer != nil {
		return ns.outer.tainted(name, ns.around)
	}
	if len(bindings) > maxSet && ns.of.about {
		return engines[0]
	}
	if ns.taints == nil {
		ns.taints = map[string]string{}
	}
	if had, known := ns.taints[name]; known {
		return had
	}
	if ns.nested++; ns.nested > maxNested {
		ns.nested--
		return engines[0]
	}
	defer func() { ns.nested-- }()
	ns.taints[name] = ""
	for _, b := range bindings {
		for _, w := range b.words {
			u := ns.words().word(w)
			if e := ns.words().engineIn([]command.Word{u}, context{at: b.at, fn: b.fn}); e != "" {
				ns.taints[name] = e
				return e
			}
		}
	}
	return ""
}
