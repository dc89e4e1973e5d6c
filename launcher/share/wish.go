package share

import (
	"context"

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

	// Images finds out what the images of its profiles mean, once it is agreed to; nil:
	// that is not asked.
	Images func(context.Context, Change) []lockfile.Image

	// What must not change by habit, each by a word of its own.
	SignerChange, RefChange, Older bool

	at     Place            // of the lock that it is for
	locked *lockfile.Bundle // what stands in the lock; nil: nothing
	listed bool             // only whom the lists name
}

// accepts is whose signature is taken. Whoever signed what is locked is the only one who
// may sign what takes its place, unless another signer was asked for.
func (w Wish) accepts() signature.Identity {
	switch was := w.expected(); {
	case was != "" && w.listed:
		return signature.Identity{Fingerprint: was}
	case was != "":
		return signature.Unlisted(was)
	case w.Signer.Fingerprint != "" && w.Signer.Principal == "":
		return signature.Unlisted(w.Signer.Fingerprint)
	case w.Signer != (signature.Identity{}):
		return w.Signer
	}
	return signature.AnyListed()
}

// asks tells whether somebody can be asked about a key that no list names: nobody else was
// named, and one who was is not replaced by an answer.
func (w Wish) asks() bool { return w.Ask != nil && w.accepts() == signature.AnyListed() }

// expected is the key that alone may sign; "" nobody signed what is locked, or another
// signer was asked for.
func (w Wish) expected() string {
	if w.locked == nil || w.locked.Signer == nil || w.SignerChange {
		return ""
	}
	return w.locked.Signer.Key
}
