package hint

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"cap_drop", "cap_add", "read_only", "tmpfs", "ready-timeout"}
	for s, want := range map[string]string{
		"cap_dorp": "cap_drop", "--read-only": "read_only", "readonly": "read_only", "tempfs": "tmpfs",
		"ready": "ready-timeout", "READY-TIMEOUT": "ready-timeout", "xyzzy": "", "": "",
	} {
		if got := Nearest(s, words); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
