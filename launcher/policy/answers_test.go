package policy

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Every row of a spec says which checks may be asked of it, once, and there is no
// default: a row without its line is an error of this table.
func TestEveryRowAnswers(t *testing.T) {
	var keys []string
	said := map[string]bool{}
	for _, a := range rowAnswers() {
		if said[a.key] {
			t.Errorf("%s answers twice", a.key)
		}
		said[a.key], keys = true, append(keys, a.key)
		if (a.none == "") != (len(a.asks) > 0) {
			t.Errorf("%s: neither checks nor a reason, or both", a.key)
		}
	}
	for _, r := range container.All() {
		if !said[r.Key()] {
			t.Errorf("row %s does not say which checks may be asked of it: add its line to answers.go", r.Key())
		}
		delete(said, r.Key())
	}
	for key := range said {
		t.Errorf("%s is no row", key)
	}
	for _, a := range derived() {
		if container.ByKey(a.key) != nil {
			t.Errorf("%s is a row, and derived", a.key)
		}
	}
	if len(answers()) != len(keys)+len(derived()) {
		t.Error("a derived answer takes the place of a row's")
	}
}

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"zlaunch-*", "zlaunch-triton", true}, {"zlaunch-*", "zlaunch-", true}, {"zlaunch-*", "host", false}, {"zlaunch-*", "xzlaunch-a", false},
		{"*", "", true}, {"*", "anything/at all", true}, {"a*b*c", "a-b-c", true}, {"a*b*c", "abc", true}, {"a*b*c", "ac", false},
		{"a*a", "a", false}, {"ab*ba", "aba", false}, {"icr.io/*", "icr.io/../evil", false}, {"net-*", "net-a,host", false},
		{"127.0.0.1", "127.0.0.1", true}, {"127.0.0.1", "127.0.0.10", false}, {"*.example.org", "a.example.org.evil", false},
	} {
		if got := pattern(c.pattern).matches(c.text); got != c.want {
			t.Errorf("%q %q: %v", c.pattern, c.text, got)
		}
	}
}
