package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Counts is how many findings there are of each verdict, and of the failures by
// severity.
type Counts struct {
	Fail          int `json:"fail"`
	Review        int `json:"review"`
	Open          int `json:"open"`
	Waived        int `json:"waived"`
	NotApplicable int `json:"not_applicable"`
	Pass          int `json:"pass"`
	Critical      int `json:"critical"`
	High          int `json:"high"`
	Medium        int `json:"medium"`
	Low           int `json:"low"`
	Info          int `json:"info"`
	Decided       int `json:"decided"` // of the waived, those that the profile decided and the launch makes up for
	Known         int `json:"known"`   // of the failures, those that the baseline permits
}

// count counts findings.
func count(in []audit.Finding) Counts {
	var c Counts
	verdicts := [...]*int{&c.Fail, &c.Review, &c.Open, &c.Waived, &c.NotApplicable, &c.Pass}
	severities := [...]*int{&c.Info, &c.Low, &c.Medium, &c.High, &c.Critical}
	for _, f := range in {
		*verdicts[f.Verdict]++
		if f.Verdict == audit.Fail {
			*severities[f.Severity]++
		}
		if f.State == audit.Unchanged {
			c.Known++
		}
		if f.Waiver != nil && f.Waiver.Decided {
			c.Decided++
		}
	}
	return c
}

// unknown is how many failures no baseline permits.
func (c Counts) unknown() int { return c.Fail - c.Known }

// fails counts the failures, and apart from them those that the baseline permits.
func (c Counts) fails() string {
	return fmt.Sprintf("%d fail", c.unknown()) + pick(c.Known > 0, fmt.Sprintf(" (and %d that the baseline permits)", c.Known), "")
}

// measured is a subject in numbers.
type measured struct {
	Counts
	score, raw int // tenths: without waived failures, and with them
	band       string
	reaching   int            // failures at or above the threshold that no baseline permits
	first      string         // the control of the first of these
	gravest    audit.Severity // of these
	hidden     int            // findings that are not listed
}

// measure measures a subject whose findings, in reading order, are in.
func (a Audit) measure(r Result, in []audit.Finding) measured {
	m := measured{Counts: count(in), score: audit.Score(in, false), band: r.band(), hidden: a.List.unlisted(in)}
	if m.raw = m.score; m.Waived > 0 {
		m.raw = audit.Score(in, true)
	}
	for _, f := range in {
		if f.Verdict == audit.Fail && f.State != audit.Unchanged {
			m.first, m.gravest = cmp.Or(m.first, f.Control.ID), max(m.gravest, f.Severity)
			m.reaching += pick(f.Severity >= a.FailOn, 1, 0)
		}
	}
	return m
}

// exposure is the score with its name, and the counts.
func (m measured) exposure(on Screen, dot string) string {
	out := "exposure " + tenths(m.score) + " " + on.Mean(m.band)
	if m.raw != m.score {
		out += " (" + tenths(m.raw) + " without waivers)"
	}
	return out + "   " + strings.Join([]string{
		m.fails(), fmt.Sprintf("%d review", m.Review), fmt.Sprintf("%d waived", m.Waived) + pick(m.Decided > 0, fmt.Sprintf(" (%d decided by the profile)", m.Decided), ""), fmt.Sprintf("%d open", m.Open),
	}, dot)
}

// weighed is a finding with what it adds to the exposure.
type weighed struct {
	audit.Finding
	exposure string
	lines    []string // where a unit says it
}

// weigh gives every failure, in the order listed, what it adds to the exposure of
// those before it, so that the column sums up to the score and the gravest stands
// out where the score is full. A waived one adds to the score without waivers, and
// stands in parentheses.
func weigh(in []audit.Finding) []weighed {
	const one = 1_000_000_000 // as audit.Score counts
	rest, before := int64(one), 0
	out := make([]weighed, len(in))
	for i, f := range in {
		out[i] = weighed{Finding: f, exposure: "-"}
		if f.Verdict != audit.Fail && f.Verdict != audit.Waived {
			continue
		}
		rest = rest * (1000 - f.Severity.Weight()) / 1000
		now := int((100*(one-rest) + one - 1) / one)
		out[i].exposure = tenths(now - before)
		before = now
		if f.Verdict == audit.Waived {
			out[i].exposure = "(" + out[i].exposure + ")"
		}
	}
	return out
}

// tenths writes a score: 85 is 8.5.
func tenths(n int) string { return fmt.Sprintf("%d.%d", n/10, n%10) }

// rungs counts the settings of a spec by their evidence, the strongest first:
// "12 kernel, 3 inspected".
func rungs(s *container.Spec) string {
	if s == nil {
		return ""
	}
	n := container.CountEvidence(s)
	var parts []string
	for e := container.Kernel; e > container.Unknown; e-- {
		if n[e] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[e], e))
		}
	}
	return strings.Join(parts, ", ")
}

// alike is findings of one reason.
type alike []audit.Finding

// byReason puts findings with one message together, in the order of the first.
func byReason(in []audit.Finding) []alike {
	at := map[string]int{}
	var out []alike
	for _, f := range in {
		i, ok := at[f.Message]
		if !ok {
			i = len(out)
			at[f.Message] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], f)
	}
	return out
}

// ids lists the controls of a reason once each.
func (r alike) ids() []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range r {
		if !seen[f.Control.ID] {
			seen[f.Control.ID] = true
			out = append(out, f.Control.ID)
		}
	}
	return out
}
