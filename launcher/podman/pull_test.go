package podman

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/test/sharing"
)

// registry runs a real registry on loopback that wants the login u / correct
// horse, and returns its address.
func registry(t *testing.T) string {
	t.Helper()
	htpasswd := filepath.Join(t.TempDir(), "htpasswd")
	os.WriteFile(htpasswd, []byte("u:$2a$04$ZSpkiKwYS1zs9IiWMEuvE.csBsKjFAHhXluzNzTbAMJyK/J4kUyf.\n"), 0o600)
	address, err := sharing.DockerRegistry(t, fmt.Sprintf("auth: {htpasswd: {realm: test, path: %q}}\n", htpasswd))
	if err != nil {
		t.Skip("needs the program docker-registry: ", err)
	}
	return address
}

func authFile(t *testing.T, registry, login string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "auth.json")
	auth := base64.StdEncoding.EncodeToString([]byte(login))
	if err := os.WriteFile(file, fmt.Appendf(nil, `{"auths":{%q:{"auth":%q}}}`, registry, auth), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// withEnv is a private engine of a user whose environment is changed.
func withEnv(t *testing.T, ctx context.Context, key, value string) *Engine {
	t.Helper()
	e, err := openPrivate(ctx, Target{Env: environment(map[string]string{key: value})}, runtimeDir(os.Getenv))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestPull(t *testing.T) {
	ctx, e := realEngine(t)
	importImage(t, e)
	reg := registry(t)
	good, bad := authFile(t, reg, "u:correct horse"), authFile(t, reg, "u:wrong")
	ref := reg + "/team/app:1"
	if out, err := e.CLI(context.Background(), "push", "--tls-verify=false", "--authfile", good, realImage, ref).CombinedOutput(); err != nil {
		t.Fatalf("pushing: %v: %s", err, out)
	}
	t.Cleanup(func() { e.CLI(context.Background(), "rmi", "-i", ref).Run() })
	plain := PullOptions{testOnlyPlainHTTP: true}
	none := filepath.Join(t.TempDir(), "none.json")
	os.WriteFile(none, []byte("{}"), 0o600)

	for name, file := range map[string]string{"no login": none, "a wrong login": bad} {
		_, err := withEnv(t, ctx, "REGISTRY_AUTH_FILE", file).Pull(ctx, ref, plain)
		t.Logf("%s: %v", name, err)
		if !errors.Is(err, ErrUnauthorized) || !strings.Contains(hint.Of(err), "podman login "+reg) || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s: %v, hint %q", name, err, hint.Of(err))
		}
	}
	own := withEnv(t, ctx, "REGISTRY_AUTH_FILE", good)
	for what, r := range map[string]string{"tag": reg + "/team/app:2", "digest": reg + "/team/app@sha256:" + strings.Repeat("0", 64), "name": reg + "/team/none:1"} {
		_, err := own.Pull(ctx, r, plain)
		t.Logf("%s: %v", what, err)
		if !errors.Is(err, ErrDelisted) || hint.Of(err) == "" {
			t.Errorf("an absent %s: %v", what, err)
		}
	}
	var told []string
	o := PullOptions{testOnlyPlainHTTP: true, Policy: "always", Progress: func(s string) { told = append(told, s) }}
	id, err := own.Pull(ctx, ref, o)
	if err != nil || !isID(id) || len(told) == 0 {
		t.Errorf("%q, %q, %v", id, told, err)
	}
	// The user's own service reads the user's auth file itself; another one is sent the login.
	conf := t.TempDir()
	os.MkdirAll(filepath.Join(conf, "containers"), 0o700)
	data, _ := os.ReadFile(good)
	os.WriteFile(filepath.Join(conf, "containers", "auth.json"), data, 0o600)
	itself := withEnv(t, ctx, "XDG_CONFIG_HOME", conf)
	if h, err := pullAuth(itself.env, len(itself.cli) > 0, ref); h != nil || err != nil {
		t.Errorf("a login is sent to the user's own service: %v", err)
	}
	if got, err := itself.Pull(ctx, ref, o); err != nil || got != id {
		t.Errorf("by the auth file: %q, %v", got, err)
	}
	other, err := Connect(ctx, Target{URL: "unix://" + e.service.dir.socket(), Env: environment(map[string]string{"REGISTRY_AUTH_FILE": good})})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := other.Pull(ctx, ref, o); err != nil || got != id {
		t.Errorf("by header: %q, %v", got, err)
	}
	// What is here is not pulled again, not even with the registry gone or no login.
	if got, err := e.Pull(ctx, ref, plain); err != nil || got != id {
		t.Errorf("a present image: %q, %v", got, err)
	}
	if _, err := e.Pull(ctx, "localhost/zlaunch-none:1", PullOptions{Policy: "never"}); !errors.Is(err, ErrNoImage) {
		t.Errorf("policy never: %v", err)
	}
}

func TestPullOffline(t *testing.T) {
	ctx, e := realEngine(t)
	for _, ref := range []string{"127.0.0.1:1/a/b:1", "registry.invalid/a/b:1"} {
		_, err := e.Pull(ctx, ref, PullOptions{testOnlyPlainHTTP: true})
		t.Log(err)
		if !errors.Is(err, ErrOffline) || hint.Of(err) == "" {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

func TestExplainPull(t *testing.T) {
	// As registries and Podman word them.
	tests := []struct {
		text string
		want error
	}{
		{"initializing source docker://icr.io/ibmz/x: Requesting bearer token: invalid status code from registry 400 (Bad Request)", nil},
		{"reading manifest 1 in icr.io/ibmz/x: unauthorized: The login credentials are not valid, or your IBM Cloud account is not active.", ErrUnauthorized},
		{"unable to retrieve auth token: invalid username/password: unauthorized: authentication required", ErrUnauthorized},
		{"reading manifest latest in docker.io/library/nope: requested access to the resource is denied", ErrUnauthorized},
		{"reading manifest sha256:00 in icr.io/ibmz/x: manifest unknown", ErrDelisted},
		{"pinging container registry icr.io: Get \"https://icr.io/v2/\": dial tcp: lookup icr.io: no such host", ErrOffline},
		{"writing blob: storing blob to file \"/var/tmp/storage1/1\": write /var/tmp/storage1/1: no space left on device", ErrNoRoom},
		{"copying system image from manifest list: committing the finished image: disk quota exceeded", ErrNoRoom},
		{"pinging container registry r: Get \"https://r/v2/\": dial tcp 10.0.0.1:443: connect: network is unreachable", ErrOffline},
	}
	for _, tt := range tests {
		err := explainPull("icr.io/ibmz/x:1", errors.New(tt.text))
		if tt.want == nil && hint.Of(err) == "" {
			continue
		}
		if !errors.Is(err, tt.want) || hint.Of(err) == "" || !strings.HasPrefix(err.Error(), "pulling icr.io/ibmz/x:1: ") {
			t.Errorf("%s: %v", tt.text, err)
		}
	}
	if err := explainPull("r.example/unauthorized", errors.New("reading r.example/unauthorized: odd")); errors.Is(err, ErrUnauthorized) {
		t.Errorf("the image's name decided: %v", err)
	}
	err := explainPull("icr.io/ibmz/x:1", errors.New("unauthorized"))
	if h := hint.Of(err); !strings.Contains(h, "--username iamapikey icr.io") || strings.Contains(h, "--password") {
		t.Errorf("hint %q", h)
	}
}

func TestFindLogin(t *testing.T) {
	b := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	file := fmt.Appendf(nil, `{"auths":{"icr.io":{"auth":%q},"icr.io/ibmz":{"auth":%q},"https://index.docker.io/v1/":{"auth":%q},"broken.example":{"auth":"%%"},"helper.example":{}}}`,
		b("a:1"), b("b:2:3"), b("d:4"))
	tests := []struct {
		ref, key string
		want     credential
		ok       bool
	}{
		{"icr.io/ibmz/x@sha256:00", "icr.io/ibmz", credential{"b", "2:3"}, true},
		{"icr.io/ibmzz/x:1", "icr.io", credential{"a", "1"}, true},
		{"docker.io/library/x", "https://index.docker.io/v1/", credential{"d", "4"}, true},
		{"x:1", "https://index.docker.io/v1/", credential{"d", "4"}, true},
		{"icr.io.evil.example/ibmz/x", "", credential{}, true},
		{"helper.example/x", "", credential{}, true},
		{"broken.example/x", "", credential{}, false},
	}
	for _, tt := range tests {
		key, c, err := findLogin(file, tt.ref)
		if key != tt.key || c != tt.want || (err == nil) != tt.ok {
			t.Errorf("%s: %q %v %v", tt.ref, key, c, err)
		}
	}
}

func FuzzFindLogin(f *testing.F) {
	f.Add([]byte(`{"auths":{"icr.io":{"auth":"YTox"}}}`), "icr.io/a/b:1@sha256:00")
	f.Add([]byte(`{}`), "/")
	f.Fuzz(func(t *testing.T, data []byte, ref string) {
		if key, _, err := findLogin(data, ref); err != nil && key != "" {
			t.Errorf("%q with %v", key, err)
		}
	})
}

func FuzzReadPull(f *testing.F) {
	f.Add("{\"stream\":\"a\\u001b[2J\"}\n{\"images\":[\"x\"],\"id\":\"x\"}\n")
	f.Add("{\"error\":\"no\"}\n")
	f.Fuzz(func(t *testing.T, data string) {
		id, err := readPull(strings.NewReader(data), func(s string) {
			if strings.ContainsAny(s, "\x1b\n\x00") {
				t.Errorf("%q reaches the terminal", s)
			}
		})
		if (err == nil) == (id == "") {
			t.Errorf("%q, %v", id, err)
		}
	})
}
