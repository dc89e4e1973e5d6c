package signoff

import (
	"encoding/json"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/signature"
)

// Sign puts the statement into an envelope that the key signs, in namespace
// [signature.Evidence], and gives it as JSON. Without zlaunch it is checked so:
//
//	export LC_ALL=C # counts bytes
//	payload=$(jq -r .payload FILE | base64 -d); jq -r '.signatures[0].sig' FILE | base64 -d >sig
//	printf 'DSSEv1 28 application/vnd.in-toto+json %d %s' ${#payload} "$payload" |
//		ssh-keygen -Y verify -n zlaunch-evidence@v1 -I WHO -f allowed_signers -s sig
func (s *Statement) Sign(key *signature.Key) ([]byte, error) {
	return s.seal(key.Fingerprint(), func(message []byte) ([]byte, error) {
		return key.Sign(message, signature.Evidence)
	})
}

// SignPEM is [Statement.Sign] by a key in PEM, as the tools of DSSE and in-toto verify it.
func (s *Statement) SignPEM(key *PrivateKey) ([]byte, error) { return s.seal(key.ID(), key.Sign) }

func (s *Statement) seal(id string, sign func([]byte) ([]byte, error)) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("signing a statement: %w", err)
	}
	payload, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("signing a statement: %w", err)
	}
	sig, err := sign(PAE(PayloadType, payload))
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(&Envelope{PayloadType, payload, []Signature{{id, sig}}})
	if err != nil {
		return nil, fmt.Errorf("signing a statement: %w", err)
	}
	return append(out, '\n'), nil
}
