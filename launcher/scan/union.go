package scan

import "slices"

// Union is all that several scans of one image found, each finding once and marked with who
// saw it. What is said of the scans themselves stays with them.
func Union(scans ...*Scan) []Finding {
	var all []Finding
	for _, s := range scans {
		for _, f := range s.Findings {
			f.Ratings = slices.Clip(f.Ratings)
			all = append(all, f)
		}
	}
	return joined(namesOf(scans...), all)
}

// Fixable tells whether a newer version mends it. Where nobody knows, it does not count
// here; who judges by it counts [FixUnknown] as well.
func (f *Finding) Fixable() bool { return f.State == Fixed }

// Count is how many findings of one class are so bad.
type Count struct {
	Class    Class    `json:"class"`
	Severity Severity `json:"severity"`
	Count    int      `json:"count"`
}

// Counts counts findings of a distribution by class and severity, in this order, and leaves
// out what there is none of.
func Counts(in []Finding, o Order, d Distro) []Count {
	n := map[Count]int{}
	for i := range in {
		n[Count{Class: in[i].Class, Severity: o.Severity(&in[i], d)}]++
	}
	var out []Count
	for _, class := range []Class{Lang, OS} {
		for _, s := range severities {
			if k := (Count{Class: class, Severity: s}); n[k] > 0 {
				out = append(out, Count{class, s, n[k]})
			}
		}
	}
	return out
}
