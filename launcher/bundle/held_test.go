package bundle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// A bundle of a store is read without a look at another's files.
func TestHeldAlone(t *testing.T) {
	s, dir := storeIn(t.TempDir()), t.TempDir()
	alone, one := storeIn(dir), versioned(t, "1.0.0")
	for i := range 3 {
		put(t, s, versioned(t, fmt.Sprintf("2.0.%d", i)), fmt.Appendf(nil, "signed %d", i))
	}
	put(t, s, one, []byte("signed"))
	put(t, alone, one, []byte("signed"))
	index, err := os.ReadFile(filepath.Join(string(s.layout), ocispec.ImageIndexFile))
	if err == nil {
		err = os.WriteFile(filepath.Join(string(alone.layout), ocispec.ImageIndexFile), index, 0o600) // of all; the files are of one
	}
	if err != nil {
		t.Fatal(err)
	}
	h, err := alone.Look()
	if err != nil || len(h.Digests()) != 4 {
		t.Fatalf("%v, %v", h.Digests(), err)
	}
	if a, signatures, err := h.Get(t.Context(), one.Digest()); err != nil || a.Bundle.Version != "1.0.0" || len(signatures) != 1 {
		t.Errorf("%+v, %q, %v", a.Bundle, signatures, err)
	}
}

// A signature that is entered as one of a bundle, and is another's, is told of.
func TestEnteredWrong(t *testing.T) {
	s, one, two := storeIn(t.TempDir()), versioned(t, "1.0.0"), versioned(t, "2.0.0")
	put(t, s, one)
	put(t, s, two, []byte("signed"))
	err := s.layout.change(func(index *ocispec.Index) error {
		for i, e := range index.Manifests {
			if e.ArtifactType == TypeSignature {
				index.Manifests[i].Annotations = map[string]string{keySubject: one.Digest().String()}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, signatures, err := s.Get(t.Context(), one.Digest()); err == nil || len(signatures) > 0 || !strings.Contains(err.Error(), "it is about another artifact") {
		t.Errorf("%q, %v", signatures, err)
	}
}

// One bundle out of a store of ever more, its list read before: the same work each time.
func BenchmarkGet(b *testing.B) {
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := storeIn(b.TempDir())
			var last Artifact
			for i := range n {
				last = versioned(b, fmt.Sprintf("1.0.%d", i))
				put(b, s, last, []byte("signed"))
			}
			h, err := s.Look()
			for b.Loop() && err == nil {
				_, _, err = h.Get(b.Context(), last.Digest())
			}
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
