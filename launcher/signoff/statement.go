package signoff

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

const (
	// StatementType is the version of in-toto's statement.
	StatementType = "https://in-toto.io/Statement/v1"
	// PredicateType is the version of [Predicate]; a change of its meaning makes another.
	PredicateType = "https://zlaunch.dev/audit/v1"
)

// sha256Hex is a digest as in-toto has it, without the name of its algorithm.
var sha256Hex = lazyregexp.New(`^[0-9a-f]{64}$`)

// Statement says something about a subject that a digest names.
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// Subject is what a statement is about.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"` // "sha256": hex
}

// Predicate is what was audited and what came of it. The digests are what is compared with
// elsewhere; the record has all the rest.
type Predicate struct {
	Plan     string          `json:"plan,omitempty"`   // hash of what was planned; "" without a plan
	Images   []string        `json:"images,omitempty"` // "sha256:…" of each image
	Models   []Tree          `json:"models,omitempty"`
	Proof    map[string]int  `json:"proof"`            // number of settings by the rung of evidence that shows them
	Policy   string          `json:"policy,omitempty"` // "sha256:…" of the policy that was applied; "" without one
	Verdicts map[string]int  `json:"verdicts"`         // number of findings by verdict
	Record   json.RawMessage `json:"record"`           // as audit --evidence writes it
}

// Tree is a tree of model files.
type Tree struct {
	Target string `json:"target"` // in the container
	Digest string `json:"digest"`
}

// New makes the statement about a record whose digest is "sha256:…".
func New(name, digest string, p Predicate) (*Statement, error) {
	hex, ok := strings.CutPrefix(digest, "sha256:")
	s := &Statement{StatementType, []Subject{{name, map[string]string{"sha256": hex}}}, PredicateType, p}
	if err := s.check(); err != nil || !ok {
		return nil, fmt.Errorf("making a statement about %.80q: %w", digest, cmp.Or(err, errors.New("it is not a digest of SHA-256")))
	}
	return s, nil
}

func (s *Statement) check() error {
	switch {
	case s.Type != StatementType || s.PredicateType != PredicateType:
		return fmt.Errorf("it is a statement %.80q with %.80q, and not %q with %q", s.Type, s.PredicateType, StatementType, PredicateType)
	case len(s.Subject) != 1 || len(s.Subject[0].Digest) != 1 || !sha256Hex().MatchString(s.Subject[0].Digest["sha256"]):
		return errors.New("it is not about one subject with a digest of SHA-256")
	case !bytes.HasPrefix(s.Predicate.Record, []byte("{")):
		return errors.New("it holds no record")
	}
	return nil
}

// Digest is that of the subject, "sha256:…".
func (s *Statement) Digest() string { return "sha256:" + s.Subject[0].Digest["sha256"] }
