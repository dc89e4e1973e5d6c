package signature

import (
	"errors"
	"testing"
	"time"
)

// What the lists say of a fingerprint is what they say of the key.
func TestHolds(t *testing.T) {
	key, other := edKey(t), edKey(t)
	line := func(options string) string { return "ann@example.org " + options + key.Public() + "\n" }
	finger := key.Fingerprint()
	for name, list := range map[string]string{
		"nobody": "", "another": "bob@example.org " + other.Public() + "\n", "allowed": line(""), "twice": line(`valid-before="20200101Z" `) + line(""),
		"over": line(`valid-before="20200101Z" `), "not yet": line(`valid-after="20990101Z" `), "another use": line(`namespaces="file" `),
	} {
		signers, err := ParseAllowed("list", []byte(list), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, accept := range []Identity{AnyListed(), Unlisted(finger), {Fingerprint: finger}, {Fingerprint: other.Fingerprint()}, {Principal: "ann@example.org"}, {Principal: "bob@example.org"}} {
			c := Check{Namespace: Profiles, Signers: signers, Accept: []Identity{accept}, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
			want, err1 := c.Whose(key)
			got, err2 := c.Holds(finger)
			want.KeyType, got.KeyType = "", "" // which no fingerprint has
			if got != want || kindOf(err1) != kindOf(err2) {
				t.Errorf("%s, %+v: %+v, %v; of the key %+v, %v", name, accept, got, err2, want, err1)
			}
		}
	}
	if _, err := (Check{}).Holds(finger); err == nil {
		t.Error("a check of nobody")
	}
}

// kindOf is the kind of a refusal; -1 none.
func kindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return -1
}
