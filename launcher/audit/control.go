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
	"sync"

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
	// Judge says of a case what is wrong with it; nothing is a pass. nil: the
	// control is judged where its facts are, and its findings are brought to
	// [Judge] from there.
	Judge func(*Case)
	// Mend changes a stated spec so that the control no longer fails at a
	// setting; nil where no change of options can.
	Mend func(s *container.Spec, at container.Path)
}

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

// Has tells whether the control has a reference of a scheme: "PSS".
func (c *Control) Has(scheme string) bool {
	return slices.ContainsFunc(c.Refs, func(r string) bool { return strings.HasPrefix(r, scheme+" ") })
}

// Severity orders controls by what their failure costs.
type Severity uint8

// The severities, least first.
const (
	Info     Severity = iota // a fact
	Low                      // hygiene
	Medium                   // needs a second fault
	High                     // one wall off, or data or model exposed
	Critical                 // host or account takeover without another fault
)

var severityNames = [...]string{"info", "low", "medium", "high", "critical"}

func (s Severity) String() string { return severityNames[s] }

// MarshalText makes a Severity a JSON string.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) error {
	v, err := ParseSeverity(string(text))
	*s = v
	return err
}

// groups are the catalogue, one file each, by the first digit of the id.
var groups = [][]*Control{
	0: itself, 1: host, 2: privilege, 3: identity, 4: mac, 5: files, 6: namespaces, 7: network, 8: resources, 9: supply,
}

// Catalogue lists every control, by id. Treat it as a constant.
func Catalogue() []*Control { return catalogue() }

var catalogue = sync.OnceValue(func() []*Control {
	all := slices.Concat(groups...)
	slices.SortFunc(all, func(a, b *Control) int { return strings.Compare(a.ID, b.ID) })
	return all
})

var byID = sync.OnceValue(func() map[string]*Control {
	out := map[string]*Control{}
	for _, c := range catalogue() {
		out[c.ID] = c
	}
	return out
})

// ByID finds a control; nil when there is none.
func ByID(id string) *Control { return byID()[id] }

// Find finds a control by its id in any case, its number or its name; nil when
// there is none.
func Find(word string) *Control {
	id := strings.ToUpper(word)
	if len(word) == 3 && strings.Trim(word, "0123456789") == "" {
		id = "ZL-" + word
	}
	if c := ByID(id); c != nil {
		return c
	}
	for _, c := range catalogue() {
		if c.Name == strings.ToLower(word) {
			return c
		}
	}
	return nil
}

// Of lists the controls that read a row: the reasons a setting of it is there.
func Of(key string) []*Control { return reasons()[key] }

var reasons = sync.OnceValue(func() map[string][]*Control {
	out := map[string][]*Control{}
	for _, c := range catalogue() {
		for _, r := range c.Reads {
			out[r.Key()] = append(out[r.Key()], c)
		}
	}
	return out
})
