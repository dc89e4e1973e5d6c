package textfile

import (
	"encoding/json"
	"slices"
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
	d := &dockerfileReader{s}
	for i := 0; i < len(s.lines); {
		from := i
		goesOn := !comment(s.lines[i]) && continued(s.lines[i])
		for i++; goesOn && i < len(s.lines); i++ {
			goesOn = comment(s.lines[i]) || continued(s.lines[i])
		}
		end := d.documents(from, i)
		if end < 0 {
			return nil // what is a here-document and what an instruction is not known
		}
		d.instruct(instructed{from, i, end})
		i = end
	}
	return nil
}

type dockerfileReader struct{ *sheet }

// instructed is an instruction of a Dockerfile: lines from 0, each to before the next.
type instructed struct{ from, to, end int } // its here-documents are the lines behind to

// hereDocument is a word that begins one: <<EOF, <<-'EOF', 3<<EOF (BuildKit's own pattern).
var hereDocument = lazyregexp.New(`^\d*<<(-?)["']?([^<"']+)["']?$`)

// documents finds where the here-documents of an instruction end; -1 is nowhere.
func (d *dockerfileReader) documents(from, to int) int {
	got := instruction().FindStringSubmatch(d.lines[from])
	if comment(d.lines[from]) || got == nil || !slices.Contains([]string{"RUN", "COPY", "ADD"}, strings.ToUpper(got[2])) {
		return to
	}
	end := to
	for _, word := range strings.Fields(strings.Join(d.lines[from:to], " ")) {
		doc := hereDocument().FindStringSubmatch(word)
		if doc == nil {
			continue
		}
		at := slices.IndexFunc(d.lines[end:], func(line string) bool { return withoutTabs(line, doc[1]) == doc[2] })
		if at < 0 {
			return -1
		}
		end += at + 1
	}
	return end
}

// withoutTabs is a line of a here-document, of <<- without the tabs in front.
func withoutTabs(line, dash string) string {
	line = strings.TrimSuffix(line, "\r")
	if dash != "" {
		return strings.TrimLeft(line, "\t")
	}
	return line
}

// continued tells whether an instruction goes on behind a line of it.
func continued(line string) bool {
	return strings.HasSuffix(strings.TrimRight(line, " \t\r"), `\`)
}

func comment(line string) bool {
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
}

// instruct reads an instruction.
func (d *dockerfileReader) instruct(in instructed) {
	got := instruction().FindStringSubmatchIndex(d.lines[in.from])
	if comment(d.lines[in.from]) {
		d.harmless(d.between(in.from, in.to))
		return
	}
	if got == nil {
		return
	}
	switch strings.ToUpper(d.lines[in.from][got[4]:got[5]]) {
	case "FROM":
		d.harmless(d.between(in.from, in.to))
	case "RUN":
		if in.end > in.to && d.document(in, got[1]) {
			return
		}
		d.executes(in, got[1])
	case "CMD", "ENTRYPOINT", "HEALTHCHECK":
		d.executes(in, got[1])
	}
}

// document reads a here-document that is all of what is run; false is that a command stands
// before it, for a shell to give it to.
func (d *dockerfileReader) document(in instructed, col int) bool {
	doc := hereDocument().FindStringSubmatch(strings.TrimSpace(d.lines[in.from][col:]))
	if doc == nil || in.to > in.from+1 {
		return false
	}
	p := piece{line: in.to + 1, at: []shell.Span{d.between(in.from, in.end)}}
	var text []string
	for _, l := range d.lines[in.to : in.end-1] {
		text = append(text, withoutTabs(l, doc[1]))
		p.cols = append(p.cols, len(strings.TrimSuffix(l, "\r"))-len(text[len(text)-1]))
	}
	if p.text = strings.Join(text, "\n"); !strings.HasPrefix(p.text, "#!") || interpretsShell(text[0]) {
		d.shell(p)
	}
	return true
}

// executes reads the shell of an instruction, or its words in JSON, behind a column.
func (d *dockerfileReader) executes(in instructed, col int) {
	p := piece{line: in.from + 1, cols: []int{col, 0}, at: []shell.Span{d.between(in.from, in.end)}}
	text := []string{d.lines[in.from][col:]}
	for _, l := range d.lines[in.from+1 : in.to] {
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
	p.text = strings.Join(append(text, d.lines[in.to:in.end]...), "\n")
	d.shell(p)
}
