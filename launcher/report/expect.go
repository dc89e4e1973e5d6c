package report

import (
	"encoding/json"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// ExpectSchema is the version of what a team expects of a profile.
const ExpectSchema = "zlaunch.dev/expect/v1"

// Expect is what a profile comes to on one architecture, whatever host it is run on. A
// team keeps it beside the profile, and a change of it is one that somebody saw.
type Expect struct {
	Schema   string                     `json:"schema"`
	Profile  string                     `json:"profile"`
	Arch     string                     `json:"arch"`
	Settings map[string]json.RawMessage `json:"settings"`
	Verdicts map[string]string          `json:"verdicts"` // by the id of each control that applies: the worst, and at which settings
}

// NewExpect makes it of the settings of a plan and of what every control says of that.
func NewExpect(profile, arch string, settings []Line, findings []audit.Finding) (Expect, error) {
	e := Expect{ExpectSchema, profile, arch, map[string]json.RawMessage{}, map[string]string{}}
	for _, l := range settings {
		value, err := json.Marshal(l.Value)
		if err != nil {
			return e, err
		}
		e.Settings[l.Setting.String()] = value
	}
	for id, j := range judgements(findings) {
		switch {
		case j.control.Judge == nil || j.verdict == audit.NotApplicable: // of the host, or of nothing here
		case j.verdict != audit.Pass && len(j.at) > 0:
			e.Verdicts[id] = j.verdict.String() + " at " + strings.Join(j.at, ", ")
		default:
			e.Verdicts[id] = j.verdict.String()
		}
	}
	return e, nil
}

// Text is the file, a line for each setting and verdict.
func (e Expect) Text() (string, error) {
	data, err := json.MarshalIndent(e, "", "  ")
	return string(data) + "\n", err
}
