package report

import (
	"encoding/json"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// AuditSchema is the version of an audit's JSON; docs/schema/audit-v1.json
// describes it.
const AuditSchema = "zlaunch.dev/audit/v1"

// AuditDocument is an audit as JSON; see [Audit.JSON].
type AuditDocument struct {
	Schema    string           `json:"schema"`
	Tool      string           `json:"tool"`
	Catalogue string           `json:"catalogue"`
	Standard  StandardDocument `json:"standard"`
	Results   []ResultDocument `json:"results"`
	Notes     []string         `json:"notes"`
	Walked    []Walked         `json:"walked,omitempty"` // the directories among what was named
}

// StandardDocument is what was demanded.
type StandardDocument struct {
	Name   string         `json:"name"`
	Digest string         `json:"digest"`
	FailOn audit.Severity `json:"fail_on"`
}

// ResultDocument is one subject.
type ResultDocument struct {
	Subject  string            `json:"subject"`
	Kind     string            `json:"kind"`
	File     string            `json:"file"`
	Engine   string            `json:"engine"`
	Identity string            `json:"identity"`
	Complete bool              `json:"complete"`  // nothing is open
	Unread   bool              `json:"unread"`    // something runs there that nobody can read
	Score    json.Number       `json:"score"`     // 0.0 to 10.0, waived failures left out
	ScoreRaw json.Number       `json:"score_raw"` // with them
	Band     string            `json:"band"`
	Counts   Counts            `json:"counts"`
	Findings []FindingDocument `json:"findings"`
	Settings []SettingDocument `json:"settings"` // effective, redacted
	Drift    []DriftDocument   `json:"drift"`
	Absent   []audit.Known     `json:"absent"`
	Notes    []string          `json:"notes"`
}

// FindingDocument is one finding. What is empty says nothing.
type FindingDocument struct {
	Control     string             `json:"control"`
	Name        string             `json:"name"`
	Title       string             `json:"title"`
	Severity    audit.Severity     `json:"severity"`
	Verdict     audit.Verdict      `json:"verdict"`
	Setting     string             `json:"setting"` // "" is the whole subject
	Message     string             `json:"message"`
	Fix         string             `json:"fix"`
	Evidence    container.Evidence `json:"evidence"`
	Origin      []container.Origin `json:"origin"`
	References  []string           `json:"references"`
	Waiver      *WaiverDocument    `json:"waiver,omitempty"`
	State       audit.State        `json:"state,omitempty"`
	Words       []WordDocument     `json:"words"`
	Fingerprint string             `json:"fingerprint"`
}

// WaiverDocument is who permits a failure.
type WaiverDocument struct {
	Reason  string           `json:"reason"`
	Owner   string           `json:"owner"`
	Expires string           `json:"expires"` // YYYY-MM-DD; "" for this run only
	Setting string           `json:"setting"` // "" is every setting of the control
	Origin  container.Origin `json:"origin"`
	Decided bool             `json:"decided,omitempty"` // the profile decided it, and the launch makes up for it
}

// WordDocument is a word of a line or unit that decided a setting, masked.
type WordDocument struct {
	Index int    `json:"index"` // from 0
	Text  string `json:"text"`
	File  string `json:"file"` // "" is the subject's own
	Line  int    `json:"line"` // from 1; 0 for an argument vector
	Col   int    `json:"col"`  // from 1, in bytes; 0 for an argument vector
}

// SettingDocument is one known setting.
type SettingDocument struct {
	Setting  string             `json:"setting"`
	Value    any                `json:"value"`
	Evidence container.Evidence `json:"evidence"`
	Origin   []container.Origin `json:"origin"`
}

// DriftDocument is one setting that is not as planned; null stands for nothing.
type DriftDocument struct {
	Setting   string             `json:"setting"`
	Planned   any                `json:"planned"`
	Effective any                `json:"effective"`
	Evidence  container.Evidence `json:"evidence"`
}
