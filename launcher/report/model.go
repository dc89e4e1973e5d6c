package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/docker/go-units"
)

// ModelSchema is the version of the JSON of models.
const ModelSchema = "zlaunch.dev/model/v1"

// Model is what is told of a model tree.
type Model struct {
	Schema    string          `json:"schema"`
	Path      string          `json:"path"`
	Digest    string          `json:"digest"`              // "sha256:…" of names and contents: what a profile pins
	OMS       string          `json:"oms,omitempty"`       // "sha256:…" of the contents alone, as OpenSSF Model Signing has it; "" there is none
	NoOMS     string          `json:"no_oms,omitempty"`    // why not
	Files     []ModelFile     `json:"files,omitempty"`     // of digest
	Count     int             `json:"count"`               // of files
	Bytes     int64           `json:"bytes"`               // of all
	Signature *ModelSignature `json:"signature,omitempty"` // of verify
}

// ModelFile is one file of a model.
type ModelFile struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"` // "" of a symbolic link
	Link   bool   `json:"link,omitempty"`
}

// ModelSignature is who signed a model.
type ModelSignature struct {
	File      string   `json:"file"`
	Method    string   `json:"method"` // key or certificate
	Key       string   `json:"key"`    // "sha256:…"
	By        string   `json:"by"`     // in words
	Names     []string `json:"names,omitempty"`
	Authority []string `json:"authority,omitempty"`
	Uncovered []string `json:"uncovered,omitempty"` // files that the signer left out
}

// Text writes it for a person.
func (m Model) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{}, {wraps: true}}}
	t.add("digest", m.Digest)
	if m.OMS != "" {
		t.add("oms", m.OMS)
	} else {
		t.add("oms", "none: "+m.NoOMS)
	}
	t.add("files", strconv.Itoa(m.Count)+", "+units.HumanSize(float64(m.Bytes)))
	if s := m.Signature; s != nil {
		t.add("signed", "by "+s.By)
		if len(s.Uncovered) > 0 {
			t.add("not signed", fmt.Sprintf("%s that the signer left out, the first is %q", Plural(len(s.Uncovered), "file"), s.Uncovered[0]))
		}
	}
	return t.write(w, on)
}
