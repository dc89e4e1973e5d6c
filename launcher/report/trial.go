package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/author"
)

// TrialSchema is the version of the JSON of trial.
const TrialSchema = "zlaunch.dev/trial/v1"

// Trial is what a trial run of a profile showed, and what it lacks by that.
type Trial struct {
	Schema    string            `json:"schema"`
	Profile   string            `json:"profile"`
	Image     string            `json:"image"`
	Ready     bool              `json:"ready"`   // it answered at the endpoint of the profile
	Running   bool              `json:"running"` // it had to be stopped
	ExitCode  int               `json:"exit_code"`
	Wrote     []TrialPlace      `json:"wrote"`
	Listens   []string          `json:"listens"` // ADDRESS:PORT
	Filled    []TrialFilled     `json:"filled"`
	Refused   []author.Refusal  `json:"refused"`
	Proposals []author.Proposal `json:"proposals"`
	Advice    []string          `json:"advice"`
	File      string            `json:"file,omitempty"` // that Patch changes; none where it is not the user's own
	Patch     string            `json:"patch,omitempty"`
	TOML      string            `json:"toml,omitempty"` // instead of a patch: a file for another layer
}

// TrialPlace is a directory of the root that was written to.
type TrialPlace struct {
	Dir   string `json:"dir"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// TrialFilled is a file system in memory that holds something.
type TrialFilled struct {
	At   string `json:"at"`
	Used int64  `json:"used_bytes"`
	Size int64  `json:"size_bytes"`
}

// Text tells a person what was seen and what follows from it, without the patch.
func (t Trial) Text(w io.Writer, on Screen) error {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(on.hang("", "    ", Escape(fmt.Sprintf(format, args...))))
	}
	line("%s: %s", t.Profile, t.end())
	for _, p := range t.Wrote {
		line("  wrote to %s: %s", p.Dir, (&author.Place{Files: p.Files, Bytes: p.Bytes}).Held())
	}
	for _, f := range t.Filled {
		line("  used %s of %s of %s", author.Bytes(f.Used), author.Bytes(f.Size), f.At)
	}
	if len(t.Listens) > 0 {
		line("  listened on %s", strings.Join(t.Listens, " "))
	}
	for _, r := range t.Refused {
		line("  was refused: %s", r.Line)
	}
	for _, p := range t.Proposals {
		line("propose %s: %s", p.Setting, p.Why)
	}
	for _, a := range t.Advice {
		line("note: %s", a)
	}
	if len(t.Proposals) == 0 {
		line("nothing to propose")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t Trial) end() string {
	switch {
	case t.Ready:
		return "it served, and was stopped"
	case t.Running:
		return "it ran until it was stopped"
	}
	return fmt.Sprintf("it ended with status %d", t.ExitCode)
}
