// Package signature makes and verifies SSH signatures, as `ssh-keygen -Y sign` and
// `-Y verify` do (PROTOCOL.sshsig of OpenSSH), and says whose they are.
//
// A signature counts for one namespace, and only where a list of allowed signers, in
// OpenSSH's own format, names its key for that namespace and that time, and where it is of
// somebody whom the caller accepts; a key that no list names counts where the caller names
// it as [Unlisted]. All of this is one step: a [Check] that says nobody is
// accepted finds no signature good.
package signature

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/hiddeco/sshsig"
)

// Namespaces keep a signature that was made for one thing from being shown for another.
const (
	Profiles = "zlaunch-profiles@v1" // over a [Bundle]
	Evidence = "zlaunch-evidence@v1" // over the envelope of a record of an audit
)

// maxArmored bounds a signature in bytes; one by the largest RSA key has some 6 KiB.
const maxArmored = 32 << 10

// parse reads an armored signature: one block and nothing beside it, each byte of which
// has a meaning, so that there are no two texts of one signature but by their lines.
func parse(armored []byte) (*sshsig.Signature, error) {
	text := bytes.TrimSpace(armored)
	if len(armored) > maxArmored {
		return nil, fmt.Errorf("it is larger than %d KiB", maxArmored>>10)
	}
	if !bytes.HasPrefix(text, []byte("-----BEGIN "+sshsig.PEMType+"-----")) {
		return nil, fmt.Errorf("it does not begin with -----BEGIN %s-----", sshsig.PEMType)
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != sshsig.PEMType || len(block.Headers) > 0 || len(rest) > 0 {
		return nil, errors.New("it is not one armored block and nothing else")
	}
	sig, err := sshsig.ParseSignature(block.Bytes)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(sig.Marshal(), block.Bytes) {
		return nil, errors.New("it has bytes without a meaning")
	}
	return sig, nil
}
