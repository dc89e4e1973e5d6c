package command

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// quotings write one word so that a shell reads it as it is.
var quotings = []func(r *rand.Rand, s string) string{
	func(_ *rand.Rand, s string) string { return s },
	func(_ *rand.Rand, s string) string { return "'" + s + "'" },
	func(_ *rand.Rand, s string) string { return `"` + s + `"` },
	func(_ *rand.Rand, s string) string { return "$'" + s + "'" },
	func(r *rand.Rand, s string) string { n := r.IntN(len(s)); return `"` + s[:n] + `"'` + s[n:] + "'" },
	func(r *rand.Rand, s string) string { n := r.IntN(len(s)); return s[:n] + `\` + s[n:] },
	func(r *rand.Rand, s string) string { n := r.IntN(len(s)); return s[:n] + "''" + s[n:] },
}

// However the words of an option and its secret are quoted, the secret is hidden.
func TestMaskedByWord(t *testing.T) {
	const secret = "hunter2pass"
	r := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		words := []string{"podman", "run", "--creds", "bob:" + secret, "x", "srv", "--password", secret, "--token=" + secret, "-e", "DB_PASSWORD=" + secret}
		for i := range words {
			words[i] = quotings[r.IntN(len(quotings))](r, words[i])
		}
		line := strings.Join(words, " ")
		masked := Masked(line)
		if strings.Contains(strings.NewReplacer("'", "", `"`, "", `\`, "", "$", "").Replace(masked), secret) {
			t.Fatalf("%s\nshows %s", line, masked)
		}
	}
	for _, line := range []string{`podman run -v "$PWD":/work x`, `podman run -v "$PWD:/work:ro" --name=y x sh -c 'echo "$HOME"'`} {
		if got := Masked(line); got != line {
			t.Errorf("%s holds no secret, and is shown as %s", line, got)
		}
	}
}

func FuzzMasked(f *testing.F) {
	for _, s := range []string{"podman run '--creds' 'a:b'", "x <<E\n$(y)\nE", "a=(1 2); ${b[@]} {c,d}", "'", "$(podman '--password' \"$(x)\")", "case x in y) z;; esac"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { Masked(s) })
}
