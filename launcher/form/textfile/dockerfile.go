package textfile

import (
	"encoding/json"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// instruction is the first word of a line of a Dockerfile, and the flags behind it.
var instruction = lazyregexp.New(`(?i)^\s*(ONBUILD\s+)?([A-Z]+)((?:\s+--[a-z]+=\S+)*)\s+`)

// readDockerfile reads what RUN, CMD and ENTRYPOINT run. FROM and comments only
// name things; a LABEL may be run (podman container runlabel).
func readDockerfile(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	s.heredocs = strings.Contains(s.text, "<<")
	for i := 0; i < len(s.lines); {
		from := i
		goesOn := !comment(s.lines[i]) && continued(s.lines[i])
		for i++; goesOn && i < len(s.lines); i++ {
			goesOn = comment(s.lines[i]) || continued(s.lines[i])
		}
		s.instruct(from, i)
	}
	return nil
}

// continued tells whether an instruction goes on behind a line of it.
func continued(line string) bool {
	return strings.HasSuffix(strings.TrimRight(line, " \t\r"), `\`)
}

func comment(line string) bool {
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
}

// instruct reads the instruction of the lines from one to before another.
func (s *sheet) instruct(from, to int) {
	start, end := s.starts()[from], s.starts()[to-1]+len(s.lines[to-1])
	got := instruction().FindStringSubmatchIndex(s.lines[from])
	if comment(s.lines[from]) {
		s.harmless(start, end)
		return
	}
	if got == nil {
		return
	}
	switch strings.ToUpper(s.lines[from][got[4]:got[5]]) {
	case "FROM":
		if !s.heredocs { // in a here-document it may be a line of shell
			s.harmless(start, end)
		}
	case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
		s.executes(from, to, got[1])
	}
}

// executes reads the shell of an instruction, or its words in JSON, behind a column.
func (s *sheet) executes(from, to, col int) {
	whole := shell.Span{From: s.starts()[from], To: s.starts()[to-1] + len(s.lines[to-1])}
	p := piece{line: from + 1, cols: []int{col, 0}, at: []shell.Span{whole}}
	text := []string{s.lines[from][col:]}
	for _, l := range s.lines[from+1 : to] {
		if comment(l) {
			l = `\` // which leaves the line before it going on
		}
		text = append(text, l)
	}
	p.text = strings.Join(text, "\n")
	var words []string
	if json.Unmarshal([]byte(strings.ReplaceAll(p.text, "\\\n", "\n")), &words) == nil {
		s.argv(words, p)
		return
	}
	if !strings.Contains(p.text, "<<") { // a here-document of Docker's is no shell's
		s.shell(p)
	}
}

// argv reads words that are run without a shell.
func (s *sheet) argv(words []string, p piece) bool {
	if len(s.runs) >= shell.MaxRuns {
		return false
	}
	r, err := command.Read(words)
	if err != nil {
		return s.words(words, p)
	}
	r.File = s.file
	for i := range r.Words {
		r.Words[i].Line, r.Words[i].Col = p.line, p.col(0)+1
	}
	s.runs, s.read = append(s.runs, r), append(s.read, p.at...)
	return true
}
