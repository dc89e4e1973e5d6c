package haproxy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
)

// TestPlainPath holds the expression of a path that reads the same to everybody against what
// that means, over all short paths and then some.
func TestPlainPath(t *testing.T) {
	text, err := haproxy.Config(with(tokens, onHTTP()))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "unless { path -m reg ")
	expression, _, _ := strings.Cut(rest, " }")
	plain := regexp.MustCompile(expression)
	letters := regexp.MustCompile(`^/[A-Za-z0-9._:@/-]*$`)
	paths := []string{"", "/Az09._:@-", "/a b", "/a\n", "/v2/models/a;x", "/v2/models/ä"}
	for from := 0; len(paths[from]) < 7; from++ { // each short path with a letter more
		for _, letter := range []string{"/", ".", "a", "-", "%"} {
			paths = append(paths, paths[from]+letter)
		}
	}
	for _, p := range paths {
		segments := strings.Split(p, "/")
		want := letters.MatchString(p) && !strings.Contains(p, "//") && !strings.Contains(p, "..") && !slices.Contains(segments, ".")
		if got := plain.MatchString(p); got != want {
			t.Fatalf("%q: %v, want %v", p, got, want)
		}
	}
}
