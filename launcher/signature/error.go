package signature

// Kind is why a signature is not good.
type Kind int

// Why a signature is not good, in the order in which it is found out. From Unknown on the
// signature itself is right: it was made over this message by the key of [Error].
const (
	NotSigned      Kind = iota + 1 // there is none
	Bad                            // it is no signature, or not of this message
	Weak                           // by a key that is not taken, whoever has it
	WrongNamespace                 // for another namespace, or by a key that is allowed for others only
	Unknown                        // by a key that no list names
	Other                          // by a key that a list names, of somebody who is not accepted here
	NotYet                         // by a key that is allowed from a later time on
	Expired                        // by a key that is not allowed any more
)

// String gives the kind in words.
func (k Kind) String() string {
	return [...]string{"", "not signed", "bad signature", "weak key", "wrong namespace", "unknown signer",
		"another signer", "key not yet valid", "key expired"}[k]
}

// Error is a signature that is not good.
type Error struct {
	Kind        Kind
	Fingerprint string // of the key that is said to have signed, "SHA256:…"; "" where no key could be read
	Key         string // the same key as a line has it, "ssh-ed25519 AAAA…"; "" before it is known to have signed
	Why         string // the rest of the sentence, one line
}

// Error says it in one line that no terminal obeys.
func (e *Error) Error() string {
	text := "verifying a signature: " + e.Kind.String()
	if e.Why != "" {
		text += ": " + e.Why
	}
	if e.Fingerprint != "" {
		text += " (key " + e.Fingerprint + ")"
	}
	return text
}
