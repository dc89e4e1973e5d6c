package textfile

import (
	"encoding/json"
	"strings"

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
	d := &dockerfileReader{sheet: s, heredocs: strings.Contains(s.text, "<<")}
	for i := 0; i < len(s.lines); {
		from := i
		goesOn := !comment(s.lines[i]) && continued(s.lines[i])
		for i++; goesOn && i < len(s.lines); i++ {
			goesOn = comment(s.lines[i]) || continued(s.lines[i])
		}
		d.instruct(from, i)
	}
	return nil
}

type dockerfileReader struct {
	*sheet
	heredocs bool // it may hold here-documents
}

// continued tells whether an instruction goes on behind a line of it.
func continued(line string) bool {
	return strings.HasSuffix(strings.TrimRight(line, " \t\r"), `\`)
}

func comment(line string) bool {
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
}

// instruct reads the instruction of the lines from one to before another.
func (d *dockerfileReader) instruct(from, to int) {
	got := instruction().FindStringSubmatchIndex(d.lines[from])
	if comment(d.lines[from]) {
		d.harmless(d.between(from, to))
		return
	}
	if got == nil {
		return
	}
	switch strings.ToUpper(d.lines[from][got[4]:got[5]]) {
	case "FROM":
		if !d.heredocs { // in a here-document it may be a line of shell
			d.harmless(d.between(from, to))
		}
	case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
		d.executes(from, to, got[1])
	}
}

// executes reads the shell of an instruction, or its words in JSON, behind a column.
func (d *dockerfileReader) executes(from, to, col int) {
	p := piece{line: from + 1, cols: []int{col, 0}, at: []shell.Span{d.between(from, to)}}
	text := []string{d.lines[from][col:]}
	for _, l := range d.lines[from+1 : to] {
		if comment(l) {
			l = `\` // which leaves the line before it going on
		}
		text = append(text, l)
	}
	p.text = strings.Join(text, "\n")
	var words []string
	if json.Unmarshal([]byte(strings.ReplaceAll(p.text, "\\\n", "\n")), &words) == nil {
		d.argv(words, p)
		return
	}
	if !strings.Contains(p.text, "<<") { // a here-document of Docker's is no shell's
		d.shell(p)
	}
}
