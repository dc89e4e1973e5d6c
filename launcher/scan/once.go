package scan

import (
	"cmp"
	"time"
)

// Catalogue is a list of exploited vulnerabilities that a scan was held against.
type Catalogue struct {
	Released time.Time `json:"released"`          // its day, as it says itself
	Version  string    `json:"version,omitempty"` // as it says itself
	Digest   string    `json:"digest"`            // "sha256:…" of the file
}

// later is the catalogue of the later day; either may be nil.
func later(a, b *Catalogue) *Catalogue {
	if a == nil || b != nil && b.Released.After(a.Released) {
		return b
	}
	return a
}

// Remember takes over what was noted with an earlier scan from the same report. That a
// vulnerability is exploited, or that its supplier called the image affected, is not lost where a
// report is read again without the file that said so; what silences a finding is.
func (s *Scan) Remember(earlier *Scan) {
	n := namesOf(s, earlier)
	before := make(map[Key]*Finding, len(earlier.Findings))
	for i := range earlier.Findings {
		before[earlier.Findings[i].key(n)] = &earlier.Findings[i]
	}
	whole := true
	for i := range s.Findings {
		f := &s.Findings[i]
		old := before[f.key(n)]
		if old == nil {
			whole = false // it was held against no catalogue
			continue
		}
		f.KEV, f.EPSS = f.KEV || old.KEV, cmp.Or(f.EPSS, old.EPSS)
		if !old.VEX.Silences() {
			f.VEX = Latest(f.VEX, old.VEX)
		}
	}
	if whole {
		s.KEV = later(s.KEV, earlier.KEV)
	}
}

// Joined is one scan of two from the same report, kept at different times: the worst of both.
func (s *Scan) Joined(o *Scan) *Scan {
	out := *s
	out.Findings = Union(s, o)
	out.KEV = later(s.KEV, o.KEV)
	out.Scanned, out.Built = earlier(s.Scanned, o.Scanned), earlier(s.Built, o.Built)
	out.Failed, out.Partial = cmp.Or(s.Failed, o.Failed), cmp.Or(s.Partial, o.Partial)
	return &out
}

// earlier is the earlier of two times that are told.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
