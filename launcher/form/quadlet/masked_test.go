package quadlet

import (
	"strings"
	"testing"
)

// However the words of a unit are quoted, and where a line goes on, a secret is hidden.
func TestMaskedByWord(t *testing.T) {
	const text = `[Container]
Image=quay.io/x/y:1
PodmanArgs='--creds' 'bob:hunter2pass' \
  "--password" 'hunter2pass'
Exec=srv --api-key "hunter2pass" --port 80
Environment="DB_PASSWORD=hunter2pass"
`
	got := Masked(text)
	if strings.Contains(got, "hunter2pass") || !strings.Contains(got, "--port 80") || !strings.Contains(got, "Image=quay.io/x/y:1\n") {
		t.Errorf("it is shown as\n%s", got)
	}
	const plain = "[Container]\nImage=quay.io/x/y:1\nVolume=%h/x:/work:ro\n"
	if got := Masked(plain); got != plain {
		t.Errorf("it holds no secret, and is shown as\n%s", got)
	}
}
