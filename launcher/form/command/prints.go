package command

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// maxPrinted bounds the files that one run is known to print to.
const maxPrinted = 20

// prints notes the files that a shell puts what the workload prints into, for that is
// the workload's own choice: a line in ~/.bashrc is a program.
func (sc *script) prints(r *form.Reading, j job) {
	if right := sc.eater[j.stmt]; right != nil {
		sc.filled(right, j)
	}
	for i, w := range sc.outputs(j.context) {
		name := fmt.Sprintf("output %d", i+1)
		container.HostFiles.Set(r.Spec, name, container.HostFile{Path: w.text, Use: "print", Open: len(w.spans) > 0},
			container.From(container.Origin{Layer: container.LayerCommandLine, File: sc.file, Key: ">"}))
		r.At[elem(container.HostFiles, name)] = []int{} // behind the line's own words
	}
}

// outputs are the files that what stands at a place prints to.
func (sc *script) outputs(c context) []word {
	out := slices.Clone(sc.into)
	files := slices.Concat(c.prints, sc.facts.prints)
	if c.fn != nil {
		files = append(files, sc.facts.into[c.fn.Name.Value]...)
	}
	for _, f := range files {
		w := sc.assignedValue(f, c)
		harmless := oneWordOf("/dev/null /dev/stdout /dev/stderr /dev/tty", w.text)
		if !harmless && w.text != "" && !strings.HasPrefix(w.text, "-") {
			out = append(out, w)
		}
		if len(out) > maxPrinted {
			sc.hides(f.Pos(), "what is printed goes into more files than are read")
			return out
		}
	}
	return out
}

// fillers write what they read wherever that says, or do with it what it says.
const fillers = "tar cpio bsdtar unzip dd xargs patch rsync git psql mysql sqlite3 systemd-creds"

// filled lists a pipe from a run into such a program.
func (sc *script) filled(right *syntax.Stmt, j job) {
	x, is := right.Cmd.(*syntax.CallExpr)
	if !is {
		return
	}
	for _, w := range sc.source(x, j.context).words[:min(len(x.Args), 4)] { // sudo -u root dd
		if name, known := w.program(); known && oneWordOf(fillers, name) {
			sc.hides(right.Pos(), name+" does what the workload prints, and that is not known")
			return
		}
	}
}

// lasting are the files that exec puts all into which the rest of a text prints.
func lasting(x *syntax.CallExpr, s *syntax.Stmt) []*syntax.Word {
	if len(x.Args) != 1 {
		return nil
	}
	return filesOf(s)
}
