// Package records keeps what scanners said of images, for the launches that come: one file
// for each image, below the state directory, of the caller's alone.
//
// A record is the user's to write, and so to write anew: to them it is a reminder. What is
// read is judged as strictly as a report is.
package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/launcher/internal/wholefile"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Schema is the version of a record.
const Schema = "zlaunch.dev/scan-record/v1"

const (
	// maxRecord bounds a record in bytes: the most that scans keep, written with indents.
	maxRecord = 512 << 20
	// maxScans is how many tools one record has a scan of.
	maxScans = 16
)

// Record is what is known of one image.
type Record struct {
	Schema string       `json:"schema"`
	Scans  []*scan.Scan `json:"scans"` // the last of each tool, by its name
}

// Dir is where the records are: scans below the state directory.
type Dir string

// path is the file of the image that a digest names.
func (d Dir) path(digest string) string {
	return filepath.Join(string(d), strings.TrimPrefix(digest, "sha256:")+".json")
}

// Keep writes a scan into the record of its image, in the place of an earlier one by the same
// tool, and returns the file. Of an earlier one from the same report the scan takes over what
// was noted with it, see [scan.Scan.Remember]. Callers that keep scans of one image at once take turns.
func (d Dir) Keep(s *scan.Scan) (string, error) {
	if !s.Image.Known() {
		return "", errors.New("keeping a scan: it is of no image that is known by a digest")
	}
	path := d.path(s.Image.Digests()[0])
	r, err := d.read(path)
	if errors.Is(err, fs.ErrNotExist) {
		r, err = &Record{}, nil
	}
	if err != nil {
		return "", err
	}
	r.Schema = Schema
	for _, o := range r.Scans {
		if o.Tool.Name == s.Tool.Name && o.Raw == s.Raw {
			s.Remember(o)
		}
	}
	r.Scans = append(slices.DeleteFunc(r.Scans, func(o *scan.Scan) bool { return o.Tool.Name == s.Tool.Name }), s)
	slices.SortFunc(r.Scans, func(a, b *scan.Scan) int { return strings.Compare(a.Tool.Name, b.Tool.Name) })
	data, err := json.MarshalIndent(r, "", " ")
	if err == nil {
		err = os.MkdirAll(string(d), 0o700)
	}
	if err == nil {
		err = wholefile.Write(path, append(data, '\n'))
	}
	if err != nil {
		return "", fmt.Errorf("keeping a scan: %w", err)
	}
	return path, nil
}

// Of are the scans that are kept of an image, by whichever of its digests, by tool. None is
// no error; a record that cannot be read is.
func (d Dir) Of(image scan.Image) ([]*scan.Scan, error) {
	var out []*scan.Scan
	for _, digest := range image.Digests() {
		if !bounded.Digest(digest) {
			continue // an image of another kind of digest has no record
		}
		r, err := d.read(d.path(digest))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, s := range r.Scans {
			if s.Image.Same(image) {
				out = with(out, s)
			}
		}
	}
	return out, nil
}

// with adds a scan. One from a report that another is from already, kept by another digest of
// the image, is joined with that.
func with(scans []*scan.Scan, s *scan.Scan) []*scan.Scan {
	i := slices.IndexFunc(scans, func(o *scan.Scan) bool { return o.Raw == s.Raw && o.Tool.Name == s.Tool.Name && o.Image.Same(s.Image) })
	if i < 0 {
		return append(scans, s)
	}
	scans[i] = scans[i].Joined(s)
	return scans
}

// Named are the scans of the images that a digest names, be it that of a configuration or
// of a manifest: the records are looked through, for a file has the name of one digest.
func (d Dir) Named(digest string) ([]*scan.Scan, error) {
	if !bounded.Digest(digest) {
		return nil, hint.Errorf("zlaunch scan show sha256:…", "%.80q is no digest: sha256: and 64 hexadecimal digits", digest)
	}
	files, err := filepath.Glob(filepath.Join(string(d), "*.json"))
	if err != nil {
		return nil, err
	}
	var out []*scan.Scan
	for _, path := range files {
		r, err := d.read(path)
		if err != nil {
			return nil, err
		}
		for _, s := range r.Scans {
			if slices.Contains(s.Image.Digests(), digest) {
				out = with(out, s)
			}
		}
	}
	return out, nil
}

// read reads a record strictly. The error is [fs.ErrNotExist] where there is none.
func (d Dir) read(path string) (*Record, error) {
	if filepath.IsAbs(string(d)) {
		if err := trust.Caller().Path(string(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	data, err := claim.ReadFile(path, maxRecord)
	if err != nil {
		return nil, reading(path, err)
	}
	r, err := Decode(data)
	if err != nil {
		return nil, reading(path, err)
	}
	for _, s := range r.Scans {
		if d.path(s.Image.Digests()[0]) != path {
			return nil, reading(path, fmt.Errorf("it holds a scan of another image, %s", s.Image))
		}
	}
	return r, nil
}

func reading(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return hint.Wrap(fmt.Errorf("reading the record of scans %s: %w", path, err), "rm "+path+"\nzlaunch scan --import FILE")
}

// Decode reads a record, and holds everything in it to what a report of a scanner is held to.
func Decode(data []byte) (*Record, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	r := &Record{}
	if err := dec.Decode(r); err != nil {
		return nil, err
	}
	switch {
	case dec.More():
		return nil, errors.New("more stands behind its end")
	case r.Schema != Schema:
		return nil, fmt.Errorf("its schema is %.60q and not %q", r.Schema, Schema)
	case len(r.Scans) > maxScans:
		return nil, fmt.Errorf("more than %d scans", maxScans)
	}
	for _, s := range r.Scans {
		if s == nil || s.Tool.Name == "" || !s.Image.Known() || s.Packages < scan.Untold {
			return nil, errors.New("a scan without a tool, an image or a number of packages")
		}
		if !bounded.Digest(s.Raw) {
			return nil, errors.New("a scan of no report that is known by its digest")
		}
		if k := s.KEV; k != nil && (k.Released.IsZero() || !bounded.Digest(k.Digest) || bounded.Printable(k.Version) != nil) {
			return nil, errors.New("a catalogue of exploited vulnerabilities without a day or a digest")
		}
		if err := again(s); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// again collects the findings of a scan anew.
func again(s *scan.Scan) error {
	var c scan.Collector
	for _, f := range s.Findings {
		if f.Class != scan.OS && f.Class != scan.Lang {
			return fmt.Errorf("a finding of class %.40q", f.Class)
		}
		if err := c.Add(f); err != nil {
			return err
		}
	}
	return c.Into(s)
}
