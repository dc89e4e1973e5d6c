package report

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Walked is what became of the files of a directory that was audited.
type Walked struct {
	Dir   string        `json:"dir"`
	Files []WalkedFiles `json:"files"`
}

// WalkedFiles are files that became the same, a directory that was passed over among them.
type WalkedFiles struct {
	Outcome string   `json:"outcome"` // "hold no container", to be read behind their number
	Number  int      `json:"number"`
	Names   []string `json:"names"` // of so many of them as a page holds
}

// walks are the directories that were audited, once they were; secrets in names are masked.
func (a Audit) walks() (out []Walked) {
	if a.Walked == nil {
		return nil
	}
	for _, w := range a.Walked() {
		w.Dir, w.Files = container.MaskText(w.Dir), append([]WalkedFiles{}, w.Files...)
		for i, f := range w.Files {
			w.Files[i].Names = masked(f.Names)
		}
		out = append(out, w)
	}
	return out
}

// says is a directory in a sentence.
func (w Walked) says() string {
	if len(w.Files) == 0 {
		return "there is no file below " + shown(w.Dir)
	}
	var parts []string
	for _, f := range w.Files {
		parts = append(parts, fmt.Sprintf("%d %s", f.Number, singular(f.Number, f.Outcome)))
	}
	return "of the files below " + shown(w.Dir) + ": " + strings.Join(parts, ", ")
}

// singular is an outcome as it is said of n files.
func singular(n int, outcome string) string {
	if n != 1 {
		return outcome
	}
	for plural, one := range map[string]string{"run ": "runs ", "hold ": "holds ", "are ": "is ", "define ": "defines ", "name ": "names "} {
		if rest, is := strings.CutPrefix(outcome, plural); is {
			return one + rest
		}
	}
	return outcome
}

// walked tells a person what became of the files, and with --all which those are that are
// no subjects.
func (p *textPrinter) walked(to *page) {
	for _, w := range p.audit.walks() {
		to.line("", w.says()+pick(p.All || len(w.Files) == 0, "", "   (--all and --json name them)"))
		for _, f := range w.Files {
			for _, name := range f.Names {
				if p.All {
					to.line("  ", fmt.Sprintf("%s: %s", shown(name), singular(1, f.Outcome)))
				}
			}
		}
	}
}
