package oms

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// PredicateType is that of a model's manifest.
const PredicateType = "https://model_signing/signature/v1.0"

// statement is an in-toto statement about a model.
type statement struct {
	Type          string            `json:"_type"`
	Subject       []signoff.Subject `json:"subject"`
	PredicateType string            `json:"predicateType"`
	Predicate     *predicate        `json:"predicate"`
}

// predicate is a [Manifest] as it is read: keys that a reader must not ignore are looked for.
type predicate struct {
	Resources     []Resource      `json:"resources"`
	Serialization json.RawMessage `json:"serialization"`
}

func newStatement(name string, m *Manifest) any {
	return struct {
		Type          string            `json:"_type"`
		Subject       []signoff.Subject `json:"subject"`
		PredicateType string            `json:"predicateType"`
		Predicate     *Manifest         `json:"predicate"`
	}{signoff.StatementType, []signoff.Subject{{Name: name, Digest: map[string]string{algorithm: m.Root()[len("sha256:"):]}}}, PredicateType, m}
}

// readStatement reads what was signed. What in-toto has readers ignore is ignored: unknown
// keys, but for those of serialization, which may change what the digests mean.
func readStatement(payload []byte) (name string, m *Manifest, err error) {
	var s statement
	if err := json.Unmarshal(payload, &s); err != nil {
		return "", nil, err
	}
	switch {
	case s.Type != signoff.StatementType || s.PredicateType != PredicateType:
		return "", nil, fmt.Errorf("it is a %.80q with %.80q, and not %q with %q", s.Type, s.PredicateType, signoff.StatementType, PredicateType)
	case len(s.Subject) != 1 || s.Subject[0].Name == "" || len(s.Subject[0].Name) > 4096: // PATH_MAX
		return "", nil, errors.New("it is not about one model")
	case s.Predicate == nil || s.Predicate.Serialization == nil:
		return "", nil, errors.New("it does not say how the files were digested")
	}
	m = &Manifest{Resources: s.Predicate.Resources}
	if m.Serialization, err = readSerialization(s.Predicate.Serialization); err != nil {
		return "", nil, err
	}
	if err := m.check(); err != nil {
		return "", nil, err
	}
	if want := s.Subject[0].Digest[algorithm]; "sha256:"+want != m.Root() {
		return "", nil, fmt.Errorf("it calls itself sha256:%.64s, and its files are %s", want, m.Root())
	}
	return s.Subject[0].Name, m, nil
}

func readSerialization(text json.RawMessage) (s Serialization, err error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return s, err
	}
	for key := range keys {
		switch key {
		case "method", "hash_type", "allow_symlinks", "ignore_paths", "shard_size":
		default:
			return s, fmt.Errorf("serialization has %.40q, which is not known here", key)
		}
	}
	if keys["allow_symlinks"] == nil {
		return s, errors.New("it does not say whether symbolic links were followed")
	}
	return s, json.Unmarshal(text, &s)
}
