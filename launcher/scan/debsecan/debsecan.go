// Package debsecan reads what debsecan prints: its summary, which is what it prints unless
// told otherwise, and --format detail.
//
// It names no image and no day, says nothing where it finds nothing, and knows which version
// mends a vulnerability only with --suite.
package debsecan

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Name is the tool's.
const Name = "debsecan"

// maxLine bounds a line in bytes; descriptions are cut by Debian's tracker at some 100.
const maxLine = 64 << 10

var (
	// header is a vulnerability: "CVE-2024-1 (fixed, high urgency)", with the package in a summary.
	header = lazyregexp.New(`^((?:CVE|TEMP|DSA|DTSA|DLA)-[0-9A-Fa-f-]+)(?: ([a-z0-9][a-z0-9+.-]*))?(?: \(([a-z ,-]+)\))?$`)
	detail = lazyregexp.New(`^  installed: ([a-z0-9][a-z0-9+.-]*) (\S+)$`)
	built  = lazyregexp.New(`^             \(built from ([a-z0-9][a-z0-9+.-]*) (\S+)\)$`)
)

// Begins tells whether a line can be the first of a report.
func Begins(line string) bool { return header().MatchString(strings.TrimRight(line, "\r")) }

// Read reads one report. One without a line is an error: so prints debsecan where it found
// nothing, and so does whatever did not run at all.
func Read(r io.Reader) (*scan.Scan, error) {
	d := &reader{scan: &scan.Scan{Tool: scan.Tool{Name: Name}, Packages: scan.Untold, Distro: scan.Distro{ID: "debian"}}}
	whole := &io.LimitedReader{R: r, N: scan.MaxReport}
	lines := bufio.NewScanner(whole)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		if err := d.line(lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	err := lines.Err()
	if whole.N <= 0 {
		err = fmt.Errorf("more than %d bytes", scan.MaxReport)
	}
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", n, err)
	}
	return d.scan, nil
}

// reader is one report on its way.
type reader struct {
	scan     *scan.Scan
	findings []scan.Finding
	at       *scan.Finding // that a detail is about; nil between them
	told     int           // lines of that detail
	suite    bool          // a suite was given, so that what is not fixed is known not to be
}

func (d *reader) line(line string) error {
	m := header().FindStringSubmatch(line)
	switch {
	case m != nil && d.at == nil:
		return d.begin(m)
	case d.at == nil:
		return errors.New("neither a vulnerability nor the detail of one")
	case line == "":
		if d.at.Package == "" {
			return errors.New("a detail ends that names no package")
		}
		d.at = nil
	case !strings.HasPrefix(line, "  "):
		return errors.New("a detail does not end")
	default:
		d.tell(line)
	}
	return nil
}

// begin takes in a vulnerability.
func (d *reader) begin(m []string) error {
	if len(d.findings) >= scan.MaxFindings {
		return fmt.Errorf("more than %d findings", scan.MaxFindings)
	}
	f := scan.Finding{ID: m[1], Package: m[2], Class: scan.OS}
	notes := strings.Split(m[3], ", ")
	if slices.Contains(notes, "fixed") {
		f.State, d.suite = scan.Fixed, true
	}
	label := ""
	for _, note := range notes {
		if word, ok := strings.CutSuffix(note, " urgency"); ok {
			label = word
		}
	}
	f.Ratings = []scan.Rating{scan.NewRating(Name, label, "", 0)}
	d.findings = append(d.findings, f)
	if m[2] == "" {
		d.at, d.told = &d.findings[len(d.findings)-1], 0
	}
	return nil
}

// tell takes in a line of a detail. The first is the description, which others wrote: it
// could look like any of the rest.
func (d *reader) tell(line string) {
	if d.told++; d.told == 1 {
		return
	}
	if m := detail().FindStringSubmatch(line); m != nil && d.at.Package == "" {
		d.at.Package, d.at.Installed = m[1], m[2]
		d.at.PURL = scan.PURL("deb", "debian", m[1], m[2])
	} else if m := built().FindStringSubmatch(line); m != nil && d.at.Package != "" {
		d.at.Source = m[1]
	}
}

// end makes the scan of what was read.
func (d *reader) end() error {
	switch {
	case d.at != nil:
		return errors.New("it ends in the middle of a detail")
	case len(d.findings) == 0:
		return errors.New("there is no line, and so nothing shows that debsecan ran")
	}
	var found scan.Collector
	for _, f := range d.findings {
		if f.PURL == "" {
			f.PURL = scan.PURL("deb", "debian", f.Package, "")
		}
		if f.State == "" && d.suite {
			f.State = scan.NotFixed
		}
		if err := found.Add(f); err != nil {
			return err
		}
	}
	return found.Into(d.scan)
}
