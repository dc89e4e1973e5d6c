package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// fixPrinter prints how the text of each subject changes by mending: one diff for each
// file, which patch(1) takes, or with whole each text as it is then. What stays, and
// what a run loses by it, is said on standard error.
type fixPrinter struct {
	std     *stdio
	files   subject.Files
	secrets bool // are printed, too
	whole   bool
	titles  bool              // before each whole text, its subject
	runs    []*subject.Mended // of the file that is being read
	none    []string          // subjects without a text
	why     error             // of the first of them
	some    bool              // subjects have a text
}

// Prepare mends one.
func (p *fixPrinter) Prepare(r report.Result) func() error {
	m, err := p.files.Mend(r.Reading, r.Findings)
	return func() error {
		if err != nil {
			p.none, p.why = append(p.none, r.Subject), cmp.Or(p.why, err)
			return nil
		}
		p.some = true
		if p.whole {
			p.text(m)
			p.tell(m)
			return nil
		}
		if len(p.runs) > 0 && (r.File == "" || p.runs[0].Reading.File != m.Reading.File) {
			p.flush()
		}
		p.runs = append(p.runs, m)
		return nil
	}
}

// End prints the last file. A call that named nothing with a text failed.
func (p *fixPrinter) End() error {
	p.flush()
	if !p.some {
		return p.why
	}
	if len(p.none) > 0 {
		p.std.note("%d subjects have no text that could be mended: %s", len(p.none), strings.Join(p.none, ", "))
	}
	return nil
}

// flush prints the diff of a file whose runs are all mended, and what is to be said of
// them.
func (p *fixPrinter) flush() {
	if len(p.runs) == 0 {
		return
	}
	before, after := p.files.Patch(p.runs)
	name := p.runs[0].Reading.File
	if name == "" {
		name = p.runs[0].Reading.Subject
	}
	text, exact := report.Patch(p.name(name), before, after, p.secrets)
	exact = exact && stands(name, before)
	fmt.Fprint(p.std.out, text)
	for _, m := range p.runs {
		p.tell(m)
	}
	if file := p.name(name); !filepath.IsLocal(file) {
		p.std.note("%s: patch takes no file outside of its directory, unless it is named: zlaunch audit --fix FILE | patch FILE", report.Escape(file))
	}
	if !exact {
		p.std.note("%s: patch does not take these lines: something in them is hidden, escaped, or in the encoding of another system; --show-secrets prints secrets", report.Escape(name))
	}
	p.runs = nil
}

// stands tells whether a file holds a text just so: it may be read in an encoding that
// patch does not know. Of what is no regular file nobody can tell.
func stands(file, text string) bool {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > subject.MaxFile {
		return true
	}
	data, err := os.ReadFile(file)
	return err != nil || strings.TrimSuffix(string(data), "\n") == strings.TrimSuffix(text, "\n")
}

// name is how a file is named from the working directory, as patch -p0 looks for it.
func (p *fixPrinter) name(file string) string {
	if rel, err := filepath.Rel(p.std.dir, file); err == nil && filepath.IsAbs(file) && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return filepath.Clean(file)
}

// text prints a whole text.
func (p *fixPrinter) text(m *subject.Mended) {
	if p.titles {
		fmt.Fprintf(p.std.out, "# %s\n", m.Reading.Subject)
	}
	text := m.Text
	if masked := container.MaskText(text); !p.secrets && masked != text {
		text = masked
		p.std.note("%s: what looks like a secret is hidden; --show-secrets prints it", m.Reading.Subject)
	}
	fmt.Fprintln(p.std.out, text)
}

// tell says what of a run is mended and what stays.
func (p *fixPrinter) tell(m *subject.Mended) {
	name := report.Escape(m.Reading.Subject)
	p.std.note("%s: mended %d of %d failures", name, len(m.Done), len(m.Done)+len(m.Stays))
	if m.ByHand != "" {
		text := m.Text
		if !p.secrets {
			text = container.MaskText(text)
		}
		p.std.note("%s: its file is not rewritten, for %s; mended by hand it is:\n%s", name, m.ByHand, text)
	}
	for _, t := range m.Taken {
		p.std.note("%s: taken away by %s, and what runs may need it: %s", name, t.For.ID, container.MaskText(t.At.String()))
	}
	for _, why := range reasons(m.Stays) {
		p.std.note("%s: stays, %s", name, container.MaskText(why))
	}
}

// reasons are the failures that stay, by why they do, in the order of the first.
func reasons(stays []subject.Stay) []string {
	var out []string
	at := map[string]int{}
	for _, s := range stays {
		text := fmt.Sprintf("%s %s (%s)", s.Control.ID, s.Control.Name, s.Severity)
		if s.At.Elem != "" {
			text = fmt.Sprintf("%s %s at %s (%s)", s.Control.ID, s.Control.Name, s.At, s.Severity)
		}
		if i, ok := at[s.Why]; ok {
			out[i] += ", " + text
			continue
		}
		at[s.Why] = len(out)
		out = append(out, s.Why+": "+text)
	}
	return out
}
