package share

import (
	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// Wish is a bundle that somebody wants locked, and what of it they take.
type Wish struct {
	Ref      bundle.Ref
	Signer   signature.Identity // who is accepted; the zero value: whoever the lists name
	Unsigned string             // why it may be unsigned; "" it may not

	// Ask shows a key that no list names, and tells whether it is accepted for this
	// bundle; nil: nobody can be asked, and it is not.
	Ask func(key *signature.Error, b bundle.Bundle) bool

	// What must not change by habit, each by a word of its own.
	SignerChange, RefChange, Older bool

	locked *lockfile.Bundle // what stands in the lock; nil: nothing
	listed bool             // only whom the lists name
}

// accepts are those whose signature is taken. Whoever signed what is locked is the only
// one who may sign what takes its place, unless another signer was asked for.
func (w Wish) accepts() []signature.Identity {
	switch {
	case w.expected() != "":
		return []signature.Identity{{Fingerprint: w.expected()}}
	case w.Signer != (signature.Identity{}):
		return []signature.Identity{w.Signer}
	}
	return []signature.Identity{signature.AnyListed()}
}

// knows tells whether a key that no list names is accepted: it is the locked one, was
// named, or whoever is asked says so.
func (w Wish) knows(fingerprint string, not *signature.Error, b bundle.Bundle) bool {
	switch {
	case w.listed:
		return false
	case w.expected() != "":
		return fingerprint == w.expected()
	case w.Signer.Fingerprint != "":
		return fingerprint == w.Signer.Fingerprint && w.Signer.Principal == ""
	case w.Signer.Principal != "" || w.Ask == nil:
		return false
	}
	return w.Ask(not, b)
}

// expected is the key that alone may sign; "" nobody signed what is locked, or another
// signer was asked for.
func (w Wish) expected() string {
	if w.locked == nil || w.locked.Signer == nil || w.SignerChange {
		return ""
	}
	return w.locked.Signer.Key
}
