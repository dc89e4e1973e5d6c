package signoff

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/signature"
)

// Check is whose signature is taken.
type Check struct {
	// SSH is asked about a signature of an SSH key, in namespace [signature.Evidence].
	SSH signature.Check
	// Keys are those in PEM that are taken; each is an identity of its own.
	Keys []*PublicKey
}

// Signed is a statement and who signed it.
type Signed struct {
	*Statement
	By signature.Signer
}

// Open verifies an envelope and gives what it says. An envelope that nobody signed who is
// taken gives its statement beside the error where the signature itself is right and an SSH
// key's: it was not changed since, and [signature.Error] says by which key. In all other
// cases there is no statement.
func (c Check) Open(text []byte) (Signed, error) {
	e, err := parse(text)
	if err != nil {
		return Signed{}, fmt.Errorf("reading an envelope: %w", err)
	}
	by, err := c.who(e)
	var foreign *signature.Error
	if err != nil && (!errors.As(err, &foreign) || foreign.Key == "") {
		return Signed{}, err
	}
	s := &Statement{}
	if bad := strict(e.Payload, s); bad != nil {
		return Signed{}, fmt.Errorf("reading a statement: %w", bad)
	}
	if bad := s.check(); bad != nil {
		return Signed{}, fmt.Errorf("reading a statement: %w", bad)
	}
	return Signed{s, by}, err
}

func (c Check) who(e *Envelope) (signature.Signer, error) {
	message, sig := PAE(e.PayloadType, e.Payload), e.Signatures[0].Sig
	if len(sig) == 0 || bytes.HasPrefix(bytes.TrimSpace(sig), []byte("-----BEGIN ")) {
		ssh := c.SSH
		ssh.Namespace = signature.Evidence
		return ssh.Verify(message, sig)
	}
	for _, k := range c.Keys {
		if k.Verify(message, sig) {
			return signature.Signer{Principal: k.Name, KeyType: k.Kind(), Fingerprint: k.ID(), Listed: k.Name}, nil
		}
	}
	return signature.Signer{}, &signature.Error{Kind: signature.Bad, Why: fmt.Sprintf("by none of the %d keys in PEM that are taken", len(c.Keys))}
}
