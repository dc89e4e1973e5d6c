package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// tolerance is how much worse than recorded a ratio may be.
const tolerance = 1.2

// check holds what was measured now against what is recorded, in the topics that
// only matches. What looks worse is measured again: a neighbour's work must not
// look like a regression.
func check(recorded, now []Result, only *regexp.Regexp, again func(*regexp.Regexp) ([]Result, error)) error {
	if len(recorded) == 0 {
		return fmt.Errorf("reading %s: nothing is recorded: make bench", recordFile)
	}
	regressed, missing := worse(recorded, now, only)
	if len(regressed) > 0 && len(missing) == 0 {
		topics := topicsOf(regressed)
		second, err := again(topics)
		if err != nil {
			return err
		}
		regressed, missing = worse(keep(recorded, regressed), second, topics)
	}
	return regression(recorded, regressed, missing)
}

// keep is those of all that some has as well.
func keep(all, some []Result) []Result {
	var out []Result
	for _, r := range all {
		if slices.ContainsFunc(some, func(s Result) bool { return s.key() == r.key() }) {
			out = append(out, r)
		}
	}
	return out
}

// worse lists the results of now that are worse than recorded, and those recorded
// that only covers and now lacks.
func worse(recorded, now []Result, only *regexp.Regexp) (regressed []Result, missing []string) {
	found := map[string]Result{}
	for _, r := range now {
		found[r.key()] = r
	}
	for _, old := range recorded {
		r, ok := found[old.key()]
		switch {
		case !only.MatchString(old.Topic):
		case !ok:
			missing = append(missing, old.key())
		case r.Ratio > old.Ratio*tolerance:
			regressed = append(regressed, r)
		}
	}
	return regressed, missing
}

// topicsOf matches the topics of results and no others.
func topicsOf(results []Result) *regexp.Regexp {
	var names []string
	for _, r := range results {
		names = append(names, regexp.QuoteMeta(r.Topic))
	}
	return regexp.MustCompile("^(" + strings.Join(names, "|") + ")$")
}

// regression says what got worse, as an error; nil when nothing did.
func regression(recorded, regressed []Result, missing []string) error {
	var lines []string
	for _, r := range regressed {
		for _, old := range recorded {
			if old.key() == r.key() {
				lines = append(lines, fmt.Sprintf("%s: %.2f, recorded %.2f", r.key(), r.Ratio, old.Ratio))
			}
		}
	}
	for _, key := range missing {
		lines = append(lines, key+": recorded, and not measured any more")
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("more than %.0f %% worse than recorded:\n  %s", (tolerance-1)*100, strings.Join(lines, "\n  "))
}
