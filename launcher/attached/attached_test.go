package attached

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/inspected"
)

const (
	slsa = "https://slsa.dev/provenance/v1"
	sign = "https://sigstore.dev/cosign/sign/v1"
)

func look(t *testing.T, s *shelf, indexes ...ocispec.Descriptor) inspected.Look {
	t.Helper()
	l, err := Look(t.Context(), s.again(), Wanted{Image: s.image, Indexes: indexes})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Whatever a tool attaches is found where that tool puts it, and told for what it is.
func TestLook(t *testing.T) {
	places(t, func(t *testing.T, s *shelf) {
		if l := look(t, s); len(l.Things) != 0 || l.Partial != "" || len(l.Subjects) != 1 {
			t.Fatalf("nothing is attached, and it tells %+v", l)
		}
		d := s.image.Digest
		s.tagged("sig", signed(d))
		s.tagged("att", envelope(slsa, d), envelope("https://spdx.dev/Document", d), envelope("https://openvex.dev/ns/v0.2.0", d))
		s.tagged("sbom", layer{"application/vnd.cyclonedx+json", cyclone})
		s.referred(typeBundle+".v0.3+json", sigstore(sign, d))
		s.referred(typeBundle+".v0.3+json", sigstore("https://cyclonedx.org/bom", d))
		s.referred(typeNotation, layer{"application/jose+json", "{}"})
		s.referred("application/spdx+json", layer{"application/spdx+json", spdx})
		s.referred("application/vnd.acme.scan", layer{"application/json", "{}"})
		want := `attestation https://openvex.dev/ns/v0.2.0 by tag
other application/vnd.acme.scan by referrer
provenance SLSA provenance v1 by tag
sbom CycloneDX by referrer
sbom CycloneDX by tag
sbom SPDX by referrer
sbom SPDX by tag
signature cosign 3, sigstore bundle by referrer
signature cosign by tag, Podman sees it
signature notation by referrer`
		if l := look(t, s); told(l) != want || l.Partial != "" {
			t.Errorf("%s\n%s", l.Partial, told(l))
		}
	})
}

// What BuildKit puts beside an image counts for that image alone, and what is attached to the
// index for all images that it lists.
func TestIndex(t *testing.T) {
	s := served(t, registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	beside := s.manifest(ocispec.Manifest{}, "beside",
		layer{typeStatement + "+json", statement(slsa, s.image.Digest)}, layer{typeStatement + "+json", statement("https://spdx.dev/Document", "sha256:"+digest.Digest(strings.Repeat("0", 64)))})
	beside.Annotations = map[string]string{keyType: "attestation-manifest", keyDigest: s.image.Digest.String()}
	others := beside
	others.Annotations = map[string]string{keyType: "attestation-manifest", keyDigest: "sha256:" + strings.Repeat("0", 64)}
	listed := index(t, s, s.image, beside, others)
	foreign := index(t, s, beside)
	l := look(t, s, listed, foreign)
	if want := "provenance SLSA provenance v1 by index\nsbom SPDX by index: it is about another image"; told(l) != want || len(l.Subjects) != 2 {
		t.Errorf("%v\n%s", l.Subjects, told(l))
	}
}

// index gives an index that the place has.
func index(t *testing.T, s *shelf, entries ...ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	text, err := json.Marshal(ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: entries})
	if err != nil {
		t.Fatal(err)
	}
	d := s.blob("application/octet-stream", string(text)) // a blob, for no depot publishes an index
	return d
}

// What is about another image, is none of what it says, or is too large counts for nothing.
func TestFaults(t *testing.T) {
	other := digest.FromString("another")
	places(t, func(t *testing.T, s *shelf) {
		d := s.image.Digest
		s.tagged("sig", signed(other))
		s.tagged("att", envelope(slsa, other), layer{"application/vnd.dsse.envelope.v1+json", `{"payloadType":"text/plain","payload":""}`}, layer{typeStatement + "+json", "[]"})
		s.tagged("sbom", layer{"text/spdx", ""})
		s.referred(typeBundle+".v0.3+json", sigstore(sign, other))
		s.referred(typeBundle+".v0.3+json", layer{typeBundle + ".v0.3+json", `{"messageSignature":{}}`})
		s.referred("application/vnd.\u202eacme", layer{"application/json", "{}"})
		s.referred(typeBundle+".v0.3+json", sigstore(slsa, d))
		want := `attestation application/vnd.dev.sigstore.bundle.v0.3+json by referrer: it is no Sigstore bundle of a statement
attestation application/vnd.dsse.envelope.v1+json by tag: it is no DSSE envelope of a statement
attestation application/vnd.in-toto+json by tag: it is no statement of in-toto
other "application/vnd.\u202eacme" by referrer
provenance SLSA provenance v1 by referrer
provenance SLSA provenance v1 by tag: it is about another image
sbom SPDX by tag: it says that it is a list as SPDX, and names no package so
signature cosign 3, sigstore bundle by referrer: it is about another image
signature cosign by tag: it is about another image`
		if l := look(t, s); told(l) != want {
			t.Errorf("%s\n%s", l.Partial, told(l))
		}
	})
}

// An image of an engine is looked for in the repositories that it has names in, by its digests.
func TestAsk(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	repo := strings.TrimPrefix(server.URL, "http://") + "/team/fraud"
	s := stocked(t, func() (bundle.Depot, error) { return bundle.OpenImage(repo+":1", bundle.Settings{}) })
	s.referred("application/spdx+json", layer{"application/spdx+json", spdx})
	text, err := json.Marshal(ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{s.image}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPut, server.URL+"/v2/team/fraud/manifests/index", strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", ocispec.MediaTypeImageIndex)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatal(resp, err)
	}
	index, gone := digest.FromBytes(text).String(), digest.FromString("gone").String()
	h := Held{Manifest: s.image.Digest.String(), Names: []string{repo + "@" + s.image.Digest.String(), repo + "@" + index, repo + "@" + gone, "localhost/fraud@" + gone}}
	if got := h.Repositories(); !slices.Equal(got, []string{repo}) {
		t.Errorf("%q", got)
	}
	l, err := Ask(t.Context(), repo, h, bundle.Settings{})
	if err != nil || told(l) != "sbom SPDX by referrer" || !slices.Equal(l.Subjects, []string{s.image.Digest.String(), index}) || l.Registry != repo {
		t.Errorf("%v, %+v", err, l)
	}
	h.Manifest = gone
	if _, err := Ask(t.Context(), repo, h, bundle.Settings{}); err == nil || !strings.Contains(hint.Of(err), "podman pull") {
		t.Errorf("%v", err)
	}
}
