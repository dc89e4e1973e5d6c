// Package oms signs model trees and verifies who did, as OpenSSF Model Signing v1.0 says
// (https://github.com/ossf/model-signing-spec): a list of the files with their SHA-256, in an
// in-toto statement, in a DSSE envelope, in a Sigstore bundle. It has the methods of keys and
// of certificates, and no transparency log.
package oms

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// Manifest names the files of a model by their content.
type Manifest struct {
	Resources     []Resource    `json:"resources"` // sorted by name
	Serialization Serialization `json:"serialization"`
}

// Resource is one file.
type Resource struct {
	Name      string `json:"name"`      // relative, with slashes
	Algorithm string `json:"algorithm"` // "sha256"
	Digest    string `json:"digest"`    // hexadecimal
}

// Serialization is how the files were found and digested.
type Serialization struct {
	Method        string   `json:"method"`    // "files"
	HashType      string   `json:"hash_type"` // "sha256"
	AllowSymlinks bool     `json:"allow_symlinks"`
	IgnorePaths   []string `json:"ignore_paths,omitempty"`
}

// defaultIgnored are left out of every manifest where they lie at the top of the tree
// (section 6.2 of the specification).
var defaultIgnored = []string{".git", ".gitattributes", ".github", ".gitignore"}

const (
	algorithm = "sha256"
	byFiles   = "files"
)

// Of lists the files of a tree but those at the paths of ignore, relative to it, and below
// them. A tree with a symbolic link has no manifest: what it leads to is not the tree's.
func Of(p *model.Print, ignore ...string) (*Manifest, error) {
	ignore = slices.Concat(defaultIgnored, ignore)
	slices.Sort(ignore)
	ignore = slices.Compact(ignore)
	m := &Manifest{Serialization: Serialization{Method: byFiles, HashType: algorithm, IgnorePaths: ignore}}
	for _, at := range ignore {
		if err := ignorable(at); err != nil {
			return nil, err
		}
	}
	for _, f := range p.Files() {
		switch {
		case ignored(f.Path, m.Serialization.IgnorePaths):
			continue
		case f.Link:
			return nil, hint.Errorf("cp -rL TREE COPY, and sign that", "listing the files of a model: %q is a symbolic link", f.Path)
		case !utf8.ValidString(f.Path):
			return nil, fmt.Errorf("listing the files of a model: the name %q is not UTF-8", f.Path)
		}
		m.Resources = append(m.Resources, Resource{f.Path, algorithm, hex.EncodeToString(f.SHA256[:])})
	}
	if len(m.Resources) == 0 {
		return nil, errors.New("listing the files of a model: it has none")
	}
	return m, nil
}

// ignorable refuses what no path of a tree is.
func ignorable(at string) error {
	if !local(at) || strings.ContainsAny(at, "*?[") {
		return fmt.Errorf("leaving %q out of a model: it is not the plain path of a file in it", at)
	}
	return nil
}

// local tells whether a name is a clean path below a tree.
func local(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "../") &&
		path.Clean(name) == name && !strings.ContainsRune(name, 0)
}

// ignored tells whether a file lies at one of the paths, or below.
func ignored(name string, paths []string) bool {
	return slices.ContainsFunc(paths, func(at string) bool { return name == at || strings.HasPrefix(name, at+"/") })
}

// Root is the digest of the manifest, "sha256:…": of the digests of its files, one behind the
// other (section 6.5.1). It does not say what the files are called: [model.Print] has a digest
// that does.
func (m *Manifest) Root() string {
	h := sha256.New()
	for _, r := range m.Resources {
		sum, _ := hex.DecodeString(r.Digest)
		h.Write(sum)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// check judges a manifest that somebody else wrote.
func (m *Manifest) check() error {
	s := m.Serialization
	switch {
	case s.Method != byFiles:
		return fmt.Errorf("its files are digested by the method %.40q, and only %q is known here", s.Method, byFiles)
	case s.HashType != algorithm:
		return fmt.Errorf("its files are digested by %.40q, and only %q is known here", s.HashType, algorithm)
	case len(m.Resources) == 0:
		return errors.New("it names no file")
	}
	for i, r := range m.Resources {
		sum, err := hex.DecodeString(r.Digest)
		switch {
		case !local(r.Name) || !utf8.ValidString(r.Name):
			return fmt.Errorf("it names %.80q, which is no file in a model", r.Name)
		case r.Algorithm != algorithm || err != nil || len(sum) != sha256.Size || strings.ToLower(r.Digest) != r.Digest:
			return fmt.Errorf("it has no SHA-256 of %.80q", r.Name)
		case i > 0 && m.Resources[i-1].Name >= r.Name:
			return fmt.Errorf("its files are not sorted, or %.80q is there twice", r.Name)
		}
	}
	return nil
}
