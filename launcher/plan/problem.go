package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Refusal returns the first problem that stops the run as an error that lists
// all such, or nil.
func (p *Plan) Refusal() error {
	return refusal(p, func(audit.Problem) bool { return true })
}

// RefusalElsewhere is Refusal for a run that is written down here and begun somewhere else: what
// this host lacks stops nothing. What is found on it counts where it is about data.
func RefusalElsewhere(p *Plan) error {
	return refusal(p, func(pr audit.Problem) bool {
		lacking := pr.Control != "" || pr.Setting == container.Path{}
		return pr.Judged || !lacking || pr.Setting.Key == container.VolumeAt.Key()
	})
}

func refusal(p *Plan, counts func(audit.Problem) bool) error {
	var stop []audit.Problem
	for _, pr := range p.Problems {
		if pr.Fatal && pr.Waiver == nil && counts(pr) {
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
	hints = append(hints, p.idle...)
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
