package attached

import (
	"io"
	"log"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// What names no image counts for none, wherever it lies.
func TestNamesNone(t *testing.T) {
	s := served(t, registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	s.manifest(ocispec.Manifest{ArtifactType: typeNotation}, "sha256-"+s.image.Digest.Encoded()+".sig", layer{"application/jose+json", "{}"})
	d := s.manifest(ocispec.Manifest{ArtifactType: typeNotation}, "b", layer{"application/jose+json", "{}"})
	d.Annotations = map[string]string{keyType: "attestation-manifest", keyDigest: s.image.Digest.String()}
	e := s.manifest(ocispec.Manifest{}, "c", layer{"application/spdx+json", spdx})
	e.Annotations = map[string]string{keyKind: "dev.cosignproject.cosign/atts"}
	l := look(t, s, index(t, s, s.image, d, e))
	if len(l.Things) == 0 {
		t.Error("nothing is told")
	}
	for _, thing := range l.Things {
		if (thing.Kind == inspected.SBOM || thing.Kind == inspected.Signature) && thing.Fault == "" {
			t.Errorf("it counts: %+v", thing)
		}
	}
}
