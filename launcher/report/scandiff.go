package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// ScanDiffSchema is the version of the JSON of what two scans differ in.
const ScanDiffSchema = "zlaunch.dev/scan-diff/v1"

// ScanDiff is what two scans say differently.
type ScanDiff struct {
	Schema string `json:"schema"`
	scan.Difference
}

// stateOf is what a person calls a change: of two scanners none has fixed anything.
func (d ScanDiff) stateOf(c scan.Change) string {
	switch {
	case c.State == scan.Differs:
		return "rated otherwise"
	case d.Kind != scan.Scanners:
		return c.State
	case c.State == scan.Gone:
		return "only " + d.A.ToolsOr("the first")
	case c.State == scan.New:
		return "only " + d.B.ToolsOr("the second")
	}
	return "both"
}

// Text writes what differs, and how many findings are the same.
func (d ScanDiff) Text(w io.Writer, on Screen) error {
	var b strings.Builder
	b.WriteString(on.Hang("A  ", Escape(scanSide(d.A))) + on.Hang("B  ", Escape(scanSide(d.B))) + "\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	t := table{columns: []column{{title: "CHANGE"}, {title: "ID", most: 20}, {title: "PACKAGE", most: 28}, {title: "A", wraps: true}, {title: "B", wraps: true}}}
	counts := map[string]int{}
	var states []string
	for _, c := range d.Changes {
		state := d.stateOf(c)
		if counts[state]++; counts[state] == 1 {
			states = append(states, state)
		}
		if c.State != scan.Remaining {
			t.add(state, c.ID, c.Package, saidOf(c.A), saidOf(c.B))
		}
	}
	if len(t.rows) > 0 {
		if err := t.write(w, on); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	var parts []string
	for _, state := range states {
		parts = append(parts, fmt.Sprintf("%d %s", counts[state], state))
	}
	text := "no findings"
	if len(parts) > 0 {
		text = strings.Join(parts, ", ")
	}
	_, err := io.WriteString(w, on.Hang("", Escape(text)))
	return err
}

func scanSide(s scan.Side) string {
	return fmt.Sprintf("%s, %s: %s", s.Image, s.ToolsOr("no scan"), Plural(s.Findings, "finding"))
}

func saidOf(s *scan.Said) string {
	if s == nil {
		return "-"
	}
	out := string(s.Severity)
	if s.Installed != "" {
		out += ", " + s.Installed
	}
	switch s.State {
	case scan.Fixed:
		return strings.TrimSpace(out + ", fixed in " + pick(len(s.Fixed) > 0, strings.Join(s.Fixed, " or "), "a newer one"))
	case scan.FixUnknown:
		return out
	}
	return out + ", no fix"
}
