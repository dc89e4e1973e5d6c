package signature

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// maxKey bounds the file of a key in bytes; one of RSA with 16384 bits has some 13 KiB.
const maxKey = 64 << 10

// Key is a private key to sign with, from a file or an agent. It is closed after use.
type Key struct {
	signer ssh.Signer
	close  func() error // nil: nothing to close
}

// OpenKey reads the private key in a file: OpenSSH's own form, or PEM as PKCS #8, SEC 1 and
// PKCS #1 have it, of Ed25519, ECDSA or RSA. For one that is encrypted passphrase is asked,
// once; nil refuses it. PKCS #8 with a passphrase is not taken, nor a file that others can
// read, as ssh does. The key of a security key is the agent's: [AgentKey].
func OpenKey(path string, passphrase func(path string) ([]byte, error)) (*Key, error) {
	text, err := keyFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key %s: %w", printable(path), err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) {
		signer, err = decrypted(path, text, passphrase)
	}
	if err != nil {
		return nil, hint.Errorf(otherForm(path, text), "reading the key %s: %s", printable(path), printable(err.Error()))
	}
	return newKey(signer, nil)
}

// otherForm is how to make a key that is taken of one that is not.
func otherForm(path string, text []byte) string {
	block, _ := pem.Decode(text)
	switch {
	case block != nil && strings.HasSuffix(block.Type, " PUBLIC KEY"), block != nil && block.Type == "PUBLIC KEY":
		return "name the private key, or the .pub file of one that the agent has: ssh-add -L"
	case block != nil && block.Type == "ENCRYPTED PRIVATE KEY": // of Ed25519 ssh-keygen reads none in PEM
		return "ssh-keygen -p -f " + printable(path) + " writes a key of ECDSA or RSA in OpenSSH's form, with a passphrase as before\nopenssl pkey -in " +
			printable(path) + " -out PLAIN takes the passphrase off any"
	case block != nil && (block.Type == "OPENSSH PRIVATE KEY" || block.Headers["DEK-Info"] != ""):
		return "ssh-add " + printable(path) + ", and name the key by its .pub file: the agent signs with it"
	}
	return "a private key of OpenSSH, or PEM without a passphrase: Ed25519, ECDSA on P-256, P-384 or P-521, RSA; a new one: ssh-keygen -t ed25519"
}

// FindKey finds the key that name tells: the file of a private key, or of the agent at
// socket the one of a .pub file or a fingerprint, "SHA256:…". passphrase is [OpenKey]'s.
func FindKey(ctx context.Context, name, socket string, passphrase func(path string) ([]byte, error)) (*Key, error) {
	switch {
	case strings.HasPrefix(name, "SHA256:"):
		return AgentKey(ctx, socket, name)
	case filepath.Ext(name) == ".pub":
		text, err := content(name, maxLine)
		if err != nil {
			return nil, fmt.Errorf("reading the key %s: %w", printable(name), err)
		}
		return AgentKey(ctx, socket, strings.TrimSpace(string(text)))
	}
	return OpenKey(name, passphrase)
}

func keyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cause(err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, hint.Errorf("chmod 600 "+printable(path), "others may read or write it (mode %04o)", mode)
	}
	return content(path, maxKey)
}

func decrypted(path string, text []byte, passphrase func(string) ([]byte, error)) (ssh.Signer, error) {
	if passphrase == nil {
		return nil, errors.New("it is encrypted, and nobody can be asked for the passphrase")
	}
	phrase, err := passphrase(path)
	if err != nil {
		return nil, err
	}
	defer clear(phrase)
	return ssh.ParsePrivateKeyWithPassphrase(text, phrase)
}

func newKey(signer ssh.Signer, closed func() error) (*Key, error) {
	if why := weak(signer.PublicKey()); why != "" {
		return nil, hint.Errorf("a new one: ssh-keygen -t ed25519", "taking the key %s: %s", ssh.FingerprintSHA256(signer.PublicKey()), why)
	}
	return &Key{signer, closed}, nil
}

// Fingerprint names the key: "SHA256:…".
func (k *Key) Fingerprint() string { return ssh.FingerprintSHA256(k.signer.PublicKey()) }

// Public is the public key as a line has it, "ssh-ed25519 AAAA…".
func (k *Key) Public() string { return keyText(k.signer.PublicKey()) }

// Close gives the connection of an agent back.
func (k *Key) Close() error {
	if k.close == nil {
		return nil
	}
	return k.close()
}

// Sign signs a message for a namespace, with SHA-512, and gives the armored signature. What
// was made is verified before it is given: an agent is another program.
func (k *Key) Sign(message []byte, namespace string) ([]byte, error) {
	if len(message) == 0 {
		return nil, errors.New("signing: there is nothing to sign")
	}
	sig, err := sshsig.Sign(bytes.NewReader(message), k.signer, sshsig.HashSHA512, namespace)
	if err != nil {
		return nil, fmt.Errorf("signing with %s: %s", k.Fingerprint(), printable(err.Error()))
	}
	armored := sshsig.Armor(sig)
	own := AllowedSigners{[]allowed{{principals: patterns{"*"}, key: k.signer.PublicKey()}}}
	c := Check{Namespace: namespace, Signers: own, Accept: []Identity{{Fingerprint: k.Fingerprint()}}, At: time.Unix(1, 0)}
	if _, err := c.Verify(message, armored); err != nil {
		return nil, fmt.Errorf("signing with %s: what came back does not verify: %w", k.Fingerprint(), err)
	}
	return armored, nil
}
