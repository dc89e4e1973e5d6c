package records

import (
	"errors"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// All are the scans that are kept, those of one image together, in the order of their files. An
// error says which records cannot be read; the others come with it.
func (d Dir) All() (out [][]*scan.Scan, err error) {
	files, err := filepath.Glob(filepath.Join(string(d), "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		r, unread := d.read(path)
		if unread != nil {
			err = errors.Join(err, unread)
			continue
		}
		if len(r.Scans) > 0 {
			out = append(out, r.Scans)
		}
	}
	return out, err
}
