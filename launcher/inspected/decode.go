package inspected

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Bounds of a record. What an inspection finds beyond them is counted, or is why its look is partial.
const (
	MaxPaths    = 32  // of a list
	MaxThings   = 128 // of a look
	MaxSubjects = 8   // of a look
	maxLooks    = 16
	maxPath     = 4096    // PATH_MAX of Linux
	maxWords    = 512     // of a form, a fault, a repository, in bytes
	maxRecord   = 8 << 20 // bytes
	maxNames    = 64      // manifests of one image
)

// Decode reads a record, and holds everything in it to what an inspection could have written.
func Decode(data []byte) (*Record, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	r := &Record{}
	if err := dec.Decode(r); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, errors.New("more stands behind its end")
	}
	return r, r.check()
}

func (r *Record) check() error {
	switch {
	case r.Schema != Schema:
		return fmt.Errorf("its schema is %.60q and not %q", r.Schema, Schema)
	case r.Image.Asserted || !r.Image.Known() || !digests(r.Image.Digests()):
		return errors.New("it is of no image that is known by a digest")
	case len(r.Looks) > maxLooks || len(r.Image.Manifests) > maxNames:
		return fmt.Errorf("more than %d looks, or than %d manifests", maxLooks, maxNames)
	}
	errs := []error{r.Files.check()}
	for i, l := range r.Looks {
		errs = append(errs, l.check(r.Image))
		if i > 0 && r.Looks[i-1].Registry >= l.Registry {
			errs = append(errs, errors.New("its looks are not in order, or two at one place"))
		}
	}
	return errors.Join(errs...)
}

func digests(all []string) bool {
	return !slices.ContainsFunc(all, func(d string) bool { return !bounded.Digest(d) })
}

func (f *Files) check() error {
	if f == nil {
		return nil
	}
	if err := moment(f.Looked); err != nil {
		return err
	}
	for _, l := range []List{f.Setuid, f.Capable} {
		if len(l.Paths) > MaxPaths || l.More < 0 || l.Count() > f.Count {
			return errors.New("a list of files that cannot be one")
		}
		for _, p := range l.Paths {
			if len(p) > maxPath || !path.IsAbs(p) || strings.ContainsRune(p, 0) {
				return fmt.Errorf("%.80q is no path of a file", p)
			}
		}
	}
	return nil
}

func (l Look) check(of scan.Image) error {
	if err := moment(l.When); err != nil {
		return err
	}
	switch {
	case len(l.Subjects) == 0 || len(l.Subjects) > MaxSubjects || !digests(l.Subjects):
		return errors.New("a look at no image")
	case !l.About(of.Manifests):
		return errors.New("a look at another image")
	case len(l.Things) > MaxThings:
		return fmt.Errorf("more than %d things", MaxThings)
	}
	for _, s := range []string{l.Registry, l.Partial} {
		if err := words(s); err != nil {
			return err
		}
	}
	for _, t := range l.Things {
		if err := t.check(l); err != nil {
			return err
		}
	}
	return nil
}

func (t Thing) check(in Look) error {
	switch {
	case !slices.Contains(kinds, t.Kind) || !slices.Contains(ways, t.Way):
		return fmt.Errorf("a thing of kind %.40q that is attached by %.40q", t.Kind, t.Way)
	case !bounded.Digest(t.Digest) || !slices.Contains(in.Subjects, t.Subject):
		return errors.New("a thing of no digest, or about another image")
	case t.Podman && (t.Kind != Signature || t.Way != ByTag || in.Registry == ""):
		return errors.New("a thing that Podman does not see, and is said to")
	case t.Form == "":
		return errors.New("a thing of no form")
	}
	return errors.Join(words(t.Form), words(t.Fault))
}

// words wants text that a terminal can be shown, and not much of it.
func words(s string) error {
	if len(s) > maxWords {
		return fmt.Errorf("%.80q has more than %d bytes", s, maxWords)
	}
	return bounded.Printable(s)
}

// moment wants a time that an inspection can have been at.
func moment(t time.Time) error {
	if t.Year() < 2000 || t.Year() > 9999 {
		return errors.New("it was looked at on no day")
	}
	return nil
}
