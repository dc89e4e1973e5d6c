package scan

import (
	"slices"
	"strings"
)

// What two scans differ in.
const (
	Scanners = "scanners" // two tools, one image: what gives?
	Dates    = "dates"    // one tool, one image
	Images   = "images"
)

// Changes of a finding between two scans.
const (
	Gone      = "fixed"     // the second does not have it
	New       = "new"       // the first does not have it
	Remaining = "remaining" // both have it, and say the same
	Differs   = "differs"   // both have it and rate it, or its mend, differently
)

// Difference is what two scans say differently.
type Difference struct {
	Kind    string   `json:"kind"` // scanners, dates, images
	A       Side     `json:"a"`
	B       Side     `json:"b"`
	Changes []Change `json:"changes"`
}

// Side is one of the two scans.
type Side struct {
	Image    Image  `json:"image"`
	Tools    []Tool `json:"tools"`
	Findings int    `json:"findings"`
}

// Change is one finding in two scans.
type Change struct {
	State   string `json:"state"`
	ID      string `json:"id"`
	Package string `json:"package"`
	Class   Class  `json:"class"`
	A       *Said  `json:"a,omitempty"`
	B       *Said  `json:"b,omitempty"`
}

// Said is what one scan says of a finding.
type Said struct {
	Installed string   `json:"installed,omitempty"`
	Fixed     []string `json:"fixed,omitempty"`
	State     FixState `json:"fix"`
	Severity  Severity `json:"severity"`
	Ratings   []Rating `json:"ratings,omitempty"`
}

// Compare says what two sets of scans, each of one image, differ in. A finding is the same
// where vulnerability and package are, whichever version is installed: a package that was
// upgraded and is still vulnerable is not mended.
func Compare(a, b []*Scan, o Order) Difference {
	n := namesOf(slices.Concat(a, b)...)
	d := Difference{Kind: kindOf(a, b), A: sideOf(a), B: sideOf(b), Changes: []Change{}}
	old, now := byName(n, a), byName(n, b)
	d.A.Findings, d.B.Findings = len(old.keys), len(now.keys)
	for _, k := range old.keys {
		d.Changes = append(d.Changes, change(k, said(old.of[k], o, distroOf(a)), said(now.of[k], o, distroOf(b)), old.of[k]))
	}
	for _, k := range now.keys {
		if old.of[k] == nil {
			d.Changes = append(d.Changes, change(k, nil, said(now.of[k], o, distroOf(b)), now.of[k]))
		}
	}
	slices.SortStableFunc(d.Changes, func(x, y Change) int {
		return slices.Compare([]string{x.Package, x.ID, string(x.Class)}, []string{y.Package, y.ID, string(y.Class)})
	})
	return d
}

func kindOf(a, b []*Scan) string {
	switch {
	case len(a) > 0 && len(b) > 0 && !a[0].Image.Same(b[0].Image):
		return Images
	case slices.Equal(toolNames(a), toolNames(b)):
		return Dates
	}
	return Scanners
}

func toolNames(in []*Scan) []string {
	var out []string
	for _, s := range in {
		out = append(out, s.Tool.Name)
	}
	return distinct(out)
}

func sideOf(in []*Scan) Side {
	out := Side{Tools: []Tool{}}
	for _, s := range in {
		out.Image, out.Tools = s.Image, append(out.Tools, s.Tool)
	}
	return out
}

// distroOf is the distribution that any of the scans saw.
func distroOf(in []*Scan) Distro {
	for _, s := range in {
		if s.Distro.ID != "" {
			return s.Distro
		}
	}
	return Distro{}
}

// named are findings by key without the version.
type named struct {
	keys []Key
	of   map[Key]*Finding
}

func byName(n names, in []*Scan) named {
	out := named{of: map[Key]*Finding{}}
	for _, s := range in {
		for _, f := range s.Findings {
			k := f.key(n)
			k.Installed = ""
			if known := out.of[k]; known != nil {
				known.take(&f)
				continue
			}
			out.keys, out.of[k] = append(out.keys, k), &f
		}
	}
	return out
}

func said(f *Finding, o Order, d Distro) *Said {
	if f == nil {
		return nil
	}
	return &Said{Installed: f.Installed, Fixed: f.Fixed, State: f.State, Severity: o.Severity(f, d), Ratings: f.Ratings}
}

func change(k Key, a, b *Said, f *Finding) Change {
	c := Change{State: Remaining, ID: k.ID, Package: k.Package, Class: f.Class, A: a, B: b}
	switch {
	case a == nil:
		c.State = New
	case b == nil:
		c.State = Gone
	case a.Severity != b.Severity || a.State != b.State:
		c.State = Differs
	}
	return c
}

// ToolsOr names the tools of a side, or says that there are none.
func (s Side) ToolsOr(none string) string {
	var out []string
	for _, t := range s.Tools {
		out = append(out, t.Name)
	}
	if len(out) == 0 {
		return none
	}
	return strings.Join(out, " and ")
}
