package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// PlanSchema is the version of a plan's JSON.
const PlanSchema = "zlaunch.dev/plan/v1"

// Plan is a run worked out and not yet begun. Make it with [NewPlan].
type Plan struct {
	Schema   string              `json:"schema"`
	Profile  string              `json:"profile"`
	Arch     string              `json:"arch"`
	Hash     string              `json:"plan"`
	Layer    string              `json:"layer"` // of the profile's nearest definition
	File     string              `json:"file"`
	Settings []Line              `json:"settings"`
	Open     []string            `json:"open,omitempty"`    // sentences: what only the absent image could tell
	Dropped  []container.Setting `json:"dropped,omitempty"` // not sent, under a waiver: they would not hold here
	Waivers  []audit.Waiver      `json:"waivers,omitempty"`
	Problems []audit.Problem     `json:"problems,omitempty"`
	Network  []string            `json:"network_create,omitempty"` // the podman line that makes its network
	Podman   []string            `json:"podman_run"`               // the podman line, values of env hidden
}

// Line is one setting with its reasons.
type Line struct {
	Setting  container.Path     `json:"setting"`
	Value    any                `json:"value"`
	Origins  []container.Origin `json:"origins"` // the deciding one first
	Evidence container.Evidence `json:"evidence"`
	Why      string             `json:"why,omitempty"`
	Controls []string           `json:"controls,omitempty"` // ids
}

// Lines lists the settings of an effective spec with their reasons: the one
// given where a value was set, else that of the first control that reads it.
func Lines(s *container.Spec) []Line {
	out := []Line{}
	for _, set := range container.Settings(s) {
		l := Line{Setting: set.Path, Value: written(s, set), Origins: set.Mark.Origin, Evidence: set.Mark.Evidence, Why: set.Mark.Why}
		if l.Origins == nil {
			l.Origins = []container.Origin{}
		}
		for _, c := range audit.Of(set.Path.Key) {
			l.Controls = append(l.Controls, c.ID)
			if l.Why == "" {
				l.Why = c.Why
			}
		}
		out = append(out, l)
	}
	return out
}

// written is the value of a setting as it may be shown: that of a variable is, where a
// profile wrote it, which is a file to be read by whoever runs it, and it looks like no
// secret. What the command line, the host or the image gave stays hidden.
func written(s *container.Spec, set container.Setting) any {
	if set.Path.Key != container.Env.Key() || len(set.Mark.Origin) == 0 {
		return set.Value
	}
	switch set.Mark.Origin[0].Layer {
	case container.LayerBuiltIn, container.LayerSystem, container.LayerBundle, container.LayerUser, container.LayerProject:
		if v, _, known := container.Env.Get(s, set.Path.Elem); known && !container.SecretPair(set.Path.Elem, v) {
			return container.MaskText(v)
		}
	}
	return set.Value
}

// Refused tells whether something stops the run.
func (p Plan) Refused() bool {
	for _, pr := range p.Problems {
		if pr.Fatal && pr.Waiver == nil {
			return true
		}
	}
	return false
}

// Text writes the plan for a person: the verdict, what stands against the run and what is
// open, then every setting with value, origin and reason. The table is long, so a refusal
// is said again below it.
func (p Plan) Text(w io.Writer, on Screen) error {
	if _, err := io.WriteString(w, p.head(on)); err != nil {
		return err
	}
	t := table{columns: []column{{title: "SETTING", most: 26}, {title: "VALUE", most: 48, wraps: true}, {title: "ORIGIN", most: 48, wraps: true},
		{title: "REASON", wraps: true, below: true}}}
	for _, l := range p.Settings {
		t.add(l.Setting.String(), Value(container.Setting{Path: l.Setting, Value: l.Value}), origin(l), reason(l))
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	if !p.Refused() {
		return nil
	}
	_, err := io.WriteString(w, "\n"+p.verdict(on))
	return err
}

// verdict is the line that says whether run would do it.
func (p Plan) verdict(on Screen) string {
	var refused, notes int
	for _, pr := range p.Problems {
		switch does(pr) {
		case "refused":
			refused++
		case "note":
			notes++
		}
	}
	end := "nothing refuses it"
	if refused > 0 {
		end = "refused, for " + Plural(refused, "reason")
	}
	if notes > 0 {
		end += "; " + Plural(notes, "note")
	}
	return on.Hang("", strings.TrimSpace("plan of "+Escape(p.Profile))+": "+end)
}

// origin names who decided a line; whom that replaced stands in the JSON.
func origin(l Line) string {
	if len(l.Origins) == 0 {
		return "unknown"
	}
	if replaced := len(l.Origins) - 1; replaced > 0 {
		return fmt.Sprintf("%s (over %d)", l.Origins[0], replaced)
	}
	return l.Origins[0].String()
}

// reason is the why, with the controls it does not name itself.
func reason(l Line) string {
	out := l.Why
	var more []string
	for _, id := range l.Controls {
		if !strings.Contains(l.Why, id) {
			more = append(more, id)
		}
	}
	if len(more) > 0 {
		out += " (" + strings.Join(more, ", ") + ")"
	}
	return strings.TrimSpace(out)
}

// head is what is to be known before the settings.
func (p Plan) head(on Screen) string {
	var b strings.Builder
	b.WriteString(p.verdict(on))
	var against []string
	for _, pr := range gravestFirst(p.Problems) {
		against = append(against, problemLine(pr))
		for next := range strings.Lines(pr.Hint) {
			if pr.Waiver == nil {
				against = append(against, "    "+strings.TrimSpace(next))
			}
		}
	}
	section(&b, on, "stands against the run:", against)
	section(&b, on, "waived:", waiverLines(p.Waivers))
	var dropped []string
	for _, d := range p.Dropped {
		dropped = append(dropped, d.Path.String()+" = "+Value(d))
	}
	section(&b, on, "left out, for this host cannot enforce it:", dropped)
	section(&b, on, "open until the image is here:", p.Open)
	return b.String() + "\n"
}

// gravestFirst are problems in the order that a person reads them in.
func gravestFirst(problems []audit.Problem) []audit.Problem {
	order := []string{"refused", "note", "waived"}
	return slices.SortedStableFunc(slices.Values(problems), func(a, b audit.Problem) int {
		return slices.Index(order, does(a)) - slices.Index(order, does(b))
	})
}

func section(b *strings.Builder, on Screen, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	b.WriteString("\n" + on.paint(strong, title) + "\n")
	for _, l := range lines {
		text := strings.TrimLeft(l, " ")
		b.WriteString(on.Hang("  "+l[:len(l)-len(text)], Escape(text)))
	}
}

func problemLine(p audit.Problem) string {
	head := strings.TrimSpace(p.Control + " " + p.Setting.String())
	if head != "" {
		head += ": "
	}
	return fmt.Sprintf("%-7s  %s%s", does(p), head, p.Message)
}

// does is what a problem does to the run.
func does(p audit.Problem) string {
	switch {
	case p.Waiver != nil:
		return "waived"
	case p.Fatal:
		return "refused"
	}
	return "note"
}

func waiverLines(ws []audit.Waiver) []string {
	var out []string
	for _, w := range ws {
		name := w.Control
		if c := audit.ByID(w.Control); c != nil {
			name += " (" + c.Name + ")"
		}
		if w.At != "" {
			name += " at " + w.At
		}
		line := name + ": " + w.Reason + " - " + w.Origin.String()
		if !w.Expires.IsZero() {
			line += ", until " + w.Expires.Format("2006-01-02")
		}
		out = append(out, line)
	}
	return out
}
