package signature

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"
)

// AllowedSigners are the lines of one or several lists, as ssh-keygen(1) has them under
// ALLOWED SIGNERS. The zero value allows nobody.
type AllowedSigners struct{ lines []allowed }

// allowed is one line: a key, who has it, and what for.
type allowed struct {
	file       string // as it is shown
	line       int    // the first is 1
	principals patterns
	namespaces patterns  // nil: all
	after      time.Time // zero: always has been
	before     time.Time // zero: for ever
	key        ssh.PublicKey
	finger     string // of the key, "SHA256:…"
}

// Join gives the lines of both.
func (a AllowedSigners) Join(b AllowedSigners) AllowedSigners {
	return AllowedSigners{slices.Concat(a.lines, b.lines)}
}

// of are the lines of a key.
func (a AllowedSigners) of(key ssh.PublicKey) (out []allowed) {
	for _, l := range a.lines {
		if bytes.Equal(l.key.Marshal(), key.Marshal()) {
			out = append(out, l)
		}
	}
	return out
}

// with are the lines of a key by its fingerprint.
func (a AllowedSigners) with(fingerprint string) (out []allowed) {
	for _, l := range a.lines {
		if l.finger == fingerprint {
			out = append(out, l)
		}
	}
	return out
}

// Len is the number of keys.
func (a AllowedSigners) Len() int { return len(a.lines) }

func (a allowed) where() string { return fmt.Sprintf("%s:%d", printable(a.file), a.line) }

// accepted tells whether one of the identities may have signed with the key of this line,
// and under which name.
func (a allowed) accepted(of []Identity, fingerprint string) (string, bool) {
	for _, id := range of {
		switch {
		case id.Fingerprint != "" && id.Fingerprint != fingerprint:
		case id.Principal != "" && a.principals.match(id.Principal):
			return id.Principal, true
		case id.Principal == "":
			return a.principals.String(), true
		}
	}
	return "", false
}

// refusal says why the line does not allow its key for a namespace at a time; nil it does.
func (a allowed) refusal(namespace string, at time.Time) *Error {
	switch {
	case a.namespaces != nil && !a.namespaces.match(namespace):
		return &Error{Kind: WrongNamespace, Why: a.where() + " allows the key for " + a.namespaces.String()}
	case !a.after.IsZero() && at.Before(a.after):
		return &Error{Kind: NotYet, Why: a.where() + " allows the key from " + a.after.UTC().Format(time.RFC3339)}
	case !a.before.IsZero() && at.After(a.before):
		return &Error{Kind: Expired, Why: a.where() + " allowed the key until " + a.before.UTC().Format(time.RFC3339)}
	}
	return nil
}
