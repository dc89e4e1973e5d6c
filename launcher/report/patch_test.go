package report

import (
	"strings"
	"testing"
)

// A name of a file is what patch reads again, whatever it holds, and makes no line of
// the diff.
func TestPatchLabel(t *testing.T) {
	for name, want := range map[string]string{
		"run.sh": "run.sh", "a b/run.sh": "a b/run.sh\t", " run.sh": `"\040run.sh"`, `"run.sh"`: `"\042run.sh\042"`, `a\b`: `"a\134b"`,
		"a\tb": `"a\011b"`, "x\n+++ /etc/passwd": `"x\012+++\040/etc/passwd"`, "\x1b[2J": `"\033[2J"`, "\u202egnp": `"\342\200\256gnp"`, "über": "über",
	} {
		text, exact := Patch(name, "a\n", "b\n", false)
		if !strings.HasPrefix(text, "--- "+want+"\n+++ "+want+"\n@@ ") || !exact {
			t.Errorf("%q: got %v\n%s", name, exact, text)
		}
	}
}

// What only lines together tell to be a secret is hidden with them.
func TestPatchHidesSecretsOfLines(t *testing.T) {
	for name, text := range map[string]string{
		"an option and its value": "podman run -e \\\n  API_TOKEN=hunter2secret x\n", "a name in two": "podman run -e API_TO\\\nKEN=hunter2secret x\n",
		"an assignment": "API_TOKEN=\\\nhunter2secret\n", "a key": "K='-----BEGIN PRIVATE KEY-----\nhunter2secret+MIIEvQIBADANBgkqhkiG9w0BAQE\n-----END PRIVATE KEY-----'\n",
	} {
		if got, exact := Patch("run.sh", text, text+"b\n", false); strings.Contains(got, "hunter2") || exact {
			t.Errorf("%s: exact %v\n%s", name, exact, got)
		}
	}
}
