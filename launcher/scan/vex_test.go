package scan

import (
	"testing"
	"time"
)

// words of suppliers, from the first that was said to the last, and one of each that tells no time.
var (
	day      = func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	clears   = &VEX{Status: "not_affected", Justification: "component_not_present", Said: day(1)}
	affected = &VEX{Status: "affected", Said: day(2)}
	mended   = &VEX{Status: "fixed", Said: day(3)}
	looking  = &VEX{Status: "under_investigation", Said: day(2)}
	undated  = &VEX{Status: "affected"}
	looks0   = &VEX{Status: "under_investigation"}
	clear0   = &VEX{Status: "not_affected", Justification: "component_not_present"}
)

// The last word counts; where there is no last one, that which silences least, in any order.
func TestLatest(t *testing.T) {
	for name, c := range map[string]struct {
		words []*VEX
		want  *VEX
	}{
		"none": {nil, nil}, "one": {[]*VEX{clears}, clears}, "nothing and one": {[]*VEX{nil, clears}, clears}, "one without a time": {[]*VEX{clear0}, clear0},
		"the later affects": {[]*VEX{affected, clears}, affected}, "the later mends": {[]*VEX{clears, affected, mended}, mended},
		"at one time": {[]*VEX{looking, affected}, affected}, "without a time": {[]*VEX{mended, undated}, undated}, "without a time, that silences": {[]*VEX{affected, clear0}, affected},
		"an old one does not count beside one without a time": {[]*VEX{affected, mended, looks0}, looks0},
	} {
		for range c.words {
			if got := Latest(c.words...); got != c.want {
				t.Errorf("%s: %+v of %+v", name, got, c.words)
			}
			c.words = append(c.words[1:], c.words[0])
		}
		if len(c.words) == 0 && Latest() != c.want {
			t.Error(name)
		}
	}
}

// Of two tools' findings the word that silences least stays, and none silences one of which it
// was not said, nor what is known to be exploited.
func TestLeastSilent(t *testing.T) {
	with := func(v *VEX, kev bool) Finding {
		f := finding("CVE-1", "p")
		f.VEX, f.KEV = v, kev
		return f
	}
	for name, c := range map[string]struct {
		a, b       Finding
		suppressed bool
	}{
		"one word": {with(clears, false), with(nil, false), false}, "two that silence": {with(clears, false), with(mended, false), true},
		"one that affects": {with(clears, false), with(affected, false), false}, "though it is older": {with(mended, false), with(affected, false), false},
		"one that looks": {with(mended, false), with(looking, false), false}, "exploited": {with(clears, false), with(nil, true), false}, "exploited itself": {with(clears, true), with(nil, false), false},
	} {
		for _, pair := range [][2]Finding{{c.a, c.b}, {c.b, c.a}} {
			all := Union(scanOf(t, "trivy", pair[0]), scanOf(t, "grype", pair[1]))
			if len(all) != 1 || all[0].Suppressed() != c.suppressed {
				t.Errorf("%s: %+v", name, all)
			}
		}
	}
}

// What is read again keeps what was noted, but for what silences.
func TestRemember(t *testing.T) {
	old, now := finding("CVE-1", "p"), finding("CVE-1", "p")
	old.KEV, old.EPSS = true, 0.5
	for name, c := range map[string]struct{ before, given, want *VEX }{
		"a silence is not kept": {clears, nil, nil}, "a word against it is": {affected, nil, affected}, "a later one counts": {affected, mended, mended}, "an earlier one does not": {affected, clears, affected},
	} {
		old.VEX, now.VEX = c.before, c.given
		before, s := scanOf(t, "trivy", old), scanOf(t, "trivy", now, finding("CVE-2", "p"))
		before.KEV = &Catalogue{Released: day(9)}
		s.Remember(before)
		if f := s.Findings[0]; !f.KEV || f.EPSS != 0.5 || f.VEX != c.want || s.KEV != nil || s.Findings[1].KEV {
			t.Errorf("%s: %+v", name, f)
		}
	}
	s, newer := scanOf(t, "trivy", now), &Catalogue{Released: day(10)}
	before := scanOf(t, "trivy", old)
	before.KEV = &Catalogue{Released: day(9)}
	if s.Remember(before); s.KEV != before.KEV {
		t.Error("the catalogue of all that was found is forgotten")
	}
	s.KEV, before.KEV = newer, nil
	if s.Remember(before); s.KEV != newer {
		t.Error("a catalogue was forgotten")
	}
	before.KEV = &Catalogue{Released: day(9)}
	if s.Remember(before); s.KEV != newer {
		t.Error("an older catalogue counts")
	}
}

// Two scans of one report, kept by two digests of its image, are the worst of both.
func TestScanJoined(t *testing.T) {
	marked := finding("CVE-1", "p")
	marked.KEV, marked.VEX = true, affected
	silenced := finding("CVE-1", "p")
	silenced.VEX = clears
	a, b := scanOf(t, "ecr", silenced), scanOf(t, "ecr", marked)
	a.Scanned, b.Scanned, b.KEV, b.Partial = day(2), day(1), &Catalogue{Released: day(9)}, "more pages"
	for _, got := range []*Scan{a.Joined(b), b.Joined(a)} {
		if f := got.Findings; len(f) != 1 || !f[0].KEV || f[0].VEX != affected || got.KEV != b.KEV || !got.Scanned.Equal(day(1)) || got.Partial == "" {
			t.Errorf("%+v", got)
		}
	}
	if a.KEV != nil || a.Findings[0].KEV {
		t.Error("joining changed a scan")
	}
}
