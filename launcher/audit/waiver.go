package audit

import (
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Waiver is a recorded permission to fail one control.
type Waiver struct {
	Control string           `json:"control"`
	At      string           `json:"at,omitempty"` // one setting, as an obligation names it: "tmpfs /tmp"; "" all of the control
	Reason  string           `json:"reason"`
	Owner   string           `json:"owner,omitempty"`
	Expires time.Time        `json:"expires,omitzero"` // zero: this run only, or a built-in exception by name
	Origin  container.Origin `json:"origin"`
}

// ParseWaiver reads the value of --waive, ZL-203="reason". The shell has eaten
// the quotes.
func ParseWaiver(arg string) (Waiver, error) {
	id, reason, ok := strings.Cut(arg, "=")
	reason = strings.Trim(strings.TrimSpace(reason), `"'`)
	if !ok || reason == "" {
		return Waiver{}, hint.Errorf(`a waiver names a control and a reason: --waive ZL-104="no delegated controllers on this host"`,
			"reading --waive %q: no reason", arg)
	}
	w := Waiver{Control: id, Reason: reason, Origin: container.Origin{Layer: container.LayerCommandLine, Key: "--waive"}}
	return w, nil
}

// Covers tells whether the waiver permits the failure of control that obligation
// words.
func (w Waiver) Covers(control, obligation string) bool {
	return w.Control == control && (w.At == "" || obligation == w.At || strings.HasPrefix(obligation, w.At+" "))
}

// Check tells whether the waiver may be given where it was written: a profile
// may waive low and medium, the command line also high, a built-in profile high
// by name; nothing here may waive critical. now decides about expiry.
func (w Waiver) Check(now time.Time) error {
	c, ok := ByID(w.Control)
	if !ok {
		return hint.Errorf("the id stands in the finding, for instance ZL-104", "waiving %q: no such control", w.Control)
	}
	most := Medium
	switch w.Origin.Layer {
	case container.LayerCommandLine, container.LayerBuiltIn:
		most = High
	case container.LayerProject:
		return hint.Errorf("give --waive on the command line, or move the profile to your user layer",
			"waiving %s in %s: a project file may carry no waivers", c.ID, w.Origin)
	}
	if c.Severity > most {
		return hint.Errorf("change the setting instead; what a critical control forbids is not run",
			"waiving %s (%s) at %s: severity %s may not be waived there", c.ID, c.Name, w.Origin, c.Severity)
	}
	if !w.Expires.IsZero() && now.After(w.Expires) {
		return hint.Errorf("renew the waiver or meet the control", "waiving %s at %s: expired %s", c.ID, w.Origin, w.Expires.Format(time.DateOnly))
	}
	return nil
}
