package textfile

import (
	"encoding/json"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Files of which each line is a value with something before it.

// sectionHead is the head of a section: [Service], [[tool]], [program:web].
var sectionHead = lazyregexp.New(`(?m)^[ \t]*\[{1,2}[A-Za-z][\w.:@"' /-]*\]{1,2}[ \t\r]*$`)

// withoutHeads writes blanks for the heads of sections, which a shell takes for patterns.
func withoutHeads(text string) string {
	return sectionHead().ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
}

// heads opens the heads of Quadlet's sections in a text of another name.
func heads(s *sheet) {
	for _, at := range sectionHead().FindAllStringIndex(s.text, maxDescribed) {
		if head := strings.TrimSpace(s.text[at[0]:at[1]]); len(shell.Mentions(head, nil)) > 0 {
			line, _ := s.place(at[0])
			s.note(line, "%s begins a unit of Podman's generator, which is read in a file called after what it is: NAME.container", head)
		}
	}
}

// keyed is what stands before a value, with the prefixes of systemd's command lines.
var keyed = lazyregexp.New(`^\s*["']?[A-Za-z][\w.@/ -]*["']?\s*=\s*[-@+!:|]*`)

// readSections reads the values of INI, TOML, desktop entries and the like that begin
// with a run.
func readSections(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	s.foreign = true
	s.sections(piece{text: s.text, line: 1})
	s.describes(descriptions)
	return nil
}

// sections reads a piece of that kind. What names an engine and is not read is open, also
// where it is written in pieces.
func (s *sheet) sections(p piece) {
	if strings.Contains(p.text, "[Service]") { // systemd fills in what begins with %
		p = p.standIns(percent(), func(s string) (string, string) { return "$" + identifier(s[1:]), "filled in by systemd" })
	}
	before := len(s.read)
	(&lineReader{sheet: s, of: valueOf}).piece(p)
	cover := shell.CoverOf(s.read[before:])
	for i, line := range strings.Split(p.text, "\n") {
		whole := pieces.Replace(line)
		switch {
		case cover.Holds(s.between(p.line+i-1, p.line+i).From) || strings.HasPrefix(strings.TrimLeft(line, " \t"), "#"):
		case s.listed(line, p, i):
		case len(shell.Mentions(whole, nil)) > 0 || looksLikeRun(whole):
			s.note(p.line+i, "what names an engine there is not read")
		}
	}
}

// listed reads a value that is a list of words.
func (s *sheet) listed(line string, p piece, i int) bool {
	at := keyed().FindStringIndex(line)
	if at == nil {
		return false
	}
	var words []string
	if json.Unmarshal([]byte(strings.ReplaceAll(line[at[1]:], "'", `"`)), &words) != nil || len(words) == 0 || !bare(words[0]) {
		return false
	}
	return s.argv(words, piece{line: p.line + i, cols: []int{p.col(i) + at[1]}, at: []shell.Span{s.between(p.line+i-1, p.line+i)}})
}

// valueOf is the value of a line, without the quotes around it.
func valueOf(line string) (from, to int) {
	to = len(strings.TrimRight(line, " \t\r"))
	from = len(line[:to]) - len(strings.TrimLeft(line[:to], " \t"))
	if at := keyed().FindStringIndex(line[:to]); at != nil {
		from = at[1]
	}
	value := line[from:to]
	if len(value) > 1 && strings.ContainsAny(value[:1], `'"`) && value[0] == value[len(value)-1] && !strings.ContainsAny(value[1:len(value)-1], value[:1]+`\`) {
		return from + 1, to - 1
	}
	return from, to
}

// when is what stands before the command in a crontab: five fields or a word for them, and
// of the system's own the user.
var (
	when     = lazyregexp.New(`^\s*(@[a-z]+|([\d*/,A-Za-z-]+\s+){4}[\d*/,A-Za-z-]+)\s+`)
	cronUser = lazyregexp.New(`^(root|nobody|www-data|[a-z_][a-z0-9_-]*)\s+\S`)
)

// readCrontab reads the commands of a crontab.
func readCrontab(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	for i, line := range s.lines {
		at := when().FindStringIndex(line)
		if at == nil {
			if strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
				s.harmless(s.between(i, i+1))
			}
			continue
		}
		from := at[1]
		if u := cronUser().FindStringSubmatchIndex(line[from:]); u != nil && isUser(s.file, line[from:][u[2]:u[3]]) {
			from += u[1] - 1
		}
		command := s.between(i, i+1)
		command.From += from // what stands before it may be no time at all
		s.shell(piece{text: strings.TrimRight(line[from:], "\r"), line: i + 1, cols: []int{from}, at: []shell.Span{command}})
	}
	return nil
}

// isUser tells whether a word of a crontab is the name of a user: root is, and others in
// the system's own, which name one in each line.
func isUser(file, word string) bool {
	return word == "root" || strings.Contains("/"+file, "/cron.d/") && len(shell.Mentions(word, nil)) == 0
}

// process is what stands before the command of a line of a Procfile.
var process = lazyregexp.New(`^[A-Za-z0-9_-]+:\s*`)

// readProcfile reads the commands of a Procfile.
func readProcfile(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	for i, line := range s.lines {
		if at := process().FindStringIndex(line); at != nil {
			s.shell(piece{text: strings.TrimRight(line[at[1]:], "\r"), line: i + 1, cols: []int{at[1]},
				at: []shell.Span{s.between(i, i+1)}})
		}
	}
	return nil
}

// quietly is what stands before a line of a recipe that just does not print.
var quietly = lazyregexp.New(`(?m)^[ \t]+[@-]+`)

// readJust reads the lines of a justfile that begin with a run.
func readJust(s *sheet) error {
	s.text = quietly().ReplaceAllStringFunc(s.text, func(m string) string { return strings.Repeat(" ", len(m)) })
	return readProse(s)
}

// readPatterns reads a list of names of files, of which none is run.
func readPatterns(s *sheet) error {
	s.all()
	return shell.IsText([]byte(s.text))
}
