// Package signoff signs what an audit found, and tells who did: an in-toto statement
// (https://in-toto.io/Statement/v1) in a DSSE envelope
// (https://github.com/secure-systems-lab/dsse), signed by an SSH key, or by an ECDSA or
// Ed25519 key in PEM as other tools of DSSE have them.
package signoff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// PayloadType is the type of what stands in an envelope: a statement of in-toto.
const PayloadType = "application/vnd.in-toto+json"

// MaxEnvelope bounds an envelope in bytes: a record of 16 MiB in base64, in base64.
const MaxEnvelope = 32 << 20

// Envelope is a payload and who signed it. What it says counts once [Check.Open] gave it.
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     []byte      `json:"payload"` // base64
	Signatures  []Signature `json:"signatures"`
}

// Signature is one over [PAE] of an envelope.
type Signature struct {
	KeyID string `json:"keyid,omitempty"` // a hint, which nothing vouches for
	Sig   []byte `json:"sig"`             // base64: an armored SSH signature, or the bytes of one by a PEM key
}

// PAE is the pre-authentication encoding of DSSE v1: what is signed, so that neither the
// type nor the payload can be taken for the other.
func PAE(payloadType string, payload []byte) []byte {
	head := "DSSEv1 " + strconv.Itoa(len(payloadType)) + " " + payloadType + " " + strconv.Itoa(len(payload)) + " "
	return append([]byte(head), payload...)
}

// IsEnvelope tells whether a text wants to be an envelope: a JSON object with the keys of one.
func IsEnvelope(text []byte) bool {
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' {
		return false
	}
	var head struct {
		PayloadType *string         `json:"payloadType"`
		Payload     json.RawMessage `json:"payload"`
	}
	err := json.NewDecoder(bytes.NewReader(text)).Decode(&head)
	return err == nil && head.PayloadType != nil && head.Payload != nil
}

// parse reads an envelope of one statement and one signature, strictly.
func parse(text []byte) (*Envelope, error) {
	if len(text) > MaxEnvelope {
		return nil, fmt.Errorf("it is larger than %d MiB", MaxEnvelope>>20)
	}
	e := &Envelope{}
	if err := strict(text, e); err != nil {
		return nil, err
	}
	if err := spelt(text, "payloadType", "payload", "signatures"); err != nil {
		return nil, err
	}
	switch {
	case e.PayloadType != PayloadType:
		return nil, fmt.Errorf("its payload is of type %.80q, and not %q", e.PayloadType, PayloadType)
	case len(e.Signatures) != 1:
		return nil, fmt.Errorf("it has %d signatures, and not one", len(e.Signatures))
	}
	return e, nil
}

// spelt refuses keys that are others to every other reader: the decoder takes PAYLOAD for
// payload, and the last of both.
func spelt(text []byte, keys ...string) error {
	var is map[string]json.RawMessage
	if err := json.Unmarshal(text, &is); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if !slices.Contains(keys, key) {
			return fmt.Errorf("unknown field %.80q", key)
		}
	}
	return nil
}

// strict reads one JSON value without a key that v does not have.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}
