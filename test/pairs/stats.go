package main

import "slices"

// Result is one comparison, measured. Ratio is what zlaunch took over what the
// other side took: below 1 is less.
type Result struct {
	Topic   string  `json:"topic"`
	What    string  `json:"what"`
	Against string  `json:"against"`
	Fair    string  `json:"fair"`
	Ratio   float64 `json:"ratio"`
	Low     float64 `json:"low"`  // a tenth of the pairs is below
	High    float64 `json:"high"` // a tenth of the pairs is above
	Rounds  int     `json:"rounds"`
	Aim     float64 `json:"aim,omitempty"` // the ratio is to be at most this; 0: no aim
}

// key is what a result is found again by.
func (r Result) key() string { return r.Topic + ": " + r.What + " / " + r.Against }

func (r Result) missed() bool { return r.Aim > 0 && r.Ratio > r.Aim }

// compare makes a result of two series whose i-th values were measured beside each
// other: the ratio of their medians, and how far the ratios of single pairs spread.
func compare(r Result, ours, theirs []float64) Result {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i] / theirs[i]
	}
	r.Ratio, r.Low, r.High = median(ours)/median(theirs), quantile(ratios, 0.1), quantile(ratios, 0.9)
	r.Rounds = len(ours)
	return r
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile interpolates between the two values around the place q of the sorted
// values; without values it is 0.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
