package signature

import (
	"crypto/rsa"
	"fmt"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

const (
	// minRSA is the least size of an RSA key in bits that NIST SP 800-131A allows, and
	// maxRSA the most that OpenSSH reads (SSHBUF_MAX_BIGNUM).
	minRSA, maxRSA = 2048, 16384
	// userPresent is the flag of a FIDO signature that somebody touched the key
	// (PROTOCOL.u2f, SSH_SK_USER_PRESENCE_REQD).
	userPresent = 0x01
)

// weak says why a key is not taken, whoever has it; "" it is. An algorithm that is not
// known here is not taken.
func weak(key ssh.PublicKey) string {
	switch key.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return ""
	case ssh.KeyAlgoRSA:
		return weakRSA(key)
	}
	return fmt.Sprintf("keys of type %q are not taken", key.Type())
}

// weakRSA says why the size of an RSA key is not taken; "" it is.
func weakRSA(key ssh.PublicKey) string {
	c, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return "an RSA key whose size is not known"
	}
	pub, ok := c.CryptoPublicKey().(*rsa.PublicKey)
	if !ok {
		return "an RSA key whose size is not known"
	}
	if n := pub.N.BitLen(); n < minRSA || n > maxRSA {
		return fmt.Sprintf("an RSA key of %d bits, and not of %d to %d", n, minRSA, maxRSA)
	}
	return ""
}

// present tells whether a signature by a FIDO key says that somebody touched it;
// those of other keys need nobody.
func present(sig *sshsig.Signature) bool {
	switch sig.PublicKey.Type() {
	case ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		rest := sig.Signature.Rest // flags, one byte, and a counter of four
		return len(rest) == 5 && rest[0]&userPresent != 0
	}
	return true
}
