package feeds

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// word is one statement of one document.
type word struct {
	of *VEX
	*statement
}

// MarkVEX gives the findings of a scan what documents say of them, all together: what was said
// last counts, whichever document says it, see [scan.Latest].
func MarkVEX(s *scan.Scan, documents ...*VEX) {
	about := map[string][]word{} // by each name of the vulnerability
	for _, v := range documents {
		for i := range v.statements {
			for _, name := range v.statements[i].names {
				about[name] = append(about[name], word{v, &v.statements[i]})
			}
		}
	}
	for i := range s.Findings {
		if f := &s.Findings[i]; len(about) > 0 {
			f.VEX = said(s.Image, f, about)
		}
	}
}

// said is what statements say of a finding as a whole: of each of its vulnerabilities what counts,
// and of these what silences least. Where nothing is said of one, nothing silences it.
func said(image scan.Image, f *scan.Finding, about map[string][]word) *scan.VEX {
	var out []*scan.VEX
	for _, part := range f.Parts() {
		var words []*scan.VEX
		for _, name := range part {
			for _, w := range about[name] {
				if slices.ContainsFunc(w.products, func(p product) bool { return p.covers(image, f, w.status) }) {
					words = append(words, w.vex())
				}
			}
		}
		out = append(out, scan.Latest(words...))
	}
	return scan.Together(out...)
}

// vex is the word as it is noted. A statement without a time is of its document's.
func (w word) vex() *scan.VEX {
	at := w.said
	if at.IsZero() {
		at = w.of.said
	}
	return &scan.VEX{Status: w.status, Justification: w.justification, Author: w.of.Author, Document: w.of.ID, Said: at}
}
