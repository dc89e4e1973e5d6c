package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// State is a finding beside a baseline: what was accepted before.
type State string

// The states, in SARIF's words.
const (
	New       State = "new"
	Unchanged State = "unchanged"
	Absent    State = "absent" // in the baseline, and no longer found
)

// Known is one finding of a baseline.
type Known struct {
	Fingerprint string   `json:"fingerprint"`
	Control     string   `json:"control"`
	Subject     string   `json:"subject"`
	Setting     string   `json:"setting,omitempty"`
	Severity    Severity `json:"severity"`
}

// Fingerprint names a finding of a subject: the control, the subject with the
// file or name it stands in, the setting, the severity, and the message, which
// holds the offending values, secrets masked. A graver failure of the same setting
// is another finding, and so is one more capability in a list, or a like finding in
// another file. Line numbers are no part of it, so that it outlives an edit.
func Fingerprint(subject string, f Finding) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%s", f.Control.ID, subject, f.At, f.Severity, container.MaskText(f.Message)))
	return hex.EncodeToString(sum[:16])
}

// Snapshot is the baseline of what fails in a subject.
func Snapshot(subject string, in []Finding) []Known {
	var out []Known
	for _, f := range in {
		if f.Verdict == Fail {
			out = append(out, Known{Fingerprint(subject, f), f.Control.ID, subject, f.At.String(), f.Severity})
		}
	}
	return out
}

// Merge adds now to a baseline: findings of the subjects that now is about are
// replaced, those of others stay.
func Merge(old, now []Known, subjects []string) []Known {
	again := map[string]bool{}
	for _, s := range subjects {
		again[s] = true
	}
	out := slices.DeleteFunc(slices.Clone(old), func(k Known) bool { return again[k.Subject] })
	out = append(out, now...)
	slices.SortFunc(out, func(a, b Known) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Setting, b.Setting), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return slices.Compact(out)
}

// Compare gives every failure of a subject its state beside a baseline, and
// returns what the baseline knows of the subject that is no longer there. A
// critical failure stays new: a baseline permits no more than a waiver may.
func Compare(subject string, in []Finding, baseline []Known) (absent []Known) {
	found := map[string]bool{}
	known := map[string]bool{}
	for _, k := range baseline {
		known[k.Fingerprint] = true
	}
	for i := range in {
		if in[i].Verdict != Fail {
			continue
		}
		print := Fingerprint(subject, in[i])
		found[print] = true
		in[i].State = New
		if known[print] && in[i].Severity < Critical {
			in[i].State = Unchanged
		}
	}
	for _, k := range baseline {
		if k.Subject == subject && !found[k.Fingerprint] {
			absent = append(absent, k)
		}
	}
	return absent
}
