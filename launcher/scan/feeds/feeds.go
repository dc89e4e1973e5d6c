// Package feeds reads what is known of vulnerabilities beside scans, from files that somebody
// fetched: which are exploited (CISA's catalogue, KEV), how likely that is (FIRST's EPSS), and
// what the supplier of an image says of them (OpenVEX).
//
// Every file is hostile until it was read as a whole: bounded, of a version that is known,
// and refused where anything in it is not what its format says.
package feeds

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

const (
	// maxFile bounds a file in bytes; that of EPSS has some 15 MB, of 300,000 CVEs.
	maxFile = 256 << 20
	// maxCVEs is how many vulnerabilities a file tells of.
	maxCVEs = 2_000_000
)

// KEV are the vulnerabilities that are known to be exploited.
type KEV struct {
	scan.Catalogue
	cves map[string]bool
}

// ahead tells whether a time is to come: what is said last counts, and nobody says anything
// tomorrow. Clocks differ, and days begin earlier elsewhere.
func ahead(t time.Time) bool { return t.After(time.Now().Add(24 * time.Hour)) }

// ReadKEV reads the catalogue of CISA, known_exploited_vulnerabilities.json.
func ReadKEV(r io.Reader) (*KEV, error) {
	out := &KEV{cves: map[string]bool{}}
	sum := sha256.New()
	d := jsonwalk.New(io.TeeReader(r, sum), maxFile)
	count, said := 0, -1
	err := d.Object(func(key string) error {
		switch key {
		case "catalogVersion":
			return d.Text(&out.Version)
		case "dateReleased":
			return d.Time(&out.Released)
		case "count":
			return d.Int(&said)
		case "vulnerabilities":
			return d.Array(func() error {
				count++
				return out.entry(d)
			})
		}
		return d.Skip()
	})
	if err == nil {
		err = d.End()
	}
	switch {
	case err != nil:
	case count == 0 || out.Released.IsZero():
		err = errors.New("it has no vulnerabilities, or no day of release")
	case said != count:
		err = fmt.Errorf("it says that it has %d vulnerabilities, and has %d", said, count)
	case ahead(out.Released):
		err = fmt.Errorf("its day of release %s is to come", out.Released.Format(time.DateOnly))
	default:
		err = bounded.Printable(out.Version)
	}
	out.Digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading the catalogue of exploited vulnerabilities: %w", err), "fetch CISA's known_exploited_vulnerabilities.json")
	}
	return out, nil
}

func (k *KEV) entry(d *jsonwalk.Reader) error {
	id := ""
	err := d.Object(func(key string) error {
		if key == "cveID" {
			return d.Text(&id)
		}
		return d.Skip()
	})
	if err == nil {
		id, err = scan.ParseCVE(id)
	}
	if k.cves[id] = true; err == nil && len(k.cves) > maxCVEs {
		err = fmt.Errorf("more than %d vulnerabilities", maxCVEs)
	}
	return err
}

// Mark marks the findings that are known to be exploited, and notes with the scan that they were
// held against this catalogue.
func (k *KEV) Mark(s *scan.Scan) {
	of := k.Catalogue
	s.KEV = &of
	for i := range s.Findings {
		f := &s.Findings[i]
		for _, id := range append([]string{f.ID}, f.Aliases...) {
			f.KEV = f.KEV || k.cves[id]
		}
	}
}

// EPSS is how likely it is that vulnerabilities are exploited within 30 days.
type EPSS struct {
	Scored time.Time // the day of the scores
	scores map[string]float64
}

// ReadEPSS reads the scores of FIRST, epss_scores-DAY.csv: a line that tells the day, a line
// of titles, and a line for each CVE.
func ReadEPSS(r io.Reader) (*EPSS, error) {
	whole := &io.LimitedReader{R: r, N: maxFile}
	lines := bufio.NewScanner(whole)
	lines.Buffer(nil, bounded.MaxText)
	out := &EPSS{scores: map[string]float64{}}
	n, err := 0, error(nil)
	for err == nil && lines.Scan() {
		n++
		err = out.line(n, strings.TrimSuffix(lines.Text(), "\r"))
	}
	switch {
	case err != nil:
	case lines.Err() != nil:
		err = lines.Err()
	case whole.N <= 0:
		err = fmt.Errorf("more than %d bytes", maxFile)
	case len(out.scores) == 0:
		err = errors.New("it has no scores")
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading the scores of EPSS: line %d: %w", n, err), "fetch FIRST's epss_scores-current.csv.gz, and gunzip it")
	}
	return out, nil
}

func (e *EPSS) line(n int, line string) (err error) {
	if n == 1 {
		for part := range strings.SplitSeq(strings.TrimPrefix(line, "#"), ",") {
			if day, ok := strings.CutPrefix(part, "score_date:"); ok {
				e.Scored, err = epssTime(day)
			}
		}
		if e.Scored.IsZero() && err == nil {
			err = errors.New("it does not begin with the day of its scores")
		}
		return err
	}
	if n == 2 {
		if line != "cve,epss,percentile" {
			err = errors.New("the titles are not cve,epss,percentile")
		}
		return err
	}
	id, rest, ok := strings.Cut(line, ",")
	text, _, more := strings.Cut(rest, ",")
	p, bad := strconv.ParseFloat(text, 64)
	switch {
	case !ok || !more:
		return errors.New("it is not CVE, score and percentile")
	case bad != nil || math.IsNaN(p) || p < 0 || p > 1:
		return fmt.Errorf("%.20q is no probability", text)
	case len(e.scores) >= maxCVEs:
		return fmt.Errorf("more than %d vulnerabilities", maxCVEs)
	}
	if id, bad = scan.ParseCVE(id); bad == nil {
		e.scores[id] = p
	}
	return bad
}

// epssTime reads the day, whose zone has no colon.
func epssTime(text string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05-0700", text)
	if err != nil {
		t, err = jsonwalk.ParseTime(text)
	}
	return t.UTC(), err
}

// Mark gives the findings their scores.
func (e *EPSS) Mark(s *scan.Scan) {
	for i := range s.Findings {
		f := &s.Findings[i]
		for _, id := range append([]string{f.ID}, f.Aliases...) {
			f.EPSS = max(f.EPSS, e.scores[id])
		}
	}
}
