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
	all      int           // how many findings there are, shown or not
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
	// KEV is the catalogue of exploited vulnerabilities that it was held against; absent: none.
	KEV *scan.Catalogue `json:"kev,omitempty"`
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
	all := scan.Union(scans...)
	out.all = len(all)
	for _, f := range all {
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
		Asserted: s.Image.Asserted, Failed: s.Failed, Partial: s.Partial, Prison: s.Prison, KEV: s.KEV}
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
	if len(s.Findings) == 0 {
		return s.Summary(w, on)
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
	if len(s.Counts) == 0 {
		if _, err := io.WriteString(w, s.none()+"\n"); err != nil {
			return err
		}
		return s.againstOf("", w, on)
	}
	t := table{columns: []column{{title: "VULN TYPE"}, {title: "SEVERITY", means: true}, {title: "COUNT"}}}
	for _, c := range s.Counts {
		t.add(strings.ToUpper(string(c.Class)), string(c.Severity), strconv.Itoa(c.Count))
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	return s.againstOf("", w, on)
}

// none says what it means that no finding is shown.
func (s Scan) none() string {
	counts := 0
	for _, by := range s.Scans {
		counts += pick(by.Failed == "" && by.Partial == "", 1, 0)
	}
	switch {
	case s.all > 0:
		return fmt.Sprintf("Nothing as asked, among %s.", Plural(s.all, "finding"))
	case counts == 0:
		return "No scan says what there is to find."
	case counts < len(s.Scans):
		return fmt.Sprintf("No findings by %d of %s; the others do not count.", counts, Plural(len(s.Scans), "scan"))
	}
	return "No findings."
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
		parts = append(parts, Plural(*b.Packages, "package"))
	}
	if b.Distro.ID != "" {
		parts = append(parts, strings.TrimSpace(b.Distro.String()+" "+pick(b.Distro.Life == scan.Ended, "(at its end of life)", "")))
	}
	if p := b.Prison; p != nil {
		parts = append(parts, "as a prisoner, after "+p.Canary+" in a known-bad image")
	}
	if b.KEV != nil {
		parts = append(parts, "exploited ones by a catalogue of "+b.KEV.Released.UTC().Format(time.DateOnly))
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
