package attached

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// shelf is a place under test, which things are put into as each tool does.
type shelf struct {
	t *testing.T
	bundle.Depot
	image ocispec.Descriptor
	// again opens the place as somebody does who did not put anything there, and so does not know
	// yet whether it has the API.
	again func() bundle.Depot
}

// places runs a test in a registry with the API of referrers, in one without it, and in a layout.
func places(t *testing.T, test func(t *testing.T, s *shelf)) {
	for _, referrers := range []bool{true, false} {
		t.Run(fmt.Sprintf("referrers %t", referrers), func(t *testing.T) {
			test(t, served(t, registry.New(registry.WithReferrersSupport(referrers), registry.Logger(log.New(io.Discard, "", 0)))))
		})
	}
	t.Run("layout", func(t *testing.T) {
		at := bundle.Ref{Dir: t.TempDir()}
		test(t, stocked(t, func() (bundle.Depot, error) { return bundle.OpenDepot(at, bundle.Settings{}) }))
	})
}

// served is the repository of a server, by the reference of an image as profiles have it.
func served(t *testing.T, h http.Handler) *shelf {
	t.Helper()
	return stocked(t, reached(t, h))
}

func reached(t *testing.T, h http.Handler) func() (bundle.Depot, error) {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return func() (bundle.Depot, error) {
		return bundle.OpenImage(strings.TrimPrefix(server.URL, "http://")+"/team/fraud:1", bundle.Settings{})
	}
}

// stocked puts an image into a place.
func stocked(t *testing.T, open func() (bundle.Depot, error)) *shelf {
	t.Helper()
	s := &shelf{t: t, again: func() bundle.Depot {
		t.Helper()
		d, err := open()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}}
	s.Depot = s.again()
	s.image = s.manifest(ocispec.Manifest{Annotations: map[string]string{"is": "the image"}}, "1", layer{"application/vnd.oci.image.layer.v1.tar", "files"})
	return s
}

// layer is one layer of an artifact.
type layer struct{ media, text string }

// manifest publishes a manifest with its layers.
func (s *shelf) manifest(m ocispec.Manifest, tag string, layers ...layer) ocispec.Descriptor {
	s.t.Helper()
	m.SchemaVersion, m.MediaType, m.Config = 2, ocispec.MediaTypeImageManifest, s.blob(ocispec.MediaTypeEmptyJSON, "{}")
	for _, l := range layers {
		m.Layers = append(m.Layers, s.blob(l.media, l.text))
	}
	data, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	d, err := s.Publish(s.t.Context(), data, tag)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *shelf) blob(media, text string) ocispec.Descriptor {
	s.t.Helper()
	d := ocispec.Descriptor{MediaType: media, Digest: digest.FromString(text), Size: int64(len(text))}
	if err := s.Send(s.t.Context(), d, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }); err != nil {
		s.t.Fatal(err)
	}
	return d
}

// tagged attaches as cosign 2 does, referred as OCI 1.1 has it.
func (s *shelf) tagged(suffix string, layers ...layer) {
	s.t.Helper()
	s.manifest(ocispec.Manifest{}, "sha256-"+s.image.Digest.Encoded()+"."+suffix, layers...)
}

func (s *shelf) referred(kind string, layers ...layer) {
	s.t.Helper()
	s.manifest(ocispec.Manifest{ArtifactType: kind, Subject: &s.image}, "", layers...)
}

// The texts that tools attach.
func signed(d digest.Digest) layer {
	return layer{typeSimpleSigning, fmt.Sprintf(`{"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":null}`, d)}
}

func statement(predicate string, d digest.Digest) string {
	said := "{}"
	switch {
	case predicate == slsa:
		said = `{"runDetails":{"builder":{"id":"https://build.example.org"}}}`
	case strings.Contains(predicate, "spdx"):
		said = spdx
	case strings.Contains(predicate, "cyclonedx"):
		said = cyclone
	}
	return fmt.Sprintf(`{"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"x","digest":{"sha256":%q}}],"predicateType":%q,"predicate":%s}`, d.Encoded(), predicate, said)
}

// Lists of one package.
const (
	spdx    = `{"spdxVersion":"SPDX-2.3","packages":[{"name":"openssl"}]}`
	cyclone = `{"bomFormat":"CycloneDX","components":[{"name":"openssl"}]}`
)

func envelope(predicate string, d digest.Digest) layer {
	text := base64.StdEncoding.EncodeToString([]byte(statement(predicate, d)))
	return layer{"application/vnd.dsse.envelope.v1+json", `{"payloadType":"application/vnd.in-toto+json","payload":"` + text + `","signatures":[]}`}
}

func sigstore(predicate string, d digest.Digest) layer {
	return layer{typeBundle + ".v0.3+json", `{"mediaType":"x","dsseEnvelope":` + envelope(predicate, d).text + `}`}
}

// told is what a look found, in one line each.
func told(l inspected.Look) string {
	var out []string
	for _, t := range l.Things {
		line := fmt.Sprintf("%s %s by %s", t.Kind, t.Form, t.Way)
		if t.Podman {
			line += ", Podman sees it"
		}
		if t.Fault != "" {
			line += ": " + t.Fault
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
