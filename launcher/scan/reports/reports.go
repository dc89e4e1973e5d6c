// Package reports reads what a scanner printed, whichever scanner it was, and joins it with
// what is known of the image.
//
// It is where whoever runs a scanner hands its output over: [Read] takes the text as it comes
// and [About], which image was asked for.
package reports

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/debsecan"
	"github.com/zlaunch/zlaunch/launcher/scan/ecr"
	"github.com/zlaunch/zlaunch/launcher/scan/gcp"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
	"github.com/zlaunch/zlaunch/launcher/scan/scout"
	"github.com/zlaunch/zlaunch/launcher/scan/trivy"
)

// About is what is known of a report beside its text.
type About struct {
	// Image is the one that was asked for; the zero value takes the one that the report names.
	Image scan.Image
	// Digest is one digest of the image, in the place of Image, where nobody knows of what it is.
	Digest string
	// Scanned, Built and Packages are for reports that do not tell them: when it was scanned,
	// with a database of which day, how many packages there were. A report that does is right.
	Scanned, Built time.Time
	Packages       int
}

// format is one kind of report.
type format struct {
	name string
	keys []string // of its outermost object, in any of which it may begin
	read func(io.Reader) (*scan.Scan, error)
	// nameless: its reports need not name their image by a digest, so that whoever hands one
	// over may say which it is of. Of any other, one that names none is no such report.
	nameless bool
}

// formats are all that are read.
var formats = []format{
	{"trivy", trivy.Keys, trivy.Read, false}, {"grype", grype.Keys, grype.Read, false}, {"ECR", ecr.Keys, ecr.Read, false},
	{"GCP", gcp.Keys, gcp.Read, false}, {"Docker Scout", scout.Keys, scout.Read, true}, {"debsecan", nil, debsecan.Read, true},
}

// Read reads one report of any known format, which is told by its content. The error says
// what is wrong and where; then there is no scan at all.
func Read(r io.Reader, about About) (*scan.Scan, error) {
	sum := sha256.New()
	text := bufio.NewReaderSize(io.TeeReader(r, sum), beginning)
	start, err := text.Peek(beginning)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	f, err := recognised(start)
	if err != nil {
		return nil, err
	}
	s, err := f.read(text)
	if err != nil {
		return nil, fmt.Errorf("reading the report of %s: %w", f.name, err)
	}
	if _, err := io.Copy(io.Discard, text); err != nil { // what the sum is of, too
		return nil, fmt.Errorf("reading the report of %s: %w", f.name, err)
	}
	s.Raw = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return s, about.complete(s, f.nameless)
}

// beginning is how much of a report tells its format, in bytes.
const beginning = 4096

// recognised is the format of what begins so.
func recognised(start []byte) (format, error) {
	text := bytes.TrimLeft(start, " \t\r\n")
	if len(text) == 0 {
		return format{}, hint.Errorf("a scanner that fails may print nothing: look at its exit status", "reading the report: it is empty")
	}
	switch text[0] {
	case '[':
		return formats[3], nil
	case '{':
		key := firstKey(text)
		if key == "schema" && bytes.Contains(text, []byte(`"zlaunch.dev/`)) {
			return format{}, hint.Errorf("import what the scanner printed; zlaunch scan show IMAGE --json prints what zlaunch makes of it", "reading the report: it is zlaunch's own document, and no scanner's")
		}
		for _, f := range formats {
			if slices.Contains(f.keys, key) {
				return f, nil
			}
		}
		return format{}, hint.Errorf(known, "reading the report: JSON that begins with %.40q is none that is known", key)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if debsecan.Begins(string(line)) {
		return formats[5], nil
	}
	return format{}, hint.Errorf(known, "reading the report: text that begins with %.40q is none that is known", line)
}

// known is what can be read.
const known = "zlaunch reads: trivy --format json, grype -o json, aws ecr describe-image-scan-findings, " +
	"gcloud artifacts docker images list-vulnerabilities --format json, docker scout cves --format gitlab, debsecan --format detail"

// firstKey is the first key of an object; "" where it does not come soon.
func firstKey(text []byte) string {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return ""
	}
	t, _ := dec.Token()
	key, _ := t.(string)
	return key
}

// complete gives a scan what its report did not tell, and holds it to the image that was
// asked for. nameless tells that its report need not name one.
func (a About) complete(s *scan.Scan, nameless bool) error {
	if s.Scanned.IsZero() {
		s.Scanned = a.Scanned.UTC()
	}
	if s.Built.IsZero() {
		s.Built = a.Built.UTC()
	}
	if s.Packages == scan.Untold && a.Packages > 0 {
		s.Packages = a.Packages
	}
	if a.Digest != "" {
		a.Image = s.Image
		if !slices.Contains(s.Image.Digests(), a.Digest) {
			a.Image = scan.Image{Config: a.Digest} // another one, or what a report that names none is of
		}
	}
	switch {
	case !s.Image.Known() && !nameless:
		return hint.Errorf("have the scanner look at the image anew, and hand over its report as it comes",
			"reading the report of %s: it names no image by its digest, as its reports of images do, so that nobody can say which it is of", s.Tool.Name)
	case !a.Image.Known() && !s.Image.Known():
		return hint.Errorf("say which image it is of: --image REF", "reading the report of %s: it names no image by its digest", s.Tool.Name)
	case !a.Image.Known():
		return nil
	case !s.Image.Known():
		s.Image = a.Image
		s.Image.Asserted = true
		return nil
	case !s.Image.Same(a.Image):
		return hint.Errorf("scan the image itself: podman image inspect --format '{{.Id}} {{.Digest}}' IMAGE says which it is",
			"reading the report of %s: it is of another image, %s, and not of %s", s.Tool.Name, s.Image, a.Image)
	}
	config := s.Image.Config
	if s.Image = a.Image; s.Image.Config == "" {
		s.Image.Config = config // whatever else the report claims names no other image
	}
	return nil
}
