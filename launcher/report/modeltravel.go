package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"
)

// The versions of the JSON of models that travel.
const (
	ModelPullSchema = "zlaunch.dev/model-pull/v1"
	ModelPushSchema = "zlaunch.dev/model-push/v1"
	ModelListSchema = "zlaunch.dev/model-list/v1"
)

// ModelPull is a model that was pulled.
type ModelPull struct {
	Schema   string `json:"schema"`
	Ref      string `json:"ref"`                 // by digest: what --models takes
	Manifest string `json:"manifest"`            // "sha256:…"
	Digest   string `json:"digest"`              // "sha256:…" of the tree, as zlaunch model digest prints it
	Path     string `json:"path"`                // of the tree
	Files    int    `json:"files"`               // of the tree
	Bytes    int64  `json:"bytes"`               // of its files
	Fetched  int64  `json:"fetched"`             // bytes that came now
	Here     bool   `json:"here"`                // the store had it
	SignedBy string `json:"signed_by,omitempty"` // in words; "" nobody was asked for
}

// Sentence tells a person what came.
func (m ModelPull) Sentence() string {
	what := fmt.Sprintf("the model is here: %s, %s, %s fetched", Plural(m.Files, "file"), units.HumanSize(float64(m.Bytes)), units.HumanSize(float64(m.Fetched)))
	if m.Here {
		what = fmt.Sprintf("the model was here: %s, %s", Plural(m.Files, "file"), units.HumanSize(float64(m.Bytes)))
	}
	if m.SignedBy != "" {
		what += "; signed by " + m.SignedBy
	}
	return what
}

// Text writes what to give as models.
func (m ModelPull) Text(w io.Writer) error {
	_, err := io.WriteString(w, Escape(m.Ref)+"\n")
	return err
}

// ModelPush is a model that was pushed.
type ModelPush struct {
	Schema   string `json:"schema"`
	Ref      string `json:"ref"`      // by digest
	Manifest string `json:"manifest"` // "sha256:…"
	Digest   string `json:"digest"`   // "sha256:…" of the tree
	Files    int    `json:"files"`
	Bytes    int64  `json:"bytes"`
	SignedBy string `json:"signed_by,omitempty"` // "sha256:…" of the key that signed it just now
}

// Sentence tells a person what went where.
func (m ModelPush) Sentence(to string) string {
	what := fmt.Sprintf("the model is there: %s, %s", Plural(m.Files, "file"), units.HumanSize(float64(m.Bytes)))
	if m.SignedBy != "" {
		what += "; signed by the key " + m.SignedBy
	}
	return what + "; to have it: zlaunch model pull " + to
}

// Text writes its reference by digest.
func (m ModelPush) Text(w io.Writer) error {
	_, err := io.WriteString(w, Escape(m.Ref)+"\n")
	return err
}

// ModelList is the store of models.
type ModelList struct {
	Schema       string        `json:"schema"`
	Models       []StoredModel `json:"models"`  // by manifest
	Partial      int           `json:"partial"` // downloads that were never finished
	PartialBytes int64         `json:"partial_bytes"`
}

// StoredModel is one model of it.
type StoredModel struct {
	Manifest string    `json:"manifest"`
	Digest   string    `json:"digest"`
	Path     string    `json:"path"`
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	Pulled   time.Time `json:"pulled"`
	Refs     []string  `json:"refs,omitempty"`      // by which it was pulled
	SignedBy []string  `json:"signed_by,omitempty"` // keys, names and authorities, of those that were asked for
	Runs     []string  `json:"runs,omitempty"`      // that have it, by their records
	Damage   string    `json:"damage,omitempty"`    // of a check; "" none, or nobody looked
}

// Text writes them for a person.
func (l ModelList) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "MODEL", most: 24, wraps: true}, {title: "FILES"}, {title: "SIZE"}, {title: "PULLED"}, {title: "RUNS", wraps: true}, {title: "FROM", wraps: true, below: true}, {title: "STATE", wraps: true, below: true}}}
	for _, m := range l.Models {
		t.add(m.Manifest, strconv.Itoa(m.Files), units.HumanSize(float64(m.Bytes)), m.Pulled.Format(time.DateOnly), strings.Join(m.Runs, ", "), strings.Join(m.Refs, ", "), m.Damage)
	}
	if err := t.write(w, on); err != nil || l.Partial == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "%d downloads were never finished, %s: the next pull goes on with them, zlaunch model rm --partial removes them\n", l.Partial, units.HumanSize(float64(l.PartialBytes)))
	return err
}
