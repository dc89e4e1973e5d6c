package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ValidateSchema is the version of the JSON of validate.
const ValidateSchema = "zlaunch.dev/validate/v1"

// Validate is what is wrong with files of profiles.
type Validate struct {
	Schema string          `json:"schema"`
	Files  []ValidatedFile `json:"files"`
}

// ValidatedFile is one of them.
type ValidatedFile struct {
	File     string        `json:"file"`
	Layer    string        `json:"layer"`          // that it was read as one of; "" of a Kind that is none of profiles
	Kind     string        `json:"kind,omitempty"` // bundle, lock, stack; "" a file of profiles
	Profiles []string      `json:"profiles"`
	Problems []FileProblem `json:"problems"`
	Notes    []FileProblem `json:"notes,omitempty"` // what has no effect, or is to be seen to; nothing is wrong by them
}

// FileProblem is one thing that is wrong.
type FileProblem struct {
	Line    int    `json:"line,omitempty"` // the first is 1
	Profile string `json:"profile,omitempty"`
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// Text writes a line for each problem, FILE:LINE first as compilers do, and one for each
// file without any.
func (v Validate) Text(w io.Writer, on Screen) error {
	var b strings.Builder
	for _, f := range v.Files {
		for _, p := range f.Problems {
			b.WriteString(p.text(f.File, "", on))
		}
		for _, p := range f.Notes {
			b.WriteString(p.text(f.File, " note:", on))
		}
		if len(f.Problems) == 0 {
			b.WriteString(on.hang("", "    ", Escape(f.fine())))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fine says of a file what it is without a problem.
func (f ValidatedFile) fine() string {
	switch f.Kind {
	case "bundle":
		return f.File + ": fine as what a bundle says of itself; to check its profiles too: zlaunch push --dry-run"
	case "lock":
		return f.File + ": fine as a lock, with " + profilesOf(f.Profiles) + "; to check what it locks: zlaunch verify"
	case "stack":
		return f.File + ": fine as a stack, with " + profilesOf(f.Profiles) + "; to check its members too: zlaunch plan " + f.File
	}
	return fmt.Sprintf("%s: fine as a file of the %s layer, with %s", f.File, f.Layer, profilesOf(f.Profiles))
}

// text is the line of a problem, FILE:LINE first, and its hints.
func (p FileProblem) text(file, kind string, on Screen) string {
	at := file + ":"
	if p.Line > 0 {
		at += strconv.Itoa(p.Line) + ":"
	}
	at += kind
	if p.Profile != "" {
		at += " profile " + p.Profile + ":"
	}
	if p.Key != "" {
		at += " " + p.Key + ":"
	}
	out := on.hang("", "    ", Escape(at+" "+p.Message))
	for line := range strings.Lines(p.Hint) {
		out += on.Hang("  hint: ", Escape(strings.TrimSpace(line)))
	}
	return out
}

func profilesOf(names []string) string {
	if len(names) == 0 {
		return "no profile"
	}
	return strings.Join(names, ", ")
}
