// Package bundle carries profiles from team to team: as one OCI artifact, in a
// registry, in a directory, and in a store of one's own.
//
// A [Bundle] is files of profiles with a name and a version. [Directory] reads one
// from where a team keeps it, [Bundle.Pack] makes the artifact, byte for byte the same
// everywhere, and [Read] takes it apart again. A [Ref] names a [Place]: a repository
// of a registry, or an OCI image layout, which is how a bundle crosses an air gap. A
// [Store] keeps what was added, and verifies it whenever it is read.
//
// Whatever comes from a place is hostile: its numbers and sizes are held against
// bounds before anything is read, each byte is held against the digest that named it,
// and what this package does not know of its own words it refuses.
//
// Signatures are attached and listed here, and understood elsewhere: to this package
// they are bytes. That a bundle can be read says nothing about who made it.
package bundle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blang/semver/v4"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Bounds of a bundle. They are far above any sensible one and far below what could hurt.
const (
	MaxFiles = 256             // in one bundle
	MaxFile  = bounded.MaxTOML // bytes of one, as of any profile
	MaxBytes = 8 << 20         // of all files together
)

// Bundle is what a team publishes.
type Bundle struct {
	Name      string // as a profile's: "fraud"
	Version   string // semantic, without a "v": "1.4.0"
	Requires  string // the least version of zlaunch that reads it; "" any
	Changelog string // one line about this version; "" none
	Files     []File // sorted by name, at least one
}

// File is one file of profiles.
type File struct {
	Name string // flat, in lower case, ending in .toml
	Data []byte
}

// check tells what is wrong with a bundle, whoever made it: the first of it.
func (b Bundle) check() error {
	if said := b.description(); len(said) > 0 {
		return said[0].Err
	}
	if wrong := fileFaults(b.Files); len(wrong) > 0 {
		return wrong[0]
	}
	return nil
}

// Fault is one thing that is wrong with what a bundle says of itself.
type Fault struct {
	Line int    // of bundle.toml, the first is 1; 0 is the file as a whole
	Key  string // "version"; "" none
	Err  error
}

// description is what is wrong with what the bundle says of itself.
func (b Bundle) description() (out []Fault) {
	add := func(key string, err error) {
		if err != nil {
			out = append(out, Fault{Key: key, Err: err})
		}
	}
	if !bounded.Name(b.Name) {
		add("name", fmt.Errorf("name %s is not lower-case letters, digits, - and _, at most %d", quoted(b.Name), bounded.MaxName))
	}
	if b.Version == "" {
		add("version", hint.Errorf(`version = "1.0.0"`, "it has no version"))
	}
	add("version", version("version", b.Version))
	add("requires", version("requires", b.Requires))
	if err := printable(b.Changelog); err != nil {
		add("changelog", fmt.Errorf("changelog: %w", err))
	}
	return out
}

func fileFaults(files []File) (out []error) {
	if len(files) == 0 {
		out = append(out, fmt.Errorf("it holds no profiles"))
	}
	if len(files) > MaxFiles {
		return []error{fmt.Errorf("it holds %d files, more than %d", len(files), MaxFiles)}
	}
	total := 0
	for i, f := range files {
		if err := fileName(f.Name); err != nil {
			out = append(out, err)
		}
		if slices.ContainsFunc(files[:i], func(o File) bool { return o.Name == f.Name }) {
			out = append(out, fmt.Errorf("file %q is in it twice", f.Name))
		}
		if err := bounded.TOML(f.Data); err != nil {
			out = append(out, fmt.Errorf("file %q: %w", f.Name, err))
		}
		total += len(f.Data)
	}
	if total > MaxBytes {
		out = append(out, fmt.Errorf("its files have %d bytes, more than %d", total, MaxBytes))
	}
	return out
}

// version wants a semantic version, or "". The words of a bad one may be hostile.
func version(key, s string) error {
	if s == "" {
		return nil
	}
	if _, err := semver.Parse(s); err != nil || len(s) > maxVersion {
		return hint.Errorf(key+` = "1.0.0"`, "%s %s is no semantic version, as 1.4.0 is", key, quoted(s))
	}
	return nil
}

// sorted gives the files in the order of their names.
func sorted(files []File) []File {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files
}
