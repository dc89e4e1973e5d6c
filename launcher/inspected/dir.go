package inspected

import (
	"cmp"
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

// Dir is where the records are: inspections below the state directory.
type Dir string

// path is the file of the image that a digest names.
func (d Dir) path(digest string) string {
	return filepath.Join(string(d), strings.TrimPrefix(digest, "sha256:")+".json")
}

// Keep lays what an inspection saw over what is known of its image, and returns the file: files
// over files, a look over the earlier one at its place. What it did not look at stays. Callers
// take turns.
func (d Dir) Keep(seen Record) (string, error) {
	seen.Schema = Schema
	slices.SortFunc(seen.Looks, byPlace)
	err := seen.check()
	if err == nil && seen.Image.Config == "" {
		err = errors.New("the digest of its configuration is not known")
	}
	if err != nil {
		return "", fmt.Errorf("keeping an inspection: %w", err)
	}
	path := d.path(seen.Image.Config)
	if old, err := d.read(path); err == nil {
		seen = old.under(seen)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	data, err := json.MarshalIndent(seen, "", " ")
	if err == nil {
		err = os.MkdirAll(string(d), 0o700)
	}
	if err == nil {
		err = wholefile.Write(path, append(data, '\n'))
	}
	if err != nil {
		return "", fmt.Errorf("keeping an inspection: %w", err)
	}
	return path, nil
}

func byPlace(a, b Look) int { return cmp.Compare(a.Registry, b.Registry) }

// under lays a newer record of the same image over one. Manifests are added up: one configuration
// can have several.
func (r *Record) under(seen Record) Record {
	for _, m := range r.Image.Manifests {
		if len(seen.Image.Manifests) < maxNames && !slices.Contains(seen.Image.Manifests, m) {
			seen.Image.Manifests = append(seen.Image.Manifests, m)
		}
	}
	if seen.Files == nil {
		seen.Files = r.Files
	}
	for _, old := range r.Looks {
		if old.About(seen.Image.Manifests) && !slices.ContainsFunc(seen.Looks, func(l Look) bool { return l.Registry == old.Registry }) {
			seen.Looks = append(seen.Looks, old)
		}
	}
	if len(seen.Looks) > maxLooks { // the oldest goes
		slices.SortFunc(seen.Looks, func(a, b Look) int { return b.When.Compare(a.When) })
		seen.Looks = seen.Looks[:maxLooks]
	}
	slices.SortFunc(seen.Looks, byPlace)
	return seen
}

// Of is what is kept of an image, by the digest of its configuration; nil where nothing is. A
// record that cannot be read is an error.
func (d Dir) Of(image scan.Image) (*Record, error) {
	if !bounded.Digest(image.Config) {
		return nil, nil
	}
	r, err := d.read(d.path(image.Config))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return r, err
}

// read reads a record strictly. The error is [fs.ErrNotExist] where there is none.
func (d Dir) read(path string) (*Record, error) {
	if filepath.IsAbs(string(d)) {
		if err := trust.Caller().Path(string(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	data, err := claim.ReadFile(path, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var r *Record
	if err == nil {
		r, err = Decode(data)
	}
	if err == nil && d.path(r.Image.Config) != path {
		err = fmt.Errorf("it is of another image, %s", r.Image)
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading the record of inspections %s: %w", path, err), "rm "+path+"\nzlaunch inspect IMAGE")
	}
	return r, nil
}
