package bounded

import (
	"regexp"
	"strings"
	"testing"
)

// The loops say what the expressions do that the names and digests are documented by.
func FuzzNames(f *testing.F) {
	hex := strings.Repeat("0f", 32)
	for _, s := range []string{
		"", "a", "0", "fraud-2_b", "-a", "_a", "a b", "A", "ä", "a\n", "a/b", "\x80", strings.Repeat("a", 63), strings.Repeat("a", 64),
		"sha256:" + hex, "sha256:" + hex + "0", "sha256:" + hex[1:], "sha256:" + strings.ToUpper(hex), "sha512:" + hex, "sha256:" + hex + "\n", "sha256:" + hex[1:] + "g",
	} {
		f.Add(s)
	}
	name, digest := regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`), regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	f.Fuzz(func(t *testing.T, s string) {
		if Name(s) != name.MatchString(s) || Digest(s) != digest.MatchString(s) {
			t.Errorf("%q: a name %v, a digest %v", s, Name(s), Digest(s))
		}
	})
}

func BenchmarkDigest(b *testing.B) {
	s := "sha256:" + strings.Repeat("0f", 32)
	for b.Loop() {
		if !Digest(s) {
			b.Fatal(s)
		}
	}
}
