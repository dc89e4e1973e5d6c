// Package gcp reads occurrences of Google's Artifact Analysis as JSON: the list that
// gcloud artifacts docker images list-vulnerabilities --format json prints, or the answer of
// the API's projects.occurrences.list.
//
// When the image was scanned, and whether that succeeded, only an occurrence of the kind
// DISCOVERY says. The reports know an image by its manifest alone.
package gcp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Name is the tool's.
const Name = "gcp"

// Keys are those of the API's answer, by which it is told from others; what gcloud prints is
// a bare list.
var Keys = []string{"occurrences", "nextPageToken"}

// Read reads one report.
func Read(r io.Reader) (*scan.Scan, error) {
	text := bufio.NewReader(r)
	d := &reader{Reader: jsonwalk.New(text, scan.MaxReport), scan: &scan.Scan{Tool: scan.Tool{Name: Name}, Packages: scan.Untold}}
	err := d.report(begins(text))
	if err == nil {
		err = d.End()
	}
	if err == nil && d.scan.Name == "" {
		err = errors.New("it has no occurrence, and so names no image")
	}
	if err == nil {
		err = d.found.Into(d.scan)
	}
	return d.scan, err
}

// begins is the first byte of a text that is no space; it stays unread.
func begins(r *bufio.Reader) byte {
	for {
		c, err := r.Peek(1)
		switch {
		case err != nil:
			return 0
		case strings.IndexByte(" \t\r\n", c[0]) < 0:
			return c[0]
		}
		_, _ = r.Discard(1)
	}
}

// reader is one report on its way.
type reader struct {
	*jsonwalk.Reader
	scan  *scan.Scan
	found scan.Collector
}

func (d *reader) report(first byte) error {
	if first == '[' {
		return d.Array(d.occurrence)
	}
	return d.Object(func(key string) error {
		switch key {
		case "occurrences":
			return d.Array(d.occurrence)
		case "nextPageToken":
			next := ""
			err := d.Text(&next)
			if next != "" {
				d.scan.Partial = "there are more pages, as its nextPageToken says"
			}
			return err
		}
		return d.Skip()
	})
}

// kindsOfOccurrence are the API's (NoteKind). Treat it as a constant.
var kindsOfOccurrence = []string{
	"VULNERABILITY", "DISCOVERY", "BUILD", "IMAGE", "PACKAGE", "DEPLOYMENT", "ATTESTATION", "UPGRADE", "COMPLIANCE",
	"DSSE_ATTESTATION", "VULNERABILITY_ASSESSMENT", "SBOM_REFERENCE", "SECRET",
}

// judge tells what is wrong with the kind of an occurrence that has a vulnerability, or has none.
func judge(kind string, vulnerable bool) error {
	switch {
	case !slices.Contains(kindsOfOccurrence, kind):
		return fmt.Errorf("an occurrence of the kind %.40q, which is none that is known", kind)
	case vulnerable && kind != "VULNERABILITY":
		return fmt.Errorf("an occurrence of the kind %q has a vulnerability", kind)
	}
	return nil
}

// occurrence reads one: a vulnerability, or what is said of the scan.
func (d *reader) occurrence() error {
	var uri, note, kind string
	vulnerable := false
	var v vulnerability
	err := d.Object(func(key string) error {
		switch key {
		case "resourceUri":
			return d.Text(&uri)
		case "noteName":
			return d.Text(&note)
		case "kind":
			return d.Text(&kind)
		case "vulnerability":
			return d.Object(func(key string) error {
				vulnerable = true
				return d.vulnerability(key, &v)
			})
		case "discovery":
			return d.Object(d.discovery)
		}
		return d.Skip()
	})
	if err == nil {
		err = d.image(uri)
	}
	if err == nil {
		err = judge(kind, vulnerable)
	}
	if err != nil || kind != "VULNERABILITY" {
		return err
	}
	id := note[strings.LastIndexByte(note, '/')+1:]
	if len(v.issues) == 0 {
		return fmt.Errorf("the occurrence of %.40q names no package", id)
	}
	for _, issue := range v.issues {
		if err := d.found.Add(issue.finding(id, &v)); err != nil {
			return err
		}
		if d.scan.Distro.ID == "" {
			d.scan.Distro = issue.distro()
		}
	}
	return nil
}

// image takes the image that an occurrence is of; all must be of one.
func (d *reader) image(uri string) error {
	name, digest, ok := strings.Cut(strings.TrimPrefix(uri, "https://"), "@")
	switch {
	case !ok:
		return fmt.Errorf("the resource %.80q has no digest", uri)
	case d.scan.Image.Known() && d.scan.Image.Manifests[0] != digest:
		return errors.New("it is about more than one image")
	}
	d.scan.Name, d.scan.Image.Manifests = name, []string{digest}
	return nil
}

// discovery reads what is said of the scan itself.
func (d *reader) discovery(key string) error {
	switch key {
	case "analysisStatus":
		status := ""
		err := d.Text(&status)
		switch status {
		case "FINISHED_SUCCESS", "COMPLETE":
		default:
			d.scan.Failed = "its status is " + status
		}
		return err
	case "lastScanTime":
		var at time.Time
		err := d.Time(&at)
		if at.After(d.scan.Scanned) {
			d.scan.Scanned = at
		}
		return err
	}
	return d.Skip()
}
