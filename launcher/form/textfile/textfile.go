// Package textfile reads the runs in files of every kind that people have: scripts,
// Markdown, Makefiles, YAML of CI and of others, JSON, Dockerfiles, and any text.
//
// A file is recognised by its name and by how it begins. What of it is shell goes
// through the reader of scripts (package command), at the lines of the file; what
// else names an engine is open, and so is every file that describes containers
// whose form is not read yet. No text is silent because its kind is not known.
//
// The package is pure, and every text is hostile: see the bounds beside each reader.
package textfile

import (
	"cmp"
	"errors"
	"path"
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/compose"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
	"github.com/zlaunch/zlaunch/launcher/form/podjoin"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Read reads every run in a text, in order, and lists what may start a container and
// is not read. The name says what kind of file it is, as far as its first line does
// not; "" is a script. The error tells that the text is none, or holds nothing that
// could start a container.
func Read(name string, text []byte) ([]*form.Reading, []form.Open, error) {
	return ReadBeside(compose.Beside{}, name, text)
}

// ErrNone is that of a text in which no container is run.
var ErrNone = errors.New("no container is run in it")

// ReadBeside is [Read] of a file that may name others.
func ReadBeside(b compose.Beside, name string, text []byte) ([]*form.Reading, []form.Open, error) {
	text, mark := decoded(text)
	if err := shell.IsText(text); err != nil {
		return nil, nil, hint.Errorf("is it a text? iconv -t UTF-8 makes one of other encodings", "auditing %s: %w", name, err)
	}
	k := kindOf(name, text)
	s := &sheet{source: sourceOf(name, string(text)), beside: b}
	if err := k.read(s); err != nil {
		return nil, nil, err
	}
	if mark && (k.as == script.as || k.as == perhaps.as) && len(shell.Mentions(s.lines[0], nil)) > 0 {
		s.note(1, "there is a byte order mark (U+FEFF) in front, which a shell takes for a part of the first word")
	}
	s.finish()
	if len(s.runs)+len(s.open) == 0 {
		return nil, nil, hint.Errorf(k.hint(), "auditing %s: it is read as %s, and %w", name, k.as, ErrNone)
	}
	return s.runs, s.open, nil
}

// readScript reads all of the file as one script.
func readScript(s *sheet) error {
	text := s.text
	if path.Ext(s.file) == "" {
		text = withoutHeads(text)
		heads(s)
	}
	runs, open, err := shell.Script(s.file, []byte(text))
	if err != nil {
		return err
	}
	s.runs, s.open = runs, append(s.open, open...)
	s.all()
	return nil
}

// readPerhaps reads a text whose name says nothing: as a script, unless no shell takes
// it.
func readPerhaps(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	if shell.Takes([]byte(s.text)) != nil {
		return readProse(s)
	}
	if err := readScript(s); err != nil {
		return err
	}
	quoted(s)
	return nil
}

// readOther reads a text of no kind that is known: as a script, where a shell takes
// it. What its other words mean is not known, and nothing in it is a comment.
func readOther(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	if shell.Takes([]byte(s.text)) != nil {
		return readProse(s)
	}
	s.foreign = true
	runs, open, err := shell.Script(s.file, []byte(withoutHeads(s.text)))
	if err != nil {
		return err
	}
	s.runs, s.open = runs, open
	s.describes(descriptions)
	for _, r := range runs {
		for _, w := range r.Words {
			if w.Line > 0 && w.File == "" {
				from := s.starts()[w.Line-1] + w.Col - 1
				s.harmless(shell.Span{From: from, To: from + len(w.Raw)})
			}
		}
	}
	quoted(s)
	return nil
}

// finish names the runs and joins those of pods, behind what was left unread.
func (s *sheet) finish() {
	if more := len(s.runs) - shell.MaxRuns; more > 0 {
		s.open = append(s.open, shell.Beyond(firstLine(s.runs[shell.MaxRuns]), more))
		s.runs = s.runs[:shell.MaxRuns]
	}
	s.unread()
	for i, r := range s.runs {
		r.Lines = s.lines
		if r.Engine == kube.Engine { // it has a name
			continue
		}
		called := cmp.Or(r.Name, strconv.Itoa(i+1))
		if s.file != "" {
			r.Subject = s.file
		}
		if len(s.runs) > 1 {
			r.Subject += "#" + called
		}
	}
	podjoin.Join(s.runs)
}

func firstLine(r *form.Reading) int {
	if len(r.Words) == 0 {
		return 0
	}
	return r.Words[0].Line
}
