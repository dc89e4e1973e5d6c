package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/launcher/internal/wholefile"
)

// The versions of the files of a store.
const (
	RecordSchema = "zlaunch.dev/stored-model/v1"
	RefSchema    = "zlaunch.dev/stored-ref/v1"
)

// maxFile bounds a file of the store's own in bytes; a record has some 500.
const maxFile = 64 << 10

// Record is what a model of the store is.
type Record struct {
	Schema   string    `json:"schema"`
	Manifest string    `json:"manifest"`          // "sha256:…" of the manifest: what a reference by digest names
	Digest   string    `json:"digest"`            // "sha256:…" of the tree, as zlaunch model digest prints it
	Packed   bool      `json:"packed"`            // by ModelPack; else files as ORAS keeps them
	Files    int       `json:"files"`             // of the tree
	Bytes    int64     `json:"bytes"`             // of its files
	Time     time.Time `json:"time"`              // of the pull that made it
	Signers  []string  `json:"signers,omitempty"` // who signed it, of those that were asked for: keys, names, authorities
}

// Pulled is what a reference meant when it was pulled the last time.
type Pulled struct {
	Schema   string    `json:"schema"`
	Ref      string    `json:"ref"`
	Manifest string    `json:"manifest"`
	Time     time.Time `json:"time"`
}

// Load reads the record of a model. The error is [fs.ErrNotExist] where there is none.
func (s Store) Load(manifest string) (r Record, err error) {
	if !bounded.Digest(manifest) {
		return r, fmt.Errorf("reading the record of the model %s: %w", bounded.Shown(manifest), fs.ErrNotExist)
	}
	if err := place(s).read(place(s).at(modelsDir, hexOf(manifest)+".json"), &r); err != nil {
		return r, fmt.Errorf("reading the record of the model %s: %w", manifest, err)
	}
	if r.Schema != RecordSchema || r.Manifest != manifest || !bounded.Digest(r.Digest) || r.Files < 1 || r.Bytes < 0 {
		return Record{}, fmt.Errorf("reading the record of the model %s: it is none of that", manifest)
	}
	if _, err := os.Lstat(place(s).tree(manifest)); err != nil {
		return Record{}, fmt.Errorf("reading the model %s: %w", manifest, err)
	}
	return r, nil
}

// read reads a file of the store's own.
func (d place) read(path string, into any) error {
	if err := trust.Caller().Path(string(d)); err != nil {
		return err
	}
	data, err := claim.ReadFile(path, maxFile)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func (d place) write(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return wholefile.Write(path, append(data, '\n'))
}

// refFile is the file of a reference: any text is one name.
func (d place) refFile(ref string) string {
	sum := sha256.Sum256([]byte(ref))
	return d.at(refsDir, hex.EncodeToString(sum[:])+".json")
}

// refOf is what a reference meant.
func refOf(d place, ref string) (p Pulled, err error) {
	if err := d.read(d.refFile(ref), &p); err != nil {
		return p, err
	}
	if p.Schema != RefSchema || p.Ref != ref || !bounded.Digest(p.Manifest) {
		return Pulled{}, errors.New("its file in the store is of something else")
	}
	return p, nil
}

// Note writes down what a reference means now.
func (s Store) Note(ref, manifest string, now time.Time) error {
	p := Pulled{RefSchema, Normal(ref), manifest, now.UTC().Truncate(time.Second)}
	if err := place(s).write(place(s).refFile(p.Ref), p); err != nil {
		return fmt.Errorf("writing down what %s is: %w", bounded.Shown(ref), err)
	}
	return nil
}

// Refs are all references that were pulled, sorted.
func (s Store) Refs() ([]Pulled, error) {
	entries, err := os.ReadDir(place(s).at(refsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the references of models: %w", err)
	}
	var out []Pulled
	for _, e := range entries {
		var p Pulled
		if name := place(s).at(refsDir, e.Name()); strings.HasPrefix(e.Name(), ".") || place(s).read(name, &p) != nil || p.Schema != RefSchema || place(s).refFile(p.Ref) != name {
			continue // it names nothing
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Pulled) int { return strings.Compare(a.Ref, b.Ref) })
	return out, nil
}
