package service

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// maxFile bounds a unit file that is read, in bytes.
const maxFile = 4 << 20

// Units is the directory of unit files: $XDG_CONFIG_HOME/containers/systemd.
type Units string

// put writes the files of a version that are not there yet, and removes what only others of
// the service have. Each file changes as a whole.
func (u Units) put(s *Service, v *Version) error {
	for _, f := range v.Files {
		path := filepath.Join(string(u), f.Name)
		if have, err := claim.ReadFile(path, maxFile); err == nil && bytes.Equal(have, f.Data) {
			continue
		}
		if err := record.WriteFile(path, f.Data); err != nil {
			return record.WritingTo(string(u), fmt.Errorf("writing %s: %w", path, err))
		}
	}
	return u.remove(s, func(f File) bool {
		return !slices.ContainsFunc(v.Files, func(g File) bool { return g.Name == f.Name })
	})
}

// remove removes those of the service's files that which chooses, and directories that are
// empty then.
func (u Units) remove(s *Service, which func(File) bool) error {
	var errs []error
	for _, v := range s.versions() {
		for _, f := range v.Files {
			if !which(f) {
				continue
			}
			errs = append(errs, record.IgnoreAbsent(os.Remove(filepath.Join(string(u), f.Name))))
			if dir := filepath.Dir(f.Name); dir != "." {
				_ = os.Remove(filepath.Join(string(u), dir)) // what is in there stays
			}
		}
	}
	return errors.Join(errs...)
}

// Edited lists those of the service's files that are there and are not what zlaunch wrote,
// in whichever version.
func (u Units) Edited(s *Service) []string {
	wrote := map[string][][]byte{}
	for _, v := range s.versions() {
		for _, f := range v.Files {
			wrote[f.Name] = append(wrote[f.Name], f.Data)
		}
	}
	var out []string
	for name, texts := range wrote {
		path := filepath.Join(string(u), name)
		have, err := claim.ReadFile(path, maxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if !slices.ContainsFunc(texts, func(t []byte) bool { return err == nil && bytes.Equal(t, have) }) {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return out
}

// Beside lists the drop-ins of the service that somebody else wrote.
func (u Units) Beside(s *Service) []string {
	own := map[string]bool{}
	for _, v := range s.versions() {
		for _, f := range v.Files {
			own[f.Name] = true
		}
	}
	var out []string
	found, _ := os.ReadDir(filepath.Join(string(u), dropin(s.Name, "")))
	for _, f := range found {
		if name := dropin(s.Name, f.Name()); !own[name] {
			out = append(out, filepath.Join(string(u), name))
		}
	}
	return out
}

// made tells whether a unit that was generated of source is that of the service.
func (u Units) made(s *Service, source string) bool {
	own, err := os.Stat(filepath.Join(string(u), s.Name+".container"))
	if err != nil {
		return false
	}
	of, err := os.Stat(source) // the generator may name it without the links on the way
	return err == nil && os.SameFile(own, of)
}

// free refuses names of files that somebody else's are called.
func (u Units) free(v *Version) error {
	for _, f := range v.Files {
		path := filepath.Join(string(u), f.Name)
		if _, err := os.Lstat(path); err == nil {
			return hint.Errorf("another beside it: --name NAME", "writing %s: it is there, and zlaunch did not write it", path)
		}
	}
	return nil
}
