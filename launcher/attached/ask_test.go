package attached

import (
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// An engine gives each name of an image all digests that it knows it by. A repository is asked for
// each: what it does not have is passed over, as is what is of another configuration.
func TestAskManifests(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	repo := strings.TrimPrefix(server.URL, "http://") + "/team/fraud"
	s := stocked(t, func() (bundle.Depot, error) { return bundle.OpenImage(repo+":1", bundle.Settings{}) })
	s.tagged("sig", signed(s.image.Digest))
	again := s.manifest(ocispec.Manifest{Annotations: map[string]string{"is": "compressed anew"}}, "2", layer{"application/vnd.oci.image.layer.v1.tar+zstd", "files"})
	gone := digest.FromString("gone")
	named := func(digests ...digest.Digest) (out []string) {
		for _, d := range digests {
			out = append(out, repo+"@"+d.String(), "other.example/fraud@"+d.String())
		}
		return out
	}
	config := digest.FromString("{}")
	for _, c := range []struct {
		what     string
		held     Held
		subjects []digest.Digest
	}{
		{"the first is of another repository", Held{Config: config.String(), Manifest: gone.String(), Names: named(gone, s.image.Digest)}, []digest.Digest{s.image.Digest}},
		{"there are two", Held{Config: config.String(), Manifest: again.Digest.String(), Names: named(gone, s.image.Digest, again.Digest)}, []digest.Digest{again.Digest, s.image.Digest}},
		{"one is of another image", Held{Config: gone.String(), Manifest: s.image.Digest.String(), Names: named(again.Digest)}, []digest.Digest{s.image.Digest}},
	} {
		l, err := Ask(t.Context(), repo, c.held, bundle.Settings{})
		var want []string
		for _, d := range c.subjects {
			want = append(want, d.String())
		}
		if err != nil || !slices.Equal(l.Subjects, want) || told(l) != "signature cosign by tag, Podman sees it" || l.Partial != "" {
			t.Errorf("%s: %v, %+v", c.what, err, l)
		}
	}
	none := Held{Config: config.String(), Manifest: gone.String(), Names: named(gone, digest.FromString("too")), Tags: []string{"other.example/fraud:7", repo + ":2"}}
	_, err := Ask(t.Context(), repo, none, bundle.Settings{})
	if !bundle.NotFound(err) || !strings.Contains(err.Error(), digest.FromString("too").String()) || hint.Of(err) != "podman pull "+repo+":2" {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
	foreign := Held{Config: gone.String(), Manifest: gone.String(), Names: named(again.Digest)}
	if _, err := Ask(t.Context(), repo, foreign, bundle.Settings{}); err == nil || hint.Of(err) != "podman pull "+repo+":TAG" {
		t.Errorf("%v", err)
	}
}
