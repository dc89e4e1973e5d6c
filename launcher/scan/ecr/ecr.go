// Package ecr reads what aws ecr describe-image-scan-findings prints as JSON: the findings of
// ECR's basic scans, and those of enhanced ones, which Amazon Inspector makes.
//
// ECR knows an image by its manifest alone. Its reports do not say how many packages there were.
package ecr

import (
	"errors"
	"fmt"
	"io"

	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// The tools of the two kinds of scans.
const (
	Basic    = "ecr"
	Enhanced = "inspector"
)

// Keys are those of the report itself, by which it is told from others.
var Keys = []string{"registryId", "repositoryName", "imageId", "imageScanStatus", "imageScanFindings", "nextToken", "NextToken"}

// Read reads one report.
func Read(r io.Reader) (*scan.Scan, error) {
	empty := &scan.Scan{Tool: scan.Tool{Name: Basic}, Packages: scan.Untold}
	d := &reader{Reader: jsonwalk.New(r, scan.MaxReport), scan: empty, listed: tally{}}
	return d.scan, d.Document(d.top, d.check)
}

// reader is one report on its way.
type reader struct {
	*jsonwalk.Reader
	scan            *scan.Scan
	found           scan.Collector
	digest          string
	status, because string
	lists, more     bool           // there are findings, if of none; and more pages of them
	said            map[string]int // how many the report counts itself, by severity; nil it does not say
	listed          tally
}

func (d *reader) top(key string) error {
	switch key {
	case "repositoryName":
		return d.Text(&d.scan.Name)
	case "imageId":
		return d.Object(func(key string) error {
			if key == "imageDigest" {
				return d.Text(&d.digest)
			}
			return d.Skip()
		})
	case "imageScanStatus":
		return d.Object(func(key string) error {
			switch key {
			case "status":
				return d.Text(&d.status)
			case "description":
				return d.Text(&d.because)
			}
			return d.Skip()
		})
	case "imageScanFindings":
		return d.Object(d.findings)
	case "nextToken", "NextToken": // the API's, and that of the AWS CLI's --max-items
		next := ""
		err := d.Text(&next)
		d.more = d.more || next != ""
		return err
	}
	return d.Skip()
}

func (d *reader) findings(key string) error {
	switch key {
	case "imageScanCompletedAt":
		return d.Time(&d.scan.Scanned)
	case "vulnerabilitySourceUpdatedAt":
		return d.Time(&d.scan.Built)
	case "findings":
		d.lists = true
		return d.Array(d.basic)
	case "findingSeverityCounts":
		return d.counts()
	case "enhancedFindings":
		d.lists, d.scan.Tool.Name = true, Enhanced
		return d.Array(d.enhanced)
	}
	return d.Skip()
}

// check is what must be true of the report as a whole.
func (d *reader) check() error {
	switch d.status {
	case "COMPLETE", "ACTIVE":
		if !d.lists {
			return errors.New("it has no list of findings")
		}
	case "":
		return errors.New("it has no imageScanStatus")
	default:
		d.scan.Failed = d.status + " " + d.because
	}
	if d.scan.Partial = d.listed.disagrees(d.said); d.more {
		d.scan.Partial = "there are more pages, as its nextToken says"
	}
	if d.digest != "" {
		d.scan.Image.Manifests = []string{d.digest}
	}
	return d.found.Into(d.scan)
}

// basic reads a finding of a basic scan, whose package stands among its attributes.
func (d *reader) basic() error {
	f := scan.Finding{Class: scan.OS}
	said := map[string]string{}
	label := ""
	err := d.Object(func(key string) error {
		switch key {
		case "name":
			return d.Text(&f.ID)
		case "severity":
			return d.Text(&label)
		case "attributes":
			return d.Array(func() error { return d.attribute(said) })
		}
		return d.Skip()
	})
	if err != nil {
		return err
	}
	f.Package, f.Installed = said["package_name"], said["package_version"]
	f.Ratings = []scan.Rating{scan.NewRating(Basic, label, "", 0)}
	for _, version := range []string{"CVSS3", "CVSS2"} {
		if vector, score := said[version+"_VECTOR"], number(said[version+"_SCORE"]); vector != "" || score > 0 {
			f.Ratings = append(f.Ratings, scan.NewRating("nvd", "", vector, score))
		}
	}
	if err := d.listed.add(label, true); err != nil {
		return err
	}
	return d.found.Add(f)
}

// attribute reads one, where it is one that is looked at.
func (d *reader) attribute(to map[string]string) error {
	name, value := "", ""
	err := d.Object(func(key string) error {
		switch key {
		case "key":
			return d.Text(&name)
		case "value":
			return d.Text(&value)
		}
		return d.Skip()
	})
	switch name {
	case "package_name", "package_version", "CVSS2_VECTOR", "CVSS2_SCORE", "CVSS3_VECTOR", "CVSS3_SCORE":
		if before, twice := to[name]; err == nil && twice && before != value {
			err = fmt.Errorf("the attribute %s comes twice", name)
		}
		to[name] = value
	}
	return err
}
