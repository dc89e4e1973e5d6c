package textfile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// leftovers is what of a file could start a container and no reader took: it is open, one
// reason for a line.
type leftovers struct {
	*sheet
	said map[string]bool // lines that have a reason; see lineOf
}

// unread opens what names an engine or looks like a run, and was not read.
func (s *sheet) unread() {
	l := &leftovers{sheet: s, said: map[string]bool{}}
	for _, o := range s.open {
		l.said[lineOf(o)] = true
	}
	for _, o := range shell.Mentions(s.text, s.read) {
		l.add(o)
	}
	l.runLike()
	l.program()
	slices.SortStableFunc(s.open, func(a, b form.Open) int { return numberOf(a) - numberOf(b) })
	l.vague()
}

// vague marks what is open of a text in any language that names no engine, describes no
// container, and holds no words of a run.
func (l *leftovers) vague() {
	if !l.foreign || l.plain || len(l.runs) > 0 || len(l.open) == 0 || looksLikeRun(l.text) || len(shell.Mentions(l.text, nil)) > 0 {
		return
	}
	for i := range l.open {
		l.open[i].Vague = true
	}
}

// Vague tells whether all that is open of a text is vague.
func Vague(open []form.Open) bool {
	return !slices.ContainsFunc(open, func(o form.Open) bool { return !o.Vague })
}

// add lists a reason, unless its line has one.
func (l *leftovers) add(o form.Open) bool {
	if l.said[lineOf(o)] {
		return false
	}
	l.said[lineOf(o)] = true
	l.open = append(l.open, o)
	return true
}

// lineOf is how a reason names its line.
func lineOf(o form.Open) string {
	line, _, _ := strings.Cut(o.Why, ":")
	return line
}

// numberOf is the line of a reason; that of the whole file comes last.
func numberOf(o form.Open) int {
	n, err := strconv.Atoi(strings.TrimPrefix(lineOf(o), "line "))
	if err != nil {
		return math.MaxInt
	}
	return n
}

// runsOthers are the ways of programs in other languages to run others.
var runsOthers = lazyregexp.New(`\b(subprocess|child_process|shell_exec|ProcessBuilder|os\.(system|exec\w*|spawn\w*|popen))\b|` +
	`\bexec\.Command|\bCommand::new\b|\bgetRuntime\(\)`)

// runsOthersBy are words of which each of these has one.
var runsOthersBy = strings.Fields("subprocess child_process shell_exec ProcessBuilder os.system os.exec os.spawn os.popen exec.Command Command::new getRuntime")

// program opens a text of which nothing is known but that it runs programs, which it
// may put together from pieces.
func (l *leftovers) program() {
	if !l.foreign || len(l.runs)+len(l.open) > 0 || !holdsAny(l.text, runsOthersBy...) {
		return
	}
	if at := runsOthers().FindStringIndex(l.text); at != nil {
		line, _ := l.place(at[0])
		l.note(line, "it runs other programs, and is not read")
	}
}

// runWords are a verb of an engine and an option that engines alone have.
var runWords = lazyregexp.New(`\b(run|create|exec)\b[^\n]*\s--(privileged|cap-add|cap-drop|security-opt|userns|volumes-from|cgroupns|rm|entrypoint)\b`)

// looksLikeRun tells whether a text holds the words of a run, whatever stands in the
// place of the engine's name: quotes may be in the middle of it.
func looksLikeRun(text string) bool {
	return holdsAny(text, runOptions...) && runWords().MatchString(text)
}

// runOptions are words of which each of these has one.
var runOptions = strings.Fields("--privileged --cap- --security-opt --userns --volumes-from --cgroupns --rm --entrypoint")

// runLike opens the lines that hold the words of a run and were not read.
func (l *leftovers) runLike() {
	if !holdsAny(l.text, runOptions...) {
		return
	}
	read, more := shell.CoverOf(l.read), maxDescribed
	for _, at := range runWords().FindAllStringIndex(l.text, -1) {
		if more == 0 || read.Holds(at[0]) {
			continue
		}
		line, _ := l.place(at[0])
		if l.add(form.Open{Why: fmt.Sprintf("line %d: the words of a run stand there, and are not read", line), Word: -1}) {
			more--
		}
	}
}
