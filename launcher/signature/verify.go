package signature

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Identity is somebody whose signature is accepted: by name, by key, or both, and then
// both must be so. The zero value is nobody.
type Identity struct {
	Principal   string // "ann@example.org", which patterns of the list are held against
	Fingerprint string // of the key, "SHA256:…", as a lock has it
	listed      bool
	unlisted    bool
}

// AnyListed is whoever the lists name for the namespace: for the first time that something
// is seen. What has a lock names the signer.
func AnyListed() Identity { return Identity{listed: true} }

// Unlisted is whoever holds the key of that fingerprint, though no list names it. Where a list
// names it, the list decides: one that has expired there is refused.
func Unlisted(fingerprint string) Identity { return Identity{Fingerprint: fingerprint, unlisted: true} }

// nobody tells that an identity accepts nobody.
func (id Identity) nobody() bool { return id.Principal == "" && id.Fingerprint == "" && !id.listed }

// Check is what is asked of a signature.
type Check struct {
	Namespace string         // [Profiles] or [Evidence]
	Signers   AllowedSigners // whose keys count
	Accept    []Identity     // of whom: one of these. None accepts nobody
	At        time.Time      // the time at which the key must be allowed: now, by a clock that may be wrong
}

// Signer is who signed.
type Signer struct {
	Principal   string // the one accepted by name, else the principals that the list has for the key; "" no list has it
	KeyType     string // "ssh-ed25519"
	Fingerprint string // "SHA256:…"
	Listed      string // where the key is allowed: "/etc/zlaunch/allowed_signers:3"; "" an [Unlisted] one
}

// Verify tells who made the armored signature over message. What is not good is an
// [Error]; a check that names no namespace, no time or nobody to accept is another error.
func (c Check) Verify(message, armored []byte) (Signer, error) {
	if err := c.usable(); err != nil {
		return Signer{}, err
	}
	if len(bytes.TrimSpace(armored)) == 0 {
		return Signer{}, &Error{Kind: NotSigned}
	}
	sig, err := parse(armored)
	if err != nil {
		return Signer{}, &Error{Kind: Bad, Why: fmt.Sprintf("%.200s", printable(err.Error()))}
	}
	if err := c.sound(message, sig); err != nil {
		err.Fingerprint = ssh.FingerprintSHA256(sig.PublicKey)
		return Signer{}, err
	}
	return c.whose(sig.PublicKey)
}

func (c Check) usable() error {
	switch {
	case c.Namespace == "" || c.At.IsZero():
		return errors.New("verifying a signature: for no namespace, or at no time")
	case len(c.Accept) == 0 || slices.ContainsFunc(c.Accept, Identity.nobody):
		return errors.New("verifying a signature: nobody is named whose it may be")
	}
	return nil
}

// sound tells that the signature is of the message, whoever made it.
func (c Check) sound(message []byte, sig *sshsig.Signature) *Error {
	if why := weak(sig.PublicKey); why != "" {
		return &Error{Kind: Weak, Why: why}
	}
	if sig.Namespace != c.Namespace {
		return &Error{Kind: WrongNamespace, Why: fmt.Sprintf("made for %.60q, and not for %q", sig.Namespace, c.Namespace)}
	}
	if !present(sig) {
		return &Error{Kind: Bad, Why: "nobody touched the security key"}
	}
	if sshsig.Verify(bytes.NewReader(message), sig, sig.PublicKey, sig.HashAlgorithm, c.Namespace) != nil {
		return &Error{Kind: Bad, Why: "not of this content"}
	}
	return nil
}

// Whose tells whose the signatures of a key are, as [Check.Verify] will tell it of one that
// is made.
func (c Check) Whose(key *Key) (Signer, error) {
	if err := c.usable(); err != nil {
		return Signer{}, err
	}
	return c.whose(key.signer.PublicKey())
}

// Holds tells whose the key of a fingerprint is, as [Check.Verify] will tell it of a signature
// that is made with it. No signature was looked at: it says what the lists do, and no more.
func (c Check) Holds(fingerprint string) (Signer, error) {
	if err := c.usable(); err != nil {
		return Signer{}, err
	}
	if lines := c.Signers.with(fingerprint); len(lines) > 0 {
		return c.whose(lines[0].key)
	}
	if slices.Contains(c.Accept, Unlisted(fingerprint)) {
		return Signer{Fingerprint: fingerprint}, nil
	}
	return Signer{}, &Error{Kind: Unknown, Why: "no list of allowed signers has the key", Fingerprint: fingerprint}
}

// whose finds a line of the lists that allows the key, for one who is accepted. Of several
// refusals the last in the order of [Kind] is told: it came nearest.
func (c Check) whose(key ssh.PublicKey) (Signer, error) {
	finger := ssh.FingerprintSHA256(key)
	worst := &Error{Kind: Unknown, Why: "no list of allowed signers has the key"}
	lines := c.Signers.of(key)
	if over := c.takenBack(lines); over != nil {
		worst, lines = over, nil
	}
	for _, e := range lines {
		who, ok := e.accepted(c.Accept, finger)
		refusal := e.refusal(c.Namespace, c.At)
		if !ok {
			refusal = &Error{Kind: Other, Why: e.principals.String() + " is not who was expected"}
		}
		if refusal == nil {
			return Signer{who, key.Type(), finger, e.where()}, nil
		}
		if refusal.Kind >= worst.Kind || worst.Kind == Unknown {
			worst = refusal
		}
	}
	if worst.Kind == Unknown && slices.Contains(c.Accept, Unlisted(finger)) {
		return Signer{KeyType: key.Type(), Fingerprint: finger}, nil
	}
	worst.Fingerprint, worst.Key = finger, keyText(key)
	return Signer{}, hint.Wrap(worst, c.next(worst))
}

// takenBack is the refusal of a list that allows the key of the lines no longer, by none of
// its own; nil: no list does so. What another list says does not count then: a key that is
// lost is taken back by one who knows of it.
func (c Check) takenBack(lines []allowed) *Error {
	for _, e := range lines {
		over := e.refusal(c.Namespace, c.At)
		allows := func(l allowed) bool { return l.file == e.file && l.refusal(c.Namespace, c.At) == nil }
		if over != nil && over.Kind == Expired && !slices.ContainsFunc(lines, allows) {
			return over
		}
	}
	return nil
}

// next is what can be typed about a refusal.
func (c Check) next(e *Error) string {
	if e.Kind != Unknown {
		return ""
	}
	return fmt.Sprintf("if you know whose key it is, a line of allowed_signers allows it: WHO@EXAMPLE namespaces=%q %s", c.Namespace, e.Key)
}
