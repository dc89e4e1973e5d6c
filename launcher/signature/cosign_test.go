package signature

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const pinnedRef = "registry.example.org:5000/team/fraud@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// stubCosign puts a program of that name alone into PATH. It writes down what it was
// given, and then does what the script says.
func stubCosign(t *testing.T, script string) (seen string) {
	t.Helper()
	dir := t.TempDir()
	text := "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"${0%/*}/args\"\nexport -p > \"${0%/*}/env\"\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, "cosign"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return dir
}

func payload(digest string) string {
	return `[{"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":"` + digest + `"},"type":"cosign container image signature"},"optional":null}]`
}

// cosign is asked for one digest, by options that come from the policy alone.
func TestCosign(t *testing.T) {
	_, digest, _ := strings.Cut(pinnedRef, "@")
	for want, c := range map[string]Cosign{
		"verify\n--output=json\n--key=/etc/zlaunch/cosign.pub\n--\n" + pinnedRef + "\n": {Key: "/etc/zlaunch/cosign.pub"},
		"verify\n--output=json\n--certificate-identity=https://a/b\n--certificate-oidc-issuer=https://c\n--\n" + pinnedRef + "\n": {
			Identity: "https://a/b", Issuer: "https://c"},
		"verify\n--output=json\n--key=/k.pub\n--private-infrastructure\n--\n" + pinnedRef + "\n": {Key: "/k.pub", Private: true},
	} {
		t.Setenv("COSIGN_REPOSITORY", "elsewhere")
		t.Setenv("SIGSTORE_ROOT_FILE", "/tmp/root")
		dir := stubCosign(t, "echo '"+payload(digest)+"'")
		if err := c.Verify(context.Background(), pinnedRef); err != nil {
			t.Error(err)
		}
		if got := string(must(os.ReadFile(dir + "/args"))); got != want {
			t.Errorf("it was given\n%s, want\n%s", got, want)
		}
		if env := string(must(os.ReadFile(dir + "/env"))); strings.Contains(env, "COSIGN_") || strings.Contains(env, "SIGSTORE_") {
			t.Errorf("its environment names other roots:\n%s", env)
		}
	}
}

// What is not a clear yes is a no.
func TestCosignRefuses(t *testing.T) {
	_, digest, _ := strings.Cut(pinnedRef, "@")
	key := Cosign{Key: "/k.pub"}
	for name, c := range map[string]struct {
		script, ref string
		by          Cosign
		says        string
	}{
		"not signed":      {"echo 'Error: no signatures found' >&2; exit 10", pinnedRef, key, "no signatures found"},
		"hostile words":   {`printf '\033[31mred' >&2; exit 1`, pinnedRef, key, `\x1b[31mred`},
		"yes, then no":    {"echo '" + payload(digest) + "'; exit 1", pinnedRef, key, "exit status 1"},
		"silence":         {"exit 0", pinnedRef, key, "not understood"},
		"an empty list":   {"echo '[]'", pinnedRef, key, "names no signature"},
		"null":            {"echo null", pinnedRef, key, "names no signature"},
		"another digest":  {"echo '" + payload("sha256:b") + "'", pinnedRef, key, "names another digest"},
		"no digest":       {"echo '[{}]'", pinnedRef, key, "names another digest"},
		"an attestation":  {"echo '" + strings.Replace(payload(digest), simpleType, "https://openvex.dev/ns", 1) + "'", pinnedRef, key, "names no signature"},
		"words":           {"echo verified", pinnedRef, key, "not understood"},
		"more than bound": {"while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa || exit 1; done", pinnedRef, key, "not verified"},
		"a tag":           {"exit 0", "example.org/a:1", key, "is not NAME@sha256"},
		"an option":       {"exit 0", "--insecure-ignore-tlog@" + digest, key, "is not NAME@sha256"},
		"nobody":          {"exit 0", pinnedRef, Cosign{}, "it takes a key, or an identity and its issuer"},
		"no issuer":       {"exit 0", pinnedRef, Cosign{Identity: "a"}, "it takes a key, or an identity and its issuer"},
		"both":            {"exit 0", pinnedRef, Cosign{Key: "/k", Identity: "a", Issuer: "b"}, "it takes a key"},
		"a key from here": {"exit 0", pinnedRef, Cosign{Key: "k.pub"}, "absolute path"},
		"a key elsewhere": {"exit 0", pinnedRef, Cosign{Key: "https://x/k.pub"}, "absolute path"},
	} {
		t.Run(name, func(t *testing.T) {
			stubCosign(t, c.script)
			err := c.by.Verify(context.Background(), c.ref)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Setenv("PATH", t.TempDir())
	if err := key.Verify(context.Background(), pinnedRef); err == nil || !strings.Contains(err.Error(), "there is none in PATH") {
		t.Errorf("no cosign: %v", err)
	}
}
