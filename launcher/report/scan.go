package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/gate"
)

// ScanSchema is the version of the JSON of what scanners found.
const ScanSchema = "zlaunch.dev/scan/v1"

// Scan is what scanners found of one image, as JSON.
type Scan struct {
	Schema   string        `json:"schema"`
	Image    scan.Image    `json:"image"`
	Scans    []ScanBy      `json:"scans"`
	Counts   []scan.Count  `json:"counts"`
	Findings []ScanFinding `json:"findings"`
	Against  []gate.Reason `json:"against,omitempty"` // what stands against the image, where that was asked
	Tool     string        `json:"-"`                 // zlaunch's version, for SARIF
}

// ScanBy is one scan without its findings.
type ScanBy struct {
	Tool     scan.Tool   `json:"tool"`
	Name     string      `json:"name,omitempty"` // of the image in the report
	Arch     string      `json:"arch,omitempty"`
	Scanned  *time.Time  `json:"scanned"`  // null: not told
	Built    *time.Time  `json:"db_built"` // null: not told
	Distro   scan.Distro `json:"distro"`
	Packages *int        `json:"packages"` // null: not told
	Findings int         `json:"findings"`
	Raw      string      `json:"raw"`
	Asserted bool        `json:"asserted"` // the report names no image
	Failed   string      `json:"failed,omitempty"`
	Partial  string      `json:"partial,omitempty"`
	Prison   *Prison     `json:"prison,omitempty"` // zlaunch ran it; absent: somebody else did
}

// Prison is how zlaunch ran a scanner.
type Prison = scan.Prison

// ScanFinding is a finding, and how bad it is by the order that was asked for.
type ScanFinding struct {
	Severity scan.Severity `json:"severity"`
	scan.Finding
}

// ScanWish is what of the findings is shown.
type ScanWish struct {
	Order    scan.Order
	Fixable  bool          // those alone that a newer version mends
	Severity scan.Severity // those that are so bad at least; "": all
}

// NewScan is a document of scans of one image.
func NewScan(image scan.Image, scans []*scan.Scan, wish ScanWish) Scan {
	out := Scan{Schema: ScanSchema, Image: image, Scans: []ScanBy{}, Counts: []scan.Count{}, Findings: []ScanFinding{}}
	var distro scan.Distro
	for _, s := range scans {
		if distro.ID == "" {
			distro = s.Distro
		}
		out.Scans = append(out.Scans, scanBy(s))
	}
	var shown []scan.Finding
	for _, f := range scan.Union(scans...) {
		level := wish.Order.Severity(&f, distro)
		if wish.Fixable && !f.Fixable() || wish.Severity != "" && !level.AtLeast(wish.Severity) {
			continue
		}
		shown = append(shown, f)
		out.Findings = append(out.Findings, ScanFinding{level, f})
	}
	slices.SortStableFunc(out.Findings, func(a, b ScanFinding) int {
		return slices.Index(scan.Severities(), a.Severity) - slices.Index(scan.Severities(), b.Severity)
	})
	out.Counts = append(out.Counts, scan.Counts(shown, wish.Order, distro)...)
	return out
}

func scanBy(s *scan.Scan) ScanBy {
	out := ScanBy{Tool: s.Tool, Name: s.Name, Arch: s.Arch, Distro: s.Distro, Findings: len(s.Findings), Raw: s.Raw,
		Asserted: s.Image.Asserted, Failed: s.Failed, Partial: s.Partial, Prison: s.Prison}
	if !s.Scanned.IsZero() {
		out.Scanned = &s.Scanned
	}
	if !s.Built.IsZero() {
		out.Built = &s.Built
	}
	if s.Packages != scan.Untold {
		out.Packages = &s.Packages
	}
	return out
}

// Text writes who scanned what, the findings, how many there are, and what stands against
// the image.
func (s Scan) Text(w io.Writer, on Screen) error {
	if err := s.head(w, on); err != nil {
		return err
	}
	t := table{columns: []column{{title: "SEVERITY", means: true}, {title: "ID", most: 20}, {title: "PACKAGE", most: 28}, {title: "INSTALLED", most: 20},
		{title: "FIXED IN", most: 20}, {title: "RATED", wraps: true, below: true}, {title: "SEEN BY", wraps: true, below: true}}}
	for i := range s.Findings {
		f := &s.Findings[i]
		t.add(string(f.Severity), f.Canonical(), f.Package, f.Installed, fixedIn(&f.Finding), rated(f.Ratings), strings.Join(f.Seen, ", ")+alsoKnown(&f.Finding))
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return s.Summary(w, on)
}

// Brief writes who scanned what and the summary.
func (s Scan) Brief(w io.Writer, on Screen) error {
	if err := s.head(w, on); err != nil {
		return err
	}
	return s.Summary(w, on)
}

// Summary writes how many findings there are, by who brings the package and how bad they
// are, and what stands against the image.
func (s Scan) Summary(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "VULN TYPE"}, {title: "SEVERITY", means: true}, {title: "COUNT"}}}
	for _, c := range s.Counts {
		t.add(strings.ToUpper(string(c.Class)), string(c.Severity), strconv.Itoa(c.Count))
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	return s.againstOf("", w, on)
}

// head writes of which image it is and who scanned it.
func (s Scan) head(w io.Writer, on Screen) error {
	var b strings.Builder
	b.WriteString(on.Hang("", Escape(s.Image.String())))
	for _, by := range s.Scans {
		b.WriteString(on.Hang("  ", Escape(by.String())))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// againstOf writes what stands against the image, which is who's.
func (s Scan) againstOf(who string, w io.Writer, on Screen) error {
	var b strings.Builder
	for _, r := range s.Against {
		b.WriteString("\n" + on.hang(on.Mean("refused")+": ", "         ", Escape(who+r.Text)))
		b.WriteString(on.hang("  "+on.Mean("hint")+": ", "        ", Escape(r.Hint)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (b ScanBy) String() string {
	parts := []string{b.Tool.String(), "scanned " + day(b.Scanned), "database of " + day(b.Built)}
	if b.Packages == nil {
		parts = append(parts, "packages not counted")
	} else {
		parts = append(parts, fmt.Sprintf("%d packages", *b.Packages))
	}
	if b.Distro.ID != "" {
		parts = append(parts, strings.TrimSpace(b.Distro.String()+" "+pick(b.Distro.Life == scan.Ended, "(at its end of life)", "")))
	}
	if p := b.Prison; p != nil {
		parts = append(parts, "as a prisoner, after "+p.Canary+" in a known-bad image")
	}
	if b.Asserted {
		parts = append(parts, "names no image itself")
	}
	for _, wrong := range []string{b.Failed, b.Partial} {
		if wrong != "" {
			parts = append(parts, "NOT USABLE: "+wrong)
		}
	}
	return strings.Join(parts, ", ")
}

func day(t *time.Time) string {
	if t == nil {
		return "an unknown day"
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}

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
