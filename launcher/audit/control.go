// Package audit judges a container spec against the catalogue of controls.
//
// A [Control] is a value: an id, a reason, the rows it reads and a pure function
// over the spec. The same values say in a plan why a setting is there, stop a
// run that breaks one, and name what a waiver permits. The package does no input
// or output.
package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Control is one rule of the catalogue.
type Control struct {
	ID       string // "ZL-203"
	Name     string // "cap-drop-all"
	Severity Severity
	Why      string // what goes wrong where the control fails
	IBM      string // lines of IBM's deployment guidelines that ask for it, "L146-148"; may be empty
	Reads    []container.Row
	// Judge gives the obligation that a spec breaks, in the user's own syntax;
	// "" where it holds. It is called only where every row it reads is known or
	// counts as absent. nil: the control is judged where its facts are, in
	// preflight, and stands here for its reason and its waiver.
	Judge func(*container.Spec) string
}

// Severity orders controls by what their failure costs.
type Severity uint8

// The severities, least first.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"info", "low", "medium", "high", "critical"}

func (s Severity) String() string { return severityNames[s] }

// MarshalText makes a Severity a JSON string.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Catalogue lists every control built so far, by id.
func Catalogue() []Control {
	var all []Control
	for _, group := range [][]Control{host, privilege, identity, files, network, resources, supply} {
		all = append(all, group...)
	}
	return all
}

// ByID finds a control.
func ByID(id string) (Control, bool) {
	for _, c := range Catalogue() {
		if c.ID == id {
			return c, true
		}
	}
	return Control{}, false
}

// Of lists the controls that read a row: the reasons a setting of it is there.
func Of(key string) []Control {
	var out []Control
	for _, c := range Catalogue() {
		for _, r := range c.Reads {
			if r.Key() == key {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// Finding is a control that a spec fails.
type Finding struct {
	Control    Control
	Obligation string
}

// Failures judges s by every control and returns those it fails, in the order
// of the catalogue.
func Failures(s *container.Spec) []Finding {
	var out []Finding
	for _, c := range Catalogue() {
		if c.Judge == nil {
			continue
		}
		if obligation := c.Judge(s); obligation != "" {
			out = append(out, Finding{c, obligation})
		}
	}
	return out
}
