package main

import (
	"regexp"
	"strings"
	"testing"
)

var (
	everything = regexp.MustCompile("")
	before     = []Result{{Topic: "plan", What: "a", Against: "x", Ratio: 1}, {Topic: "audit", What: "b", Against: "x", Ratio: 2}}
)

// measured answers a second measurement, and counts.
func measured(results []Result, times *int) func(*regexp.Regexp) ([]Result, error) {
	return func(*regexp.Regexp) ([]Result, error) {
		*times++
		return results, nil
	}
}

func changed(ratio float64) []Result {
	return []Result{{Topic: "plan", What: "a", Against: "x", Ratio: ratio}, before[1]}
}

func TestCheckAllowsTwentyPercent(t *testing.T) {
	times := 0
	if err := check(before, changed(1.19), everything, measured(nil, &times)); err != nil || times != 0 {
		t.Errorf("%v, %d measurements more", err, times)
	}
}

func TestCheckFailsWhatIsWorseTwice(t *testing.T) {
	times := 0
	err := check(before, changed(1.3), everything, measured(changed(1.25), &times))
	if err == nil || !strings.Contains(err.Error(), "plan: a / x: 1.25, recorded 1.00") || strings.Contains(err.Error(), "audit") || times != 1 {
		t.Errorf("%v, %d measurements more", err, times)
	}
}

func TestCheckForgivesWhatIsWorseOnce(t *testing.T) {
	times := 0
	if err := check(before, changed(3), everything, measured(changed(1), &times)); err != nil || times != 1 {
		t.Errorf("%v, %d measurements more", err, times)
	}
}

func TestCheckMissesWhatIsNotMeasured(t *testing.T) {
	times := 0
	err := check(before, before[1:], everything, measured(nil, &times))
	if err == nil || !strings.Contains(err.Error(), "not measured any more") {
		t.Error(err)
	}
	if err := check(before, before[1:], regexp.MustCompile("audit"), measured(nil, &times)); err != nil {
		t.Errorf("what was not asked for: %v", err)
	}
}

func TestCheckWantsARecord(t *testing.T) {
	if err := check(nil, before, everything, nil); err == nil {
		t.Error("nothing recorded, and no error")
	}
}
