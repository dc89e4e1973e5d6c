package share

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/blang/semver/v4"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// RefusedError is a bundle that is not taken: its signature, its signer, or what must be
// asked for by name.
type RefusedError struct {
	Bundle string
	Err    error
}

func (e *RefusedError) Error() string { return "bundle " + e.Bundle + " is refused: " + e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

func refused(name string, err error) error {
	return hint.Wrap(&RefusedError{name, err}, hint.Of(err))
}

// verifier tells whose a bundle is, and whether it is for this zlaunch.
type verifier struct {
	allowed signature.AllowedSigners
	host    string    // the host's own list of them
	version string    // of zlaunch; "" is not asked
	at      time.Time // when a key must be allowed
}

func (s *Shelf) verifier() (verifier, error) {
	allowed, err := s.Signers.Read()
	v := verifier{allowed, s.Signers.System, s.Version, time.Now()}
	if s.Now != nil {
		v.at = s.Now()
	}
	return v, err
}

// fits holds what a bundle requires against this zlaunch.
func (v verifier) fits(b bundle.Bundle) error {
	if b.Requires == "" || v.version == "" {
		return nil
	}
	least, err := semver.Parse(b.Requires)
	if err != nil {
		return fmt.Errorf("reading what bundle %s requires: %w", b.Name, err)
	}
	mine, err := semver.ParseTolerant(v.version)
	if err == nil && mine.LT(least) {
		return hint.Errorf("a newer zlaunch, or an older version of the bundle by its tag",
			"bundle %s %s requires zlaunch %s, and this is %s", b.Name, b.Version, b.Requires, v.version)
	}
	return nil // a build without a version is of somebody who builds
}

// sign verifies an offer and notes who signed it, of those whom w accepts.
func (v verifier) sign(o *Offer, w Wish) error {
	who, err := v.signer(*o, w)
	if who == nil {
		return err
	}
	v.note(o, *who)
	return err
}

func (v verifier) note(o *Offer, who signature.Signer) {
	o.Signer = &lockfile.Signer{Principal: who.Principal, Key: who.Fingerprint}
	o.OfHost = v.host != "" && strings.HasPrefix(who.Listed, v.host+":") && !strings.Contains(who.Listed[len(v.host)+1:], ":")
}

func (v verifier) signer(o Offer, w Wish) (*signature.Signer, error) {
	b := o.Artifact.Bundle
	found, err := v.verified(o, w.accepts())
	var not *signature.Error
	if err == nil || !errors.As(err, &not) {
		return found, err
	}
	switch {
	case not.Kind == signature.NotSigned && w.Unsigned != "" && (w.locked == nil || w.locked.Signer == nil || w.SignerChange):
		return nil, nil
	case not.Kind == signature.Unknown && w.asks() && w.Ask(not, b):
		return v.verified(o, signature.Unlisted(not.Fingerprint))
	}
	if was := w.expected(); was != "" && not.Fingerprint != "" && not.Fingerprint != was {
		return nil, refused(b.Name, hint.Errorf("ask both teams; if another signer is meant: --allow-signer-change --signer "+not.Fingerprint,
			"it is locked from the signer %s, and this one is by %s: %w", was, not.Fingerprint, err))
	}
	return nil, refused(b.Name, hint.Wrap(err, nextFor(not, b.Name, w.at)))
}

func (v verifier) check(accept signature.Identity) signature.Check {
	return signature.Check{Namespace: signature.Profiles, Signers: v.allowed, Accept: []signature.Identity{accept}, At: v.at}
}

// verified holds the signatures of an offer against who is accepted; one that is good
// is enough. Of several that are not, the error is the one that came farthest.
func (v verifier) verified(o Offer, accept signature.Identity) (*signature.Signer, error) {
	subject, err := signature.NewBundle(o.Artifact.Bundle.Name, o.Artifact.Bundle.Version, o.Artifact.Digest().String())
	if err != nil {
		return nil, err
	}
	check := v.check(accept)
	var worst error = &signature.Error{Kind: signature.NotSigned, Why: "nobody signed it"}
	kind := signature.NotSigned
	for _, sig := range o.Signatures {
		who, err := check.Verify(subject.Message(), sig)
		if err == nil {
			return &who, nil
		}
		var not *signature.Error
		if !errors.As(err, &not) {
			return nil, err
		}
		if not.Kind >= kind {
			worst, kind = err, not.Kind
		}
	}
	return nil, worst
}

// nextFor is what to type about a signature that is not good, of a bundle that is for a lock.
func nextFor(e *signature.Error, name string, at Place) string {
	switch e.Kind {
	case signature.NotSigned:
		return "ask its team to sign it (zlaunch push signs), or --unsigned REASON"
	case signature.Unknown:
		return "compare the fingerprint with the team that publishes it, then --signer " + e.Fingerprint
	case signature.Expired:
		return "once its team signs with another key, " + at.Next("update", name+" --allow-signer-change --signer SHA256:HASH")
	}
	return ""
}
