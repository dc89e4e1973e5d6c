package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// fileExport writes the runs of a file in another form.
type fileExport struct {
	std    *stdio
	files  subject.Files
	file   string // "-" is standard input
	name   string // of the one run; "" all there are
	dir    string // what to write into; "" standard output
	harden bool
	show   bool // secrets, in a diff
}

// isFileOfRuns tells a file, FILE or FILE#NAME, from a profile, whose name has no dot and does not
// begin with a slash.
func isFileOfRuns(word string) bool {
	file, _, _ := strings.Cut(word, "#")
	return file == "-" || strings.HasPrefix(file, "/") || strings.Contains(file, ".")
}

// parted takes FILE#NAME apart. A file that is called so is that file.
func parted(word string) (file, name string) {
	if _, err := os.Stat(word); err == nil {
		return word, ""
	}
	file, name, _ = strings.Cut(word, "#")
	return file, name
}

// instead is the file that a word means which names no profile, and tells of one that is
// passed over for a profile.
func instead(std *stdio, word string, unplanned error) bool {
	info, err := os.Stat(word)
	there := err == nil && (info.Mode().IsRegular() || info.IsDir())
	var unknown *profile.UnknownError
	switch {
	case !there:
	case errors.As(unplanned, &unknown) && unknown.Name == word:
		std.note("no profile is called %s: what has that name in this directory is read", word)
		return true
	default:
		std.note("%s is the profile; the file of that name is ./%s", word, word)
	}
	return false
}

// write writes them in a form, or with none, or their own, proposes how their file changes.
func (e fileExport) write(w written) error {
	found, beside, err := e.read()
	if err != nil {
		return err
	}
	chosen, err := e.choose(found)
	if err != nil {
		return err
	}
	if e.harden && (w.form.Name == "" || !slices.ContainsFunc(chosen, func(a *launcher.Audited) bool { return export.FormOf(a.Reading) != w.form.Name })) {
		return e.propose(found, chosen)
	}
	if len(chosen) > 1 && e.dir == "" {
		return several(e.file, chosen)
	}
	docs := make([]*form.Document, len(chosen))
	for i, a := range chosen {
		if docs[i], err = e.one(a, beside, w); err != nil {
			return err
		}
	}
	return e.put(chosen, docs)
}

// read judges all that the file holds: its runs, and what belongs to none and is not read.
func (e fileExport) read() (found []*launcher.Audited, beside []form.Open, err error) {
	var pending []subject.Pending
	if e.file == "-" {
		text, err := io.ReadAll(io.LimitReader(e.std.in, subject.MaxFile+1))
		if err != nil {
			return nil, nil, fmt.Errorf("reading standard input: %w", err)
		}
		pending, err = e.files.Text("standard input", text)
		if err != nil {
			return nil, nil, err
		}
	} else if pending, err = e.files.Path(e.file); err != nil {
		return nil, nil, err
	}
	for _, judge := range pending {
		a := judge()
		for _, f := range a.Findings {
			if a.Unread && f.Control == audit.InputUnderstood {
				beside = append(beside, form.Open{Word: -1, Why: f.Message})
			}
		}
		if a.Reading != nil && a.Reading.Pod == nil {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return nil, nil, hint.Errorf("zlaunch audit "+e.file+" says what it is read as", "reading %s: no run in it could be written", e.file)
	}
	return found, beside, nil
}

// one writes one run.
func (e fileExport) one(a *launcher.Audited, beside []form.Open, w written) (*form.Document, error) {
	r, judged := a.Reading, a.Spec
	if e.harden {
		m := e.files.Harden(r, a.Findings)
		(&fixPrinter{std: e.std}).tell(m)
		after := *r
		after.Spec = m.Spec
		r, judged = &after, subject.AuditReading(&after, e.files.Under).Spec
	}
	dir, err := filepath.Abs(filepath.Dir(r.File))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", r.File, err)
	}
	source := export.FromFile{Reading: r, Judged: judged, Beside: beside, Dir: dir}
	doc, err := export.Write(w.form, source.Run(w.form, w.how.Target), w.how)
	if err == nil {
		doc.Notes = slices.Concat(source.Notes(), doc.Notes)
	}
	return doc, err
}

// put writes the documents of several runs, none over another's.
func (e fileExport) put(of []*launcher.Audited, docs []*form.Document) error {
	had := map[string]string{}
	for _, doc := range docs {
		for _, f := range slices.Concat(doc.Files, doc.Beside) {
			text := withoutComments(string(f.Data))
			if one, twice := had[f.Name]; twice && text != one {
				return &usageError{hint.Errorf(subjectsOf(e.file, of), "several runs would be %s: name one, into a directory of its own", f.Name)}
			}
			had[f.Name] = text
		}
	}
	for _, doc := range docs {
		noteAll(e.std, doc.Notes)
		if err := put(e.std, doc, e.dir); err != nil {
			return err
		}
	}
	return nil
}

// withoutComments is a text as far as it counts: two runs of one network name it both.
func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// propose prints how the file changes, as audit --fix does; what is not chosen stays.
func (e fileExport) propose(found, chosen []*launcher.Audited) error {
	p := &fixPrinter{std: e.std, files: e.files, secrets: e.show}
	for _, a := range found {
		r := result(a)
		if !slices.Contains(chosen, a) {
			r.Findings = nil
		}
		if err := p.Prepare(r)(); err != nil {
			return err
		}
	}
	return p.End()
}

// exportFile exports what a word names that is no profile.
func exportFile(e fileExport, args arguments, w written, asked *pflag.FlagSet) error {
	if w.form.Name == "" && !e.harden {
		return noForm()
	}
	if err := args.count(1, 1); err != nil {
		return err
	}
	var ofPlans []string
	asked.Visit(func(f *pflag.Flag) {
		if !slices.Contains(ofFiles, f.Name) {
			ofPlans = append(ofPlans, "--"+f.Name)
		}
	})
	if len(ofPlans) > 0 {
		return &usageError{fmt.Errorf("%s is for the run of a profile: that of a file is as the file says", strings.Join(ofPlans, ", "))}
	}
	if err := w.how.Check(w.form); err != nil && w.form.Name != "" {
		return &usageError{err}
	}
	e.file, e.name = parted(args.words[0])
	return e.write(w)
}

// ofFiles are the options that mean something where a file is written.
var ofFiles = strings.Fields("to target allow-loss output-dir harden show-secrets")

func noForm() error {
	return &usageError{errors.New("--to names the form: " + strings.Join(export.Names(), ", "))}
}
