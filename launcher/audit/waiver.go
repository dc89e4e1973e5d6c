package audit

import (
	"math"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Waiver is a recorded permission to fail one control.
type Waiver struct {
	Control string `json:"control"`
	At      string `json:"at,omitempty"` // one setting as findings name it, "tmpfs[/tmp]"; "" all of the control
	Reason  string `json:"reason"`
	Owner   string `json:"owner,omitempty"`
	// ApprovedBy is who let it into the policy; "" everywhere else.
	ApprovedBy string           `json:"approved_by,omitempty"`
	Expires    time.Time        `json:"expires,omitzero"` // the last day on which it holds, UTC; zero: this run only, or a built-in exception by name
	Origin     container.Origin `json:"origin"`
	// Decided: nobody asked for it. The profile decided the setting for a reason, and
	// the launch makes up for it: see [Control.Launch].
	Decided bool `json:"decided,omitempty"`
}

// Covers tells whether the waiver permits the failure of a control at a setting,
// which profiles also write with a space: "tmpfs /tmp".
func (w Waiver) Covers(control string, at container.Path) bool {
	return w.Control == control && (w.At == "" || w.At == at.String() || at.Elem != "" && w.At == at.Key+" "+at.Elem)
}

// Check tells whether the waiver may be given where it was written: a profile
// may waive low and medium, the command line also high, a built-in profile high
// by name, a file of the policy alone critical; nothing waives the policy itself. now
// decides about expiry.
func (w Waiver) Check(now time.Time) error {
	if err := w.Allowed(now); err != nil {
		return err
	}
	if w.Expired(now) {
		return hint.Errorf("renew the waiver or meet the control", "waiving %s at %s: expired %s", w.Control, w.Origin, w.Expires.Format(time.DateOnly))
	}
	return nil
}

// Allowed is [Waiver.Check] without the expiry.
func (w Waiver) Allowed(now time.Time) error {
	c := ByID(w.Control)
	if c == nil {
		return hint.Errorf("the id stands in the finding, for instance ZL-104", "waiving %q: no such control", w.Control)
	}
	most := Medium
	switch w.Origin.Layer {
	case container.LayerCommandLine, container.LayerBuiltIn:
		most = High
	case container.LayerPolicy:
		most = Critical
	case container.LayerProject:
		return hint.Errorf("give --waive on the command line, or move the profile to your user layer",
			"waiving %s in %s: a project file may carry no waivers", c.ID, w.Origin)
	}
	if c == PolicyMet {
		return hint.Errorf("meet the policy, or ask whom it names: zlaunch policy show", "waiving %s (%s) at %s: nothing waives a policy", c.ID, c.Name, w.Origin)
	}
	if c.Severity > most {
		return hint.Errorf("change the setting instead; what a critical control forbids is not run",
			"waiving %s (%s) at %s: severity %s may not be waived there", c.ID, c.Name, w.Origin, c.Severity)
	}
	if !w.Expires.IsZero() && w.Expires.Sub(now) > maxTerm {
		return hint.Errorf("give a day within a year", "waiving %s at %s: it would run to %s", c.ID, w.Origin, w.Expires.Format(time.DateOnly))
	}
	return nil
}

// maxTerm is the longest a waiver may run: a year.
const maxTerm = 366 * 24 * time.Hour

// Expired tells whether the waiver's last day is over.
func (w Waiver) Expired(now time.Time) bool { return !w.Expires.IsZero() && !now.Before(w.End()) }

// End is when a waiver with a last day holds no more.
func (w Waiver) End() time.Time { return w.Expires.AddDate(0, 0, 1) }

// DaysLeft is how many days follow that of now on which the waiver still holds; below 0 it
// is over.
func (w Waiver) DaysLeft(now time.Time) int {
	return int(math.Ceil(w.End().Sub(now).Hours()/24)) - 1
}

func (w *Waiver) permits(f *Finding) bool {
	if !w.Covers(f.Control.ID, f.At) || f.Control == PolicyMet {
		return false
	}
	return w.Origin.Layer == container.LayerPolicy || f.Severity < Critical && (f.Severity <= f.Control.Severity || f.Severity <= Medium)
}

// ParseWaiver reads the value of --waive, ZL-203="reason" or
// ZL-503@tmpfs[/tmp]="reason". The shell has eaten the quotes.
func ParseWaiver(arg string) (Waiver, error) {
	what, reason, ok := strings.Cut(arg, "=")
	reason = strings.Trim(strings.TrimSpace(reason), `"'`)
	if !ok || reason == "" {
		return Waiver{}, hint.Errorf(`a waiver names a control and a reason: --waive ZL-104="no delegated controllers on this host"`,
			"reading --waive %q: no reason", arg)
	}
	id, place, _ := strings.Cut(what, "@")
	return Waiver{Control: id, At: place, Reason: reason, Origin: container.Origin{Layer: container.LayerCommandLine, Key: "--waive"}}, nil
}

// Waive marks what the waivers permit, and adds a finding of ZL-003 for each that
// is dead: expired, not allowed where it stands, or of no use. Waivers that are
// dead permit nothing. A failure graded above what its waiver's place may permit
// stays a failure.
func Waive(in []Finding, waivers []Waiver, now time.Time) []Finding {
	for i := range waivers {
		w := &waivers[i]
		if why := whyDead(w, in, now); why != "" {
			in = putFinding(in, Finding{Control: WaiversAlive, Verdict: Fail, Severity: Low, Origin: []container.Origin{w.Origin},
				Message: "the waiver of " + strings.TrimSuffix(w.Control+" at "+w.At, " at ") + " " + why})
			continue
		}
		for j := range in {
			if f := &in[j]; f.Verdict == Fail && w.permits(f) {
				f.Verdict, f.Waiver = Waived, w
			}
		}
	}
	return in
}

// putFinding adds a finding in place of the control's pass.
func putFinding(in []Finding, f Finding) []Finding {
	for i := range in {
		if in[i].Control == f.Control && in[i].Verdict == Pass {
			in[i] = f
			return in
		}
	}
	return append(in, f)
}

func whyDead(w *Waiver, in []Finding, now time.Time) string {
	if err := w.Allowed(now); err != nil {
		return "is not allowed: " + err.Error()
	}
	if w.Expired(now) {
		return "expired " + w.Expires.Format(time.DateOnly)
	}
	for i := range in {
		if (in[i].Verdict == Fail || in[i].Verdict == Waived) && w.Covers(in[i].Control.ID, in[i].At) {
			return ""
		}
	}
	return "permits nothing that fails"
}
