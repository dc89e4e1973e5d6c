package signature

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os/exec"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// maxPublic bounds a file with a public key, in bytes; one of RSA-4096 has 800.
const maxPublic = 64 << 10

// Ready tells whether [Cosign.Verify] can be asked at all, before anything is read for it: the key
// is there and is a public one in PEM, and so is the cosign of PATH. It asks no registry.
func (c Cosign) Ready() error {
	if _, err := c.arguments(); err != nil {
		return fmt.Errorf("asking cosign: %w", err)
	}
	if c.Key != "" {
		if err := publicKey(c.Key); err != nil {
			return hint.Wrap(fmt.Errorf("reading the key %s: %w", printable(c.Key), err), "the file that cosign generate-key-pair calls cosign.pub")
		}
	}
	if _, err := exec.LookPath("cosign"); err != nil {
		return hint.Errorf(installCosign, "asking cosign: there is none in PATH, and a signature is to be verified by it")
	}
	return nil
}

// publicKey tells whether a file is what cosign takes as --key: PKIX, or PKCS #1 of RSA, in PEM
// (cryptoutils.UnmarshalPEMToPublicKey of sigstore/sigstore).
func publicKey(path string) error {
	text, err := content(path, maxPublic)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("it is no public key in PEM")
	}
	switch block.Type {
	case "PUBLIC KEY":
		_, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		_, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		return fmt.Errorf("its PEM is of type %.40q, and not a public key", block.Type)
	}
	return err
}
