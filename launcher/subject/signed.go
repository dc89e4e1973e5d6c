package subject

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/signature"
	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// predicate is what is signed of a record: what others compare with, and the record, as
// it was written.
func (e *Evidence) predicate(text []byte) signoff.Predicate {
	p := signoff.Predicate{Plan: e.Subject.Plan, Policy: e.Policy, Proof: map[string]int{}, Verdicts: map[string]int{}, Record: text}
	if e.Subject.ImageDigest != "" {
		p.Images = []string{e.Subject.ImageDigest}
	}
	for _, m := range e.Models {
		p.Models = append(p.Models, signoff.Tree{Target: m.Target, Digest: m.Digest})
	}
	for _, s := range e.Settings {
		p.Proof[s.Evidence.String()]++
	}
	for _, f := range e.Findings {
		p.Verdicts[f.Verdict.String()]++
	}
	return p
}

// sign gives the record, whose text it is, in an envelope.
func (e *Evidence) sign(text []byte, key *signature.Key) ([]byte, error) {
	s, err := signoff.New(e.Subject.Name, e.Digest, e.predicate(text))
	if err != nil {
		return nil, err
	}
	out, err := s.Sign(key)
	if err == nil && len(out) > MaxFile {
		err = fmt.Errorf("signing the evidence: it is larger than %d MiB", MaxFile>>20)
	}
	return out, err
}

// signed judges the record in an envelope again. Who signed it is a note where a list
// allows the key, and else an open finding; a signature that is not of this content, or
// was made for something else, is an error.
func (f Files) signed(name string, text []byte) (*Audited, error) {
	var signers signature.AllowedSigners
	var err error
	if f.Signers != nil {
		if signers, err = f.Signers(); err != nil {
			return nil, err
		}
	}
	check := signoff.Check{SSH: signature.Check{Signers: signers, Accept: []signature.Identity{signature.AnyListed()}, At: time.Now()}}
	s, foreign := check.Open(text)
	if s.Statement == nil {
		return nil, fmt.Errorf("%s: %w", name, foreign)
	}
	e, err := ReadEvidence(bytes.NewReader(s.Predicate.Record))
	if err == nil && (e.Digest != s.Digest() || e.Subject.Name != s.Subject[0].Name || !reflect.DeepEqual(e.predicate(s.Predicate.Record), s.Predicate)) {
		err = errors.New("what is signed says something else than its own record")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	doubt, said := "", fmt.Sprintf("signed by %s: %s key %s, allowed by %s", s.By.Principal, s.By.KeyType, s.By.Fingerprint, s.By.Listed)
	if foreign != nil {
		doubt, said = "nobody who is known signed the record: "+foreign.Error(), hint.Of(foreign)
	}
	a, err := e.audited(name, doubt)
	if err == nil && said != "" {
		a.Notes = slices.Insert(a.Notes, 0, said)
	}
	return a, err
}
