package attached

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// A registry that lies of sizes and digests, names another image's, lists without end or is
// silent is told of, and nothing that it says counts.
func TestLies(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(w http.ResponseWriter, r *http.Request, honest http.Handler)
		says string
	}{
		"ten thousand referrers": {func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
			if !strings.Contains(r.URL.Path, "/referrers/") {
				honest.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
			list := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex}
			for i := range 10001 {
				text := fmt.Sprint(i)
				list.Manifests = append(list.Manifests, ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromString(text), Size: 2})
			}
			json.NewEncoder(w).Encode(list)
		}, "its referrers: more than 64 refer to it"},
		"a size too large": {changed(func(text string) string { return strings.ReplaceAll(text, `"size":`, `"size":99999999`) }), "bytes by its descriptor, and may have"},
		"a negative size":  {changed(func(text string) string { return strings.ReplaceAll(text, `"size":`, `"size":-`) }), "bytes by its descriptor, and may have"},
		"another manifest": {func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/manifests/sha256:") {
				w.Header().Set("Content-Type", ocispec.MediaTypeImageManifest)
				io.WriteString(w, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}`)
				return
			}
			honest.ServeHTTP(w, r)
		}, "mismatch"},
		"errors": {func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Error(w, "no", http.StatusForbidden)
		}, "403"},
	} {
		t.Run(name, func(t *testing.T) {
			honest := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0)))
			lies := false
			s := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if lies {
					c.lie(w, r, honest)
				} else {
					honest.ServeHTTP(w, r)
				}
			}))
			s.referred(typeBundle+".v0.3+json", sigstore(slsa, s.image.Digest))
			lies = true
			l := look(t, s)
			if !strings.Contains(told(l)+l.Partial, c.says) || len(l.Things) > inspected.MaxThings {
				t.Errorf("%d things, %s\n%.2000s", len(l.Things), l.Partial, told(l))
			}
			if slices.ContainsFunc(l.Things, func(t inspected.Thing) bool { return t.Fault == "" }) {
				t.Errorf("it believes\n%s", told(l))
			}
		})
	}
}

// changed changes the listing of referrers.
func changed(by func(string) string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		if !strings.Contains(r.URL.Path, "/referrers/") {
			honest.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		honest.ServeHTTP(rec, r)
		w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
		io.WriteString(w, by(rec.Body.String()))
	}
}

// A registry that says nothing is left when the caller has no more time.
func TestStalls(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	silent := reached(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	depot, err := silent()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Look(ctx, depot, Wanted{Image: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromString("x"), Size: 1}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// However much is attached, what is read of it is bounded, and the look says so.
func TestBounded(t *testing.T) {
	s := served(t, registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	var many []layer
	for i := range inspected.MaxThings + 50 {
		many = append(many, layer{"application/json", fmt.Sprint(i)})
	}
	s.tagged("att", many...)
	if l := look(t, s); len(l.Things) != inspected.MaxThings || !strings.Contains(l.Partial, "more than 128 things") {
		t.Errorf("%d things, %q", len(l.Things), l.Partial)
	}
	large := strings.Repeat(" ", 30<<20)
	s.tagged("att", layer{typeStatement + "+json", statement(slsa, s.image.Digest) + large}, layer{typeStatement + "+json", large}, layer{typeStatement + "+json", statement(slsa, s.image.Digest) + "  " + large})
	if l := look(t, s); !strings.HasPrefix(told(l), "attestation application/vnd.in-toto+json by tag: it is no statement of in-toto\nattestation application/vnd.in-toto+json by tag: sha256:") || !strings.Contains(told(l), "and may have") {
		t.Errorf("%s", told(l))
	}
}
