// Package audit judges a container spec against the catalogue of controls.
//
// A [Control] is a value: an id, a reason, references, what to change, and a pure
// function over the spec. The same values say in a plan why a setting is there,
// stop a run that breaks one, name what a waiver permits, and print as the
// catalogue's page, as SARIF rules and as crosswalks. The package does no input
// or output.
//
// [Judge] gives one or more findings for every control: a control whose inputs
// are not known is open, never passed. [Waive], [Compare] and [Standard] work on
// findings.
package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Control is one rule of the catalogue.
type Control struct {
	ID       string // "ZL-203"
	Name     string // "cap-drop-all"
	Title    string // "All capabilities dropped"
	Severity Severity
	Why      string // what goes wrong where the control fails
	Fix      string // what to change, in podman-run's words
	Breaks   string // what the fix may break, and what to do then; may be empty
	// Refs are what asks for the control elsewhere, each as "SCHEME ID": "IBM
	// L146-148" (lines of IBM's deployment guidelines), "OWASP #3" (Docker cheat
	// sheet), "CIS 5.4" (Docker benchmark 1.6.0), "PSS restricted", "NIST 4.4.3"
	// (SP 800-190), "NSA …", "KSV-0003", "CWE-250".
	Refs  []string
	Reads []container.Row // whose settings it is the reason of
	// Launch is what a launch of zlaunch does in its place, of a container that it
	// started: a profile that leaves the setting away decided that, and needs no waiver.
	// Only of controls that a profile may waive; "" is nothing.
	Launch string
	// OfHost: it says the same of every run on a host: engine, host, and what confines
	// its containers.
	OfHost bool
	// OfLimits: a run without its limits fails it; [LimitsEnforceable] permits that.
	OfLimits bool
	// Judge says of a case what is wrong with it; nothing is a pass. nil: the
	// control is judged where its facts are, and its findings are brought to
	// [Judge] from there.
	Judge func(*Case)
	// Mend changes a stated spec so that the control no longer fails at a
	// setting; nil where no change of options can. See [Control.Mendable].
	Mend func(s *container.Spec, at container.Path)
}

// Mendable tells whether an audit mends what fails the control. What is a mere fact is
// left as its author meant it.
func (c *Control) Mendable() bool { return c.Mend != nil && c.Severity != Info }

// IBM is the lines of IBM's deployment guidelines that ask for the control,
// "L146-148, L244-248"; "" none.
func (c *Control) IBM() string {
	var lines []string
	for _, r := range c.Refs {
		if l, ok := strings.CutPrefix(r, "IBM "); ok {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, ", ")
}

// Group is what a control is about: the first digit of its id.
type Group byte

// The groups that are asked for as a whole.
const (
	Host      Group = '1' // the engine and the host
	Privilege Group = '2' // capabilities, seccomp, masks
	MAC       Group = '4' // mandatory access control
)

// Group is the control's.
func (c *Control) Group() Group { return Group(c.ID[3]) }

// Has tells whether the control has a reference of a scheme: "PSS".
func (c *Control) Has(scheme string) bool {
	return slices.ContainsFunc(c.Refs, func(r string) bool { return strings.HasPrefix(r, scheme+" ") })
}
