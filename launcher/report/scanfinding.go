package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// fixedIn is the version that mends a finding, or why there is none.
func fixedIn(f *scan.Finding) string {
	switch {
	case len(f.Fixed) > 0:
		return strings.Join(f.Fixed, ", ")
	case f.State == scan.Fixed:
		return "a newer one"
	case f.State == scan.WontFix:
		return "won't fix"
	case f.State == scan.NotFixed:
		return "-"
	}
	return "?"
}

// rated is what every source says of a finding: each level once, with the highest score.
func rated(in []scan.Rating) string {
	var out []string
	for i, r := range in {
		said := func(o scan.Rating) bool { return o.Source == r.Source && o.Level == r.Level }
		if slices.ContainsFunc(in[:i], said) {
			continue
		}
		score := 0.0
		for _, o := range in[i:] {
			if said(o) {
				score = max(score, o.Score)
			}
		}
		text := r.Source + " " + string(r.Level)
		if score > 0 {
			text += " " + strconv.FormatFloat(score, 'f', 1, 64)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// alsoKnown is what is known of a finding beside how bad it is.
func alsoKnown(f *scan.Finding) string {
	out := ""
	if f.KEV {
		out += "; exploited (KEV)"
	}
	if f.EPSS > 0 {
		out += fmt.Sprintf("; EPSS %.1f%%", f.EPSS*100)
	}
	if f.VEX != nil {
		out += "; VEX " + strings.TrimSpace(f.VEX.Status+" "+f.VEX.Justification)
	}
	return out
}
