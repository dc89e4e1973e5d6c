package policy

import (
	"strings"
	"testing"
)

// A signer is a key or an authority, or a name that a certain authority vouches for; what a
// certificate calls its owner is no key.
func TestModelSigners(t *testing.T) {
	ours, root, theirs := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64), "sha256:"+strings.Repeat("c", 64)
	for _, c := range []struct {
		want, signers string
		met           bool
	}{
		{ours, ours, true},
		{root, ours + " " + root + " ann@" + root, true},
		{"ann@" + root, ours + " " + root + " ann@" + root, true},
		{"a*@" + root, ours + " " + root + " ann@" + root, true},
		{ours, theirs, false},
		{"ann@" + root, ours + " " + theirs + " ann@" + theirs, false},                // of an authority of the caller's
		{ours, theirs + " " + ours + "@" + theirs, false},                             // a name like a key
		{"ann@" + root, theirs + " ann@" + root + "@" + theirs, false},                // a name like a name of another authority
		{"*@" + root, theirs + " x@" + root + "@" + theirs + " " + root + "@", false}, // and for a pattern
		{"ann@" + root, root, false},
		{root, "ann@" + root, false},
		{"ann@" + root, "ann", false}, // of a record of before
	} {
		wanted, err := signersOf([]any{c.want})
		if err != nil {
			t.Fatal(err)
		}
		met := false
		for _, s := range strings.Fields(c.signers) {
			met = met || wanted[0].is(s)
		}
		if met != c.met {
			t.Errorf("%s wanted, of %s: %t", c.want, c.signers, met)
		}
	}
	for _, bad := range []string{"ann", "*", "sha256:*", "sha256:" + strings.Repeat("a", 63), "@" + root, "ann@", root + "x", strings.ToUpper(root)} {
		if w, err := signersOf([]any{bad}); err == nil || !strings.Contains(err.Error(), "is no signer of models") {
			t.Errorf("%s: %v, %v", bad, w, err)
		}
	}
}
