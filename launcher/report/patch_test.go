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
		"a block": "password: |\n  hunter2\n\n  hunter2\nimage: x\n", "a folded block": "- db_password: >-\n    hunter2\n  user: x\n", "the next line": "password:\n  hunter2\nuser: x\n",
		"the next line of JSON": "{\n  \"password\":\n    \"hunter2\",\n  \"user\": \"x\"\n}\n", "as deep as its name": "\"password\":\n\"hunter2\"\n",
		"a list": "passwords:\n- hunter2\n- hunter2\n", "an array": "passwords = [\n \"hunter2\",\n \"hunter2\"]\n", "a text in three quotes": "password = \"\"\"\nhunter2\"\"\"\n",
		"a variable of Kubernetes": "env:\n- name: DB_PASSWORD\n  value: hunter2\n", "its value first": "env:\n- value: hunter2\n  name: DB_PASSWORD\n",
		"its value as a block": "env:\n- name: DB_PASSWORD\n  value: |\n    hunter2\n    hunter2\n", "of JSON": "{\n \"name\": \"API_TOKEN\",\n \"value\": \"hunter2\"\n}\n",
		"an open quote": "DB_PASSWORD='a\n hunter2'\n", "words of YAML": "args:\n- --password\n- hunter2\n", "words of JSON": "\"args\": [\"--password\",\n \"hunter2\"]\n",
		"a document": "podman login --password-stdin r.io <<EOF\nhunter2\nEOF\n", "a document that is read": "TOKEN=$(cat <<'EOF'\nhunter2\nEOF\n)\n",
		"a pipe": "echo hunter2 |\n  podman login --password-stdin\n", "a pipe below": "echo hunter2 \\\n | podman login --password-stdin\n",
	} {
		if got, exact := Patch("run.sh", text, text+"b\n", false); strings.Contains(got, "hunter2") || exact {
			t.Errorf("%s: exact %v\n%s", name, exact, got)
		}
	}
	for _, text := range []string{ // what is no secret's
		"TOKEN=\npodman run visible\n", "secrets:\n  db:\n    file: visible\n", "echo $TOKEN | podman login --password-stdin\n", "env:\n- name: A\n  value: visible\n",
		"password:\nuser: visible\n", "cat >x.sh <<EOF\nvisible\nEOF\n", "run: |\n  podman run visible\n", "echo visible |\n  cat\n",
	} {
		if got, exact := Patch("run.sh", text, text+"b\n", false); !exact {
			t.Errorf("%q:\n%s", text, got)
		}
	}
}
