// Package gate decides whether what scanners found of an image lets it be run.
//
// It fails closed: no scan, one of another image, an old one, one that failed or saw
// nothing, and whatever is not known about a finding, stand against the run. Only a rule
// that is not given asks for nothing. The package does no input or output.
package gate

import (
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Rules are what is asked of an image. The zero value asks for nothing.
type Rules struct {
	// Required wants a scan of the image that can be used: it did not fail, it is whole, it saw
	// packages, and the image's distribution is still mended. Whatever else is asked wants it, too.
	Required bool
	MaxAge   time.Duration // of the scan; 0: any
	DBMaxAge time.Duration // of the database; 0: any
	// Severity is the least that refuses the image; "": none does.
	Severity scan.Severity
	// FixableOnly lets a finding count by its severity only where a newer version mends it,
	// or nobody knows whether one does.
	FixableOnly bool
	KEV         bool       // a finding counts, however bad, that is known to be exploited
	Order       scan.Order // whose word counts on severity
	Tools       []string   // only scans of these count; none: of all
}

// Asks tells whether anything is asked.
func (r Rules) Asks() bool {
	return r.Required || r.MaxAge > 0 || r.DBMaxAge > 0 || r.Severity != "" || r.KEV || len(r.Tools) > 0
}

// Rule is what of the rules a reason is about.
type Rule string

// The rules, called by their keys in a policy.
const (
	Required Rule = "required"
	MaxAge   Rule = "max_age"
	DBMaxAge Rule = "db_max_age"
	Severity Rule = "severity"
	KEV      Rule = "kev"
	Tools    Rule = "tools"
)

// Reason is one thing that stands against the image.
type Reason struct {
	Rule    Rule          `json:"rule"`
	Text    string        `json:"text"`              // a sentence: lower case, no full stop
	Hint    string        `json:"hint"`              // what to type, or to do
	Finding *scan.Finding `json:"finding,omitempty"` // it is about; nil: about a scan
	Open    bool          `json:"open,omitempty"`    // what nobody knows, and nothing else, stands against it
	// Waiver permits it; only of findings.
	Waiver *audit.Waiver `json:"waiver,omitempty"`
}

// Verdict is the judgement of an image.
type Verdict struct {
	Reasons    []Reason       // against it, without those that are waived
	Waived     []Reason       // what a waiver permits
	Suppressed []scan.Finding // what its supplier says does not affect it
	Counted    []scan.Finding // all that was found by the scans that count, each once
	Distro     scan.Distro
	Scans      []*scan.Scan // those that count
}

// Passed tells whether nothing stands against the image.
func (v *Verdict) Passed() bool { return len(v.Reasons) == 0 }

// Judge holds the scans that are known against the rules, for the image that is to be run.
// Waivers are those of [audit.ScanTolerance]; they permit findings and nothing else.
func Judge(image scan.Image, scans []*scan.Scan, r Rules, waivers []audit.Waiver, now time.Time) Verdict {
	j := &judgement{image: image, rules: r, waivers: waivers, now: now}
	if !r.Asks() {
		j.counting(scans)
		return j.out
	}
	if j.counting(scans); len(j.out.Scans) > 0 {
		for _, s := range j.out.Scans {
			j.scan(s)
		}
	} else {
		j.none(scans)
	}
	for i := range j.out.Counted {
		j.finding(&j.out.Counted[i])
	}
	return j.out
}

// judgement is one on its way.
type judgement struct {
	image   scan.Image
	rules   Rules
	waivers []audit.Waiver
	now     time.Time
	out     Verdict
}

func (j *judgement) refuse(rule Rule, hint, text string) {
	j.out.Reasons = append(j.out.Reasons, Reason{Rule: rule, Text: text, Hint: hint})
}

// lacking is a reason that a better scan would take away.
func (j *judgement) lacking(rule Rule, hint, text string) {
	j.out.Reasons = append(j.out.Reasons, Reason{Rule: rule, Text: text, Hint: hint, Open: true})
}

// counting picks the scans of this image by a tool that counts, and joins what they found.
func (j *judgement) counting(scans []*scan.Scan) {
	for _, s := range scans {
		if s.Image.Same(j.image) && j.counts(s) {
			j.out.Scans = append(j.out.Scans, s)
			if j.out.Distro.ID == "" {
				j.out.Distro = s.Distro
			}
		}
	}
	j.out.Counted = scan.Union(j.out.Scans...)
}

func (j *judgement) counts(s *scan.Scan) bool {
	for _, t := range j.rules.Tools {
		if t == s.Tool.Name {
			return true
		}
	}
	return len(j.rules.Tools) == 0
}
