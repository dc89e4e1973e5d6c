// Package store keeps models that were pulled, by their content: each file once, under its
// SHA-256, and for each model a read-only directory tree that is made of hard links to them and
// called by the digest of the model's manifest. That tree is what a launch mounts.
//
//	blobs/plain/HEX   a file; blobs/exec/HEX one that may be run
//	trees/HEX/        a model, with HEX.sig, its signed statement, beside it
//	models/HEX.json   what that model is: written last, a tree without it does not count
//	refs/HEX.json     what a reference meant when it was pulled
//	downloads/HEX     a blob that is not whole yet, or is an archive to be unpacked
//	making/HEX/       a tree that is not whole yet
//	locks/
//
// Whoever is killed at any moment leaves whole blobs, whole trees, and parts that the next pull
// goes on with: everything takes its name by rename, or by link, once it is whole and on the disk.
package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Store is the directory of a store, which only its user can enter.
type Store string

// In is the store below zlaunch's data directory, $XDG_DATA_HOME/zlaunch.
func In(data string) Store { return Store(filepath.Join(data, "models")) }

// The directories of a store.
const (
	plainDir     = "blobs/plain"
	execDir      = "blobs/exec"
	treesDir     = "trees"
	modelsDir    = "models"
	refsDir      = "refs"
	downloadsDir = "downloads"
	makingDir    = "making"
	locksDir     = "locks"
)

// IsRef tells whether what is given as models names one of the store, and no path: a reference
// of a registry, or the digest of a manifest.
func IsRef(s string) bool { return strings.HasPrefix(s, "oci://") || bounded.Digest(s) }

// Model is a model of the store.
type Model struct {
	Record
	Path string // of its tree
}

// Find gives the model that a reference names: by the digest in it, or as it was pulled. The
// error is [fs.ErrNotExist] where it was not.
func (s Store) Find(ref string) (Model, error) {
	manifest := ref
	if _, after, ok := strings.Cut(ref, "@"); ok {
		manifest = after
	}
	if !bounded.Digest(manifest) {
		pulled, err := refOf(place(s), Normal(ref))
		if errors.Is(err, fs.ErrNotExist) {
			return Model{}, absent(ref)
		}
		if err != nil {
			return Model{}, fmt.Errorf("looking for the model %s: %w", bounded.Shown(ref), err)
		}
		manifest = pulled.Manifest
	}
	r, err := s.Load(manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return Model{}, absent(ref)
	}
	return Model{r, place(s).tree(manifest)}, err
}

func absent(ref string) error {
	return hint.Wrap(fmt.Errorf("looking for the model %s: it was not pulled yet: %w", bounded.Shown(ref), fs.ErrNotExist), Again(ref))
}

// Again is the command that has a model that is not there; a digest alone says not from where.
func Again(ref string) string {
	if strings.HasPrefix(ref, "oci://") {
		return "zlaunch model pull " + bounded.Shown(ref)
	}
	return "zlaunch model list"
}

// Normal is a reference with the tag that it has unsaid.
func Normal(ref string) string {
	rest, ok := strings.CutPrefix(ref, "oci://")
	if ok && !strings.Contains(rest, "@") && !strings.Contains(rest[strings.LastIndexByte(rest, '/')+1:], ":") {
		return ref + ":latest"
	}
	return ref
}

// tree is where the tree of a manifest is, or is to be.
func (d place) tree(manifest string) string { return d.at(treesDir, hexOf(manifest)) }

// Statement is where the signed statement of a model is.
func (m Model) Statement() string { return m.Path + ".sig" }

// place is the directory of a store, with what lies where in it.
type place string

func (d place) at(names ...string) string {
	return filepath.Join(append([]string{string(d)}, names...)...)
}

// hexOf is a digest without its algorithm, which was checked.
func hexOf(digest string) string { return strings.TrimPrefix(digest, "sha256:") }

// List gives the models of the store, by manifest, and what could not be read of it.
func (s Store) List() ([]Model, error) {
	entries, err := os.ReadDir(place(s).at(modelsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the models: %w", err)
	}
	var out []Model
	var errs []error
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if _, err := hex.DecodeString(name); !ok || err != nil {
			continue // a part of one that is being written
		}
		r, err := s.Load("sha256:" + name)
		if err == nil {
			out = append(out, Model{r, place(s).tree(r.Manifest)})
		} else if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	slices.SortFunc(out, func(a, b Model) int { return strings.Compare(a.Manifest, b.Manifest) })
	return out, errors.Join(errs...)
}

// prepare makes the directories of the store, and wants it to be nobody else's to write.
func (s Store) prepare() error {
	for _, dir := range []string{"", plainDir, execDir, treesDir, modelsDir, refsDir, downloadsDir, makingDir, locksDir} {
		if err := os.MkdirAll(place(s).at(dir), 0o700); err != nil {
			return fmt.Errorf("making the store of models: %w", err)
		}
	}
	return trust.Caller().Path(string(s))
}
