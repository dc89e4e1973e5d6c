package audit

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

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

func (s Severity) String() string { return severityNames[s] }

// MarshalText makes a Severity a JSON string.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) error {
	v, err := ParseSeverity(string(text))
	*s = v
	return err
}

var severityNames = [...]string{"info", "low", "medium", "high", "critical"}

// ParseSeverity reads a severity by its name.
func ParseSeverity(name string) (Severity, error) {
	i := slices.Index(severityNames[:], name)
	if i < 0 {
		return 0, hint.Errorf("a severity is one of info, low, medium, high, critical", "reading severity %q: there is none", name)
	}
	return Severity(i), nil
}
