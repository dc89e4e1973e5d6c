package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// notice is how many days ahead a waiver's end is told: a run stops at it.
const notice = 14

// expiring says of each waiver that ends soon, or has ended, how long it holds, and where
// it stands; each once, in the order of its end.
func expiring(in []audit.Waiver, now time.Time) []string {
	in = slices.DeleteFunc(slices.Clone(in), func(w audit.Waiver) bool {
		return w.Expires.IsZero() || w.DaysLeft(now) > notice
	})
	slices.SortStableFunc(in, func(a, b audit.Waiver) int { return a.Expires.Compare(b.Expires) })
	var out []string
	for _, w := range in {
		left := fmt.Sprintf("expires in %d days, after", w.DaysLeft(now))
		switch days := w.DaysLeft(now); {
		case days < 0:
			left = "expired after"
		case days == 0:
			left = "expires today,"
		case days == 1:
			left = "expires tomorrow,"
		}
		at := w.Control
		if w.At != "" {
			at += " at " + w.At
		}
		line := fmt.Sprintf("the waiver of %s %s %s; it stands in %s", report.Escape(at), left, w.Expires.Format(time.DateOnly), report.Escape(w.Origin.String()))
		if w.Owner != "" {
			line += ", owner " + report.Escape(w.Owner)
		}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// warnExpiring says it on standard error.
func (s *stdio) warnExpiring(in []audit.Waiver) {
	for _, line := range expiring(in, time.Now()) {
		s.note("warning: %s", line)
	}
}

// waiversOf are those of all profiles that can be used.
func waiversOf(all []profile.Summary) []audit.Waiver {
	var out []audit.Waiver
	for _, p := range all {
		out = append(out, p.Waivers...)
	}
	return out
}
