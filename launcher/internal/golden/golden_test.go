package golden

import "testing"

func TestChanged(t *testing.T) {
	for _, c := range []struct{ want, got, says string }{
		{"a\nb\nc\n", "a\nB\nc\n", "\n- b\n+ B"},
		{"a\n", "a\na\n", "\n+ a"},
		{"", "a\n", "\n+ a"},
		{"a\nb\n", "b\na\n", "\nthe same lines in another order"},
	} {
		if says := changed(c.want, c.got); says != c.says {
			t.Errorf("%q and %q: %q, not %q", c.want, c.got, says, c.says)
		}
	}
}
