package attached

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// The things whose form is fixed.
var (
	simpleSigning = what{inspected.Signature, "cosign"}
	bundled       = what{inspected.Signature, "cosign 3, sigstore bundle"}
	notation      = what{inspected.Signature, "notation"}
)

// The types by which tools attach what they make.
const (
	typeSimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json" // cosign's specs/SIGNATURE_SPEC.md
	typeBundle        = "application/vnd.dev.sigstore.bundle"              // and its version, protobuf-specs
	typeNotation      = "application/vnd.cncf.notary.signature"            // notaryproject/specifications, signature-specification.md
	typeEnvelope      = "application/vnd.dsse.envelope"                    // secure-systems-lab/dsse
	typeStatement     = "application/vnd.in-toto"                          // in-toto/attestation, spec/v1/envelope.md
)

// lists are the types of lists of what is in an image.
var lists = map[string]string{
	"application/spdx+json": "SPDX", "text/spdx": "SPDX", "text/spdx+json": "SPDX", "text/spdx+xml": "SPDX", "application/spdx+xml": "SPDX",
	"application/vnd.cyclonedx": "CycloneDX", "application/vnd.cyclonedx+json": "CycloneDX", "application/vnd.cyclonedx+xml": "CycloneDX",
	"application/vnd.syft+json": "Syft",
}

// layer tells what one layer of an artifact is, by its type, and by that of the artifact where it
// has one of no meaning. An error is why it counts for nothing.
func (l *looker) layer(d ocispec.Descriptor, f found) (what, error) {
	list, isList := lists[bare(d.MediaType)]
	if !isList {
		list, isList = lists[bare(f.kind)]
	}
	switch {
	case f.kind == typeNotation:
		if f.way != inspected.ByReferrer {
			return notation, errAnother // nothing but its manifest's subject says what it is about
		}
		return notation, nil
	case d.MediaType == typeSimpleSigning:
		return simpleSigning, l.reads(d, func(data []byte) error { return payload(data, f) })
	case strings.HasPrefix(d.MediaType, typeBundle):
		return l.statement(d, f, bundleOf)
	case strings.HasPrefix(d.MediaType, typeEnvelope), strings.HasPrefix(d.MediaType, typeStatement) && strings.HasSuffix(d.MediaType, "+dsse"):
		return l.statement(d, f, envelopeOf)
	case strings.HasPrefix(d.MediaType, typeStatement):
		return l.statement(d, f, func(data []byte) ([]byte, error) { return data, nil })
	case isList && (f.way == inspected.ByIndex || f.way == inspected.BySave):
		return what{inspected.SBOM, list}, errAnother // it names no image, and lies beside all of an index
	case isList:
		return what{inspected.SBOM, list}, l.reads(d, func(data []byte) error { return isListOf(data, list) })
	case f.kind != "" && f.way == inspected.ByReferrer:
		return what{inspected.Other, f.kind}, nil
	}
	return what{inspected.Other, d.MediaType}, nil
}

// bare is a type without its parameters.
func bare(media string) string {
	media, _, _ = strings.Cut(media, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

func (l *looker) reads(d ocispec.Descriptor, judge func([]byte) error) error {
	data, err := l.read(d, maxStatement)
	if err == nil {
		err = judge(data)
	}
	return err
}

// payload holds what cosign 2 signs against the image: containers-signature.json(5).
func payload(data []byte, f found) error {
	var p struct {
		Critical struct {
			Image struct {
				Digest string `json:"docker-manifest-digest"`
			}
		}
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return errors.New("it is no payload of a signature")
	}
	if p.Critical.Image.Digest != f.subject.String() {
		return errAnother
	}
	return nil
}

// statement reads an in-toto statement out of what it comes in.
func (l *looker) statement(d ocispec.Descriptor, f found, open func([]byte) ([]byte, error)) (of what, err error) {
	of = what{inspected.Attestation, d.MediaType}
	err = l.reads(d, func(data []byte) error {
		text, err := open(data)
		if err != nil {
			return err
		}
		var s struct {
			PredicateType string
			Predicate     json.RawMessage
			Subject       []struct{ Digest map[string]string }
		}
		if err := json.Unmarshal(text, &s); err != nil || s.PredicateType == "" {
			return errors.New("it is no statement of in-toto")
		}
		of = predicate(s.PredicateType)
		about := func(s struct{ Digest map[string]string }) bool { return s.Digest["sha256"] == f.subject.Encoded() }
		if !slices.ContainsFunc(s.Subject, about) {
			return errAnother
		}
		switch of.kind {
		case inspected.SBOM:
			return isListOf(stated(s.Predicate), of.form)
		case inspected.Provenance:
			return isProvenance(s.Predicate)
		}
		return nil
	})
	return of, err
}

// predicate tells what a statement says, by the type of its predicate.
func predicate(t string) what {
	version, isSLSA := strings.CutPrefix(t, "https://slsa.dev/provenance/")
	switch {
	case isSLSA:
		return what{inspected.Provenance, "SLSA provenance " + version}
	case t == "https://spdx.dev/Document" || strings.HasPrefix(t, "https://spdx.dev/Document/"):
		return what{inspected.SBOM, "SPDX"}
	case t == "https://cyclonedx.org/bom" || strings.HasPrefix(t, "https://cyclonedx.org/bom/"):
		return what{inspected.SBOM, "CycloneDX"}
	case t == "https://sigstore.dev/cosign/sign/v1":
		return bundled
	}
	return what{inspected.Attestation, t}
}

// envelopeOf is the payload of a DSSE envelope.
func envelopeOf(data []byte) ([]byte, error) {
	var e struct {
		Payload     []byte
		PayloadType string
	}
	if err := json.Unmarshal(data, &e); err != nil || e.PayloadType != "application/vnd.in-toto+json" {
		return nil, errors.New("it is no DSSE envelope of a statement")
	}
	return e.Payload, nil
}

// bundleOf is the statement in a Sigstore bundle.
func bundleOf(data []byte) ([]byte, error) {
	var b struct{ DSSEEnvelope json.RawMessage }
	if err := json.Unmarshal(data, &b); err != nil || b.DSSEEnvelope == nil {
		return nil, errors.New("it is no Sigstore bundle of a statement")
	}
	return envelopeOf(b.DSSEEnvelope)
}
