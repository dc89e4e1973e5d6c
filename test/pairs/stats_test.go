package main

import (
	"slices"
	"testing"
)

func TestQuantileInterpolates(t *testing.T) {
	for _, c := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{nil, 0.5, 0},
		{[]float64{3}, 0.9, 3},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{10, 0}, 0.1, 1},
		{[]float64{1, 2, 3}, 1, 3},
	} {
		if got := quantile(c.values, c.q); got != c.want {
			t.Errorf("quantile(%v, %v) = %v, want %v", c.values, c.q, got, c.want)
		}
	}
}

func TestQuantileLeavesItsInputAlone(t *testing.T) {
	values := []float64{3, 1, 2}
	quantile(values, 0.5)
	if !slices.Equal(values, []float64{3, 1, 2}) {
		t.Errorf("the values are %v now", values)
	}
}

// One slow pair moves neither the ratio nor, among enough pairs, the spread.
func TestCompareIsDeafToOneOutlier(t *testing.T) {
	var ours, theirs []float64
	for range 20 {
		ours, theirs = append(ours, 3), append(theirs, 4)
	}
	ours[7] = 400
	r := compare(Result{}, ours, theirs)
	if r.Ratio != 0.75 || r.Low != 0.75 || r.High != 0.75 || r.Rounds != 20 {
		t.Errorf("got %+v", r)
	}
}

func TestCompareShowsTheSpread(t *testing.T) {
	r := compare(Result{}, []float64{1, 2, 3}, []float64{1, 1, 1})
	if r.Ratio != 2 || r.Low != 1.2 || r.High != 2.8 {
		t.Errorf("got %+v", r)
	}
}

func TestTurnsGoTheOtherWayRoundEverySecondRound(t *testing.T) {
	if got := turns(3, 0); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("first round: %v", got)
	}
	if got := turns(3, 1); !slices.Equal(got, []int{2, 1, 0}) {
		t.Errorf("second round: %v", got)
	}
}

func TestFieldReadsKilobytes(t *testing.T) {
	const rollup = "00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:   20480 kB\nPss:   10240 kB\nPss_Dirty: 9000 kB\n"
	if got := field(rollup, "Pss:"); got != 10240 {
		t.Errorf("Pss is %v", got)
	}
	if got := field(rollup, "Swap:"); got != 0 {
		t.Errorf("what is not there is %v", got)
	}
}
