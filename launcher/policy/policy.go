// Package policy judges a finished run by what an organisation requires.
//
// A policy is a conjunction: every [Check] of every [File] must be met, so that one
// more file never lets more through. It judges the effective plan, and what the plan
// adds ([Subject]); it refuses by name, with the file and line that forbids, and never
// rewrites. What is not known meets no check.
//
// Its files are read aloud:
//
//	schema  = 1
//	contact = "platform-security@example.org"
//
//	[require]
//	read_only = true
//
//	[at_most]
//	memory = "16g"
//
//	[only]
//	network  = ["zlaunch-*"]
//	registry = ["icr.io"]
//
// [Parse] reads one; which checks may be asked of a setting stands in one table
// (answers.go). The package does no input or output: package disk finds the files.
package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Set is all the policy that holds for a run, in the order its files were read.
type Set []*File

// File is one file of policy.
type File struct {
	Name    string         // as errors and findings show it
	About   string         // one line; may be empty
	Contact string         // whom somebody asks whose run is refused; may be empty
	Digest  string         // of its text, in hex
	Checks  []Check        // in the order of the file
	Waivers []audit.Waiver // permissions to fail a control; never of a check
}

// Check is one requirement: one key of a file.
type Check struct {
	File string
	Line int    // from 1
	Key  string // "at_most.memory"
	Says string // "memory must be at most 16g"
	// Want is what the file wants, as it is read: a bool, a string, a float64 (a number, or
	// bytes), a []string; nil of a key that is about no setting.
	Want any

	contact string
	judge   judge
}

// Place is where the check stands, "/etc/zlaunch/policy.d/site.toml:7".
func (c *Check) Place() string { return fmt.Sprintf("%s:%d", c.File, c.Line) }

// judge gives what of a subject breaks a check; nothing is a check that is met.
type judge func(*Subject) []violation

// violation is one way in which a check is not met.
type violation struct {
	at   container.Path // zero: no one setting
	got  string         // "it is 32GiB", "it is not known"
	open bool           // what is not known breaks the check, and nothing else
	fix  string         // what mends it, where more can be told than to meet the check; lines
}

// unknown is a check that is broken by what nobody knows.
func unknown(at container.Path, got string) violation { return violation{at: at, got: got, open: true} }

// broken is a check that a value breaks.
func broken(at container.Path, got string) violation { return violation{at: at, got: got} }

// Digest names all that holds, "sha256:…": by the texts of the files in their order, and
// not by their names, so that it is the same wherever they lie; "" there is none.
// It is that of: sha256sum FILE... | cut -c-64 | sha256sum
func (set Set) Digest() string {
	if len(set) == 0 {
		return ""
	}
	h := sha256.New()
	for _, f := range set {
		fmt.Fprintln(h, f.Digest)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Checks are all checks of all files.
func (set Set) Checks() []Check {
	var out []Check
	for _, f := range set {
		out = append(out, f.Checks...)
	}
	return out
}

// Waivers are those of all files. They permit as far as every check on waivers lets
// them.
func (set Set) Waivers() []audit.Waiver {
	var out []audit.Waiver
	for _, f := range set {
		out = append(out, f.Waivers...)
	}
	return out
}

// Judge gives the findings of [audit.PolicyMet]: a failure for whatever breaks a check,
// or one pass. now is when waivers are counted from.
func (set Set) Judge(s Subject, now time.Time) []audit.Finding {
	out := set.failures(s, now, func(violation) bool { return true })
	if len(out) == 0 {
		return []audit.Finding{{Control: audit.PolicyMet, Verdict: audit.Pass, Severity: audit.PolicyMet.Severity, Evidence: container.Planned}}
	}
	return out
}

// Forbid gives the failures that nothing mends which will be known later: of a run that
// is looked at long before it begins, without its image, its host and its proof. It
// passes nothing, for whatever begins is judged by [Set.Judge].
func (set Set) Forbid(s Subject, now time.Time) []audit.Finding {
	return set.failures(s, now, func(v violation) bool { return !v.open })
}

// Unscanned gives the failures of the [scan] tables alone, what is not known among them: of an
// image that others are to run, as its publisher's host knows it.
func (set Set) Unscanned(s Scanned, now time.Time) []audit.Finding {
	var asked Set
	for _, f := range set {
		of := *f
		of.Checks = slices.DeleteFunc(slices.Clone(f.Checks), func(c Check) bool { return !strings.HasPrefix(c.Key, "scan.") })
		asked = append(asked, &of)
	}
	run := Subject{Spec: &container.Spec{}, Scanned: s}
	return asked.failures(run, now, func(violation) bool { return true })
}

func (set Set) failures(s Subject, now time.Time, counts func(violation) bool) (out []audit.Finding) {
	s.now = now
	for _, f := range set {
		for _, c := range f.Checks {
			for _, v := range c.broken(&s) {
				if counts(v) {
					out = append(out, c.failure(v))
				}
			}
		}
	}
	for i := range out {
		if m, ok := s.Spec.MarkOf(out[i].At); ok {
			out[i].Evidence, out[i].Origin = m.Evidence, m.Origin
		}
	}
	return out
}

// broken is what of a subject breaks the check, but for what is others' to meet.
func (c *Check) broken(s *Subject) []violation {
	return slices.DeleteFunc(c.judge(s), func(v violation) bool { return slices.Contains(s.Left, v.at.Key) })
}

func (c *Check) failure(v violation) audit.Finding {
	fix := "meet " + c.Key + " of " + c.Place()
	if c.contact != "" {
		fix += ", or ask " + c.contact
	}
	fix = strings.TrimPrefix(v.fix+"\n"+fix, "\n")
	return audit.Finding{Control: audit.PolicyMet, Verdict: audit.Fail, Severity: audit.PolicyMet.Severity, At: v.at, Fix: fix,
		Message: fmt.Sprintf("%s, %s: %s forbids it", c.Says, v.got, c.Place())}
}
