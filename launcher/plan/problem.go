package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Problem is something that stands against a run.
type Problem struct {
	Control string         `json:"control,omitempty"` // "ZL-104"; empty: no waiver can permit it
	Setting container.Path `json:"setting"`
	Message string         `json:"message"`
	Hint    string         `json:"hint,omitempty"`
	Fatal   bool           `json:"fatal"`
	Waiver  *audit.Waiver  `json:"waiver,omitempty"`

	Judged bool // found by the catalogue, and not by preflight
	grave  bool // graded critical, which no waiver here permits, whatever its control is
}

// Refusal returns the first problem that stops the run as an error that lists
// all such, or nil.
func (p *Plan) Refusal() error {
	var stop []Problem
	for _, pr := range p.Problems {
		if pr.Fatal && pr.Waiver == nil {
			stop = append(stop, pr)
		}
	}
	if len(stop) == 0 {
		return nil
	}
	var lines []string
	for _, pr := range stop {
		lines = append(lines, strings.TrimPrefix(pr.Control+": "+pr.Message, ": "))
	}
	hints := make([]string, 0, len(stop))
	for _, pr := range stop {
		if pr.Hint != "" && !slices.Contains(hints, pr.Hint) {
			hints = append(hints, pr.Hint)
		}
	}
	return hint.Wrap(&RefusedError{p.Profile.Name, lines}, strings.Join(hints, "\n"))
}

// RefusedError is a run that was refused before anything was created.
type RefusedError struct {
	Profile string
	Reasons []string
}

func (e *RefusedError) Error() string {
	if len(e.Reasons) == 1 {
		return fmt.Sprintf("running %s is refused: %s", e.Profile, e.Reasons[0])
	}
	return fmt.Sprintf("running %s is refused:\n  %s", e.Profile, strings.Join(e.Reasons, "\n  "))
}
