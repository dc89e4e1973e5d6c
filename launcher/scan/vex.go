package scan

import (
	"slices"
	"time"
)

// VEX is what the supplier of an image says of a finding.
type VEX struct {
	Status        string    `json:"status"` // not_affected, fixed, affected, under_investigation
	Justification string    `json:"justification,omitempty"`
	Author        string    `json:"author,omitempty"`
	Document      string    `json:"document,omitempty"`
	Said          time.Time `json:"said,omitzero"` // zero: not told
}

// Silences tells whether the word takes a finding out of judgement.
func (v *VEX) Silences() bool {
	return v != nil && (v.Status == "not_affected" && v.Justification != "" || v.Status == "fixed")
}

// Suppressed tells whether the supplier's word takes the finding out of judgement. None does
// of what is known to be exploited: only a waiver, which somebody answers for.
func (f *Finding) Suppressed() bool { return f.VEX.Silences() && !f.KEV }

// silence orders words, from those that silence least.
func (v *VEX) silence() int {
	switch {
	case v.Silences():
		return 2
	case v.Status == "affected":
		return 0
	}
	return 1
}

// LeastSilent is the word that silences least, the first of several; nil where there is none.
func LeastSilent(words ...*VEX) (out *VEX) {
	for _, v := range words {
		if v != nil && (out == nil || v.silence() < out.silence()) {
			out = v
		}
	}
	return out
}

// Together is the word on several things that are one finding, by the words on each: the one that
// silences least. Where nothing is said of one, which is nil, nothing silences them.
func Together(words ...*VEX) *VEX {
	least := LeastSilent(words...)
	if least.Silences() && slices.Contains(words, nil) {
		return nil
	}
	return least
}

// Latest is the word that counts of several on one vulnerability: the one that was said last.
// Where several were, or some do not tell when, it is the one of these that silences least.
func Latest(words ...*VEX) *VEX {
	var last time.Time
	for _, v := range words {
		if v != nil && v.Said.After(last) {
			last = v.Said
		}
	}
	return LeastSilent(slices.DeleteFunc(slices.Clone(words), func(v *VEX) bool {
		return v == nil || !v.Said.IsZero() && !v.Said.Equal(last)
	})...)
}
