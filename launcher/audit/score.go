package audit

import (
	"slices"
	"strings"
)

// weights is how much one failure exposes, in thousandths, by severity.
var weights = [...]int64{Info: 0, Low: 20, Medium: 100, High: 200, Critical: 850}

// Weight is how much one failure of a severity exposes, in thousandths.
func (s Severity) Weight() int64 { return weights[s] }

// Score is how exposed a spec is, in tenths from 0 to 100: 10·(1 − Π(1 − w)) over
// its failures, rounded up. A passing control changes nothing, one critical
// failure alone is 8.5, and no number of good habits hides it. Integer arithmetic
// gives every processor the same digits.
func Score(in []Finding, waived bool) int {
	const one = 1_000_000_000
	rest := int64(one)
	var count []*Finding
	for i, f := range in {
		if f.Verdict == Fail || waived && f.Verdict == Waived {
			count = append(count, &in[i])
		}
	}
	slices.SortStableFunc(count, func(a, b *Finding) int { return strings.Compare(a.Control.ID, b.Control.ID) })
	for _, f := range count {
		rest = rest * (1000 - weights[f.Severity]) / 1000
	}
	return int((100*(one-rest) + one - 1) / one)
}

// Band names a score; one critical failure makes any score the last. Where it is
// open whether a critical control fails, no good name is given.
func Band(in []Finding) string {
	if worst, ok := Worst(in, Fail); ok && worst == Critical {
		return "DANGEROUS"
	}
	score := Score(in, false)
	for _, b := range []struct {
		below int
		name  string
	}{{10, "HARDENED"}, {20, "GOOD"}, {50, "FAIR"}, {85, "WEAK"}} {
		if score < b.below {
			if worst, ok := Worst(in, Open); ok && worst == Critical && b.name != "WEAK" {
				return "UNKNOWN"
			}
			return b.name
		}
	}
	return "DANGEROUS"
}
