package bundle

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// inProcess is a registry with the API of referrers, or without it.
func inProcess(referrers bool) http.Handler {
	return registry.New(registry.WithReferrersSupport(referrers), registry.Logger(log.New(io.Discard, "", 0)))
}

// serve gives the reference of a repository on a server of this test.
func serve(t *testing.T, h http.Handler) Ref {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return refAt(t, server.URL)
}

func refAt(t *testing.T, address string) Ref {
	t.Helper()
	_, host, _ := strings.Cut(address, "://")
	r, err := ParseRef("oci://" + host + "/team/fraud")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func open(t *testing.T, r Ref, s Settings) Place {
	t.Helper()
	p, err := Open(r, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What goes into a place comes out of it: the artifact by tag and by digest, and its
// signatures, also one that is attached later; and an older one stays for who pinned it.
func roundTrip(t *testing.T, p Place) {
	t.Helper()
	one, two := versioned(t, "1.0.0"), versioned(t, "2.0.0")
	put := func(a Artifact, signatures ...[]byte) {
		if err := p.Put(t.Context(), a, "latest", signatures...); err != nil {
			t.Fatal(err)
		}
	}
	put(one)
	put(one, []byte("signed by a"))
	put(one, []byte("signed by b"))
	put(two, []byte("signed by c"))
	for reference, want := range map[string]Artifact{"latest": two, one.Digest().String(): one, two.Digest().String(): two} {
		got, err := Read(t.Context(), p, reference)
		if err != nil || !bytes.Equal(got.Manifest, want.Manifest) {
			t.Errorf("%s: %v", reference, err)
		}
	}
	for d, want := range map[string]int{"1.0.0": 2, "2.0.0": 1, "3.0.0": 0} {
		if got, err := Signatures(t.Context(), p, versioned(t, d).Descriptor()); err != nil || len(got) != want {
			t.Errorf("%s: %q, %v", d, got, err)
		}
	}
	if _, err := Read(t.Context(), p, "none"); err == nil {
		t.Error("a tag that names nothing was read")
	}
}

func TestPlaces(t *testing.T) {
	t.Run("referrers", func(t *testing.T) { roundTrip(t, open(t, serve(t, inProcess(true)), Settings{})) })
	t.Run("tag scheme", func(t *testing.T) { roundTrip(t, open(t, serve(t, inProcess(false)), Settings{})) })
	t.Run("dir", func(t *testing.T) { roundTrip(t, Layout(t.TempDir())) })
	t.Run("dir to be made", func(t *testing.T) { roundTrip(t, Layout(filepath.Join(t.TempDir(), "a/b"))) })
}

// A registry that is silent is left, and one that the caller has no time for too.
func TestStalled(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	silent := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/rest" {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("{"))
			w.(http.Flusher).Flush()
		}
		select {
		case <-done:
		case <-r.Context().Done():
		}
	}))
	home := &url.URL{Scheme: "http", Host: silent.Host}
	c := &http.Client{Transport: guard{home, patience{50 * time.Millisecond, http.DefaultTransport}}}
	for _, path := range []string{"/begin", "/rest"} {
		resp, err := c.Get(home.String() + path)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if !errors.Is(err, errIdle) {
			t.Errorf("%s: %v", path, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Read(ctx, open(t, silent, Settings{}), "latest"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// What a registry says of sizes and digests is held against what it serves.
func TestRegistryLies(t *testing.T) {
	a := versioned(t, "1.0.0")
	for name, c := range map[string]struct {
		lie  func(w *recorded, r *http.Request)
		says string
	}{
		"a size too large": {func(w *recorded, _ *http.Request) { w.Header().Set("Content-Length", "1073741824"); w.body.Reset() }, "bytes by its descriptor"},
		"another digest": {func(w *recorded, r *http.Request) {
			if r.Method == http.MethodHead {
				w.Header().Set("Docker-Content-Digest", versioned(t, "2.0.0").Digest().String())
			}
		}, ""},
		"tampered files": {func(w *recorded, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") && w.body.Len() > 2 {
				w.body.Bytes()[0] ^= 1
			}
		}, "is not what its digest says"},
		"too much": {func(w *recorded, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") {
				w.body.WriteString("more")
				w.Header().Del("Content-Length")
			}
		}, "mismatch Content-Length"},
	} {
		t.Run(name, func(t *testing.T) {
			honest := inProcess(true)
			lies := atomic.Bool{}
			p := open(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				rec := &recorded{ResponseWriter: w}
				honest.ServeHTTP(rec, r)
				if lies.Load() {
					c.lie(rec, r)
				}
				rec.send()
			})), Settings{})
			if err := p.Put(t.Context(), a, "latest"); err != nil {
				t.Fatal(err)
			}
			lies.Store(true)
			if _, err := Read(t.Context(), p, "latest"); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

// recorded is an answer before it is sent.
type recorded struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (r *recorded) WriteHeader(code int)        { r.code = code }
func (r *recorded) Write(p []byte) (int, error) { return r.body.Write(p) }
func (r *recorded) send() {
	if r.code != 0 {
		r.ResponseWriter.WriteHeader(r.code)
	}
	r.ResponseWriter.Write(r.body.Bytes())
}

// A listing of referrers that has no end, or names what is not about the bundle.
func TestReferrersLie(t *testing.T) {
	a, other := versioned(t, "1.0.0"), versioned(t, "2.0.0")
	s := &lister{Source: shelve(a)}
	m, err := signatureOf(other.Descriptor(), []byte("signed"))
	if err != nil {
		t.Fatal(err)
	}
	s.found = append(s.found, s.Source.(*shelf).put(m))
	if got, err := Signatures(t.Context(), s, a.Descriptor()); err == nil || !strings.Contains(err.Error(), "about another artifact") || got != nil {
		t.Errorf("%q, %v", got, err)
	}
	s.found[0].Digest = "sha256:../../x"
	if _, err := Signatures(t.Context(), s, a.Descriptor()); err == nil || !strings.Contains(err.Error(), "no sha256 digest") {
		t.Errorf("%v", err)
	}
	for range MaxSignatures {
		s.found = append(s.found, s.found[0])
	}
	if _, err := Signatures(t.Context(), s, a.Descriptor()); err == nil || !strings.Contains(err.Error(), "more than 32 that may be signatures") {
		t.Errorf("%v", err)
	}
	if _, err := signatureOf(a.Descriptor(), make([]byte, MaxSignature+1)); err == nil {
		t.Error("a signature of any size is attached")
	}
}

// password is what no test may see elsewhere.
const password = "s3cret"

// loggedIn are settings with a login for the registry.
func loggedIn(t *testing.T, key string) Settings {
	t.Helper()
	file := filepath.Join(t.TempDir(), "auth.json")
	text := fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, key, base64.StdEncoding.EncodeToString([]byte("ann:"+password)))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Settings{Logins: []string{file}, Agent: "zlaunch/test"}
}

// needsLogin is a registry behind a login; it wants to hear who asks.
func needsLogin(t *testing.T, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if agent := r.Header.Get("User-Agent"); agent != "zlaunch/test" {
			t.Errorf("User-Agent %q", agent)
		}
		if user, pass, _ := r.BasicAuth(); user != "ann" || pass != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Podman's own logins are used, for the repository or what is above it, and nobody's
// other.
func TestLogin(t *testing.T) {
	r := serve(t, needsLogin(t, inProcess(true)))
	for _, key := range []string{r.Host, r.Host + "/team", r.Host + "/team/fraud"} {
		roundTrip(t, open(t, r, loggedIn(t, key)))
	}
	for _, key := range []string{r.Host + "/other", r.Host + "/te", "https://" + r.Host, "x"} {
		_, err := Read(t.Context(), open(t, r, loggedIn(t, key)), "latest")
		if err == nil || hint.Of(err) != "podman login "+r.Host || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v (%s)", key, err, hint.Of(err))
		}
	}
}

func TestLoginFiles(t *testing.T) {
	r, err := ParseRef("oci://h/r")
	if err != nil {
		t.Fatal(err)
	}
	for text, says := range map[string]string{
		"":                                       "",
		"{}":                                     "",
		"not JSON " + password:                   "not JSON of logins",
		`{"auths":{"h":{"auth":"` + "!" + `"}}}`: `that of "h" is not USER:PASSWORD`,
		`{"credHelpers":{"h":"../x"}}`:           `"../x" is no credential helper`,
	} {
		file := filepath.Join(t.TempDir(), "auth.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Settings{Logins: []string{file}}.login(t.Context(), r)
		if c != auth.EmptyCredential || (says == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), says) || strings.Contains(err.Error(), password)) {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
	open := loggedIn(t, "h")
	if err := os.Chmod(open.Logins[0], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := open.login(t.Context(), r); err == nil || !strings.Contains(err.Error(), "anybody can write") {
		t.Errorf("%v", err)
	}
	env := map[string]string{"XDG_RUNTIME_DIR": "/run/user/7", "XDG_CONFIG_HOME": "/c"}
	s := SettingsOf(func(k string) string { return env[k] }, "/home/ann", "")
	if got := strings.Join(s.Logins, " "); got != "/run/user/7/containers/auth.json /c/containers/auth.json /home/ann/.docker/config.json" {
		t.Error(got)
	}
	env["REGISTRY_AUTH_FILE"] = "/mine"
	if got := SettingsOf(func(k string) string { return env[k] }, "/home/ann", "").Logins; len(got) != 1 || got[0] != "/mine" {
		t.Error(got)
	}
}

// A hostile registry asks for its login to be sent elsewhere, in each way there is.
func TestCredentialsStay(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if seen := fmt.Sprint(r.Header, string(body), r.URL); strings.Contains(seen, "Basic") || strings.Contains(seen, "Bearer") || len(body) > 0 {
			t.Errorf("the thief got %s", seen)
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer thief.Close()
	elsewhere := strings.Replace(thief.URL, "127.0.0.1", "localhost", 1)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusTemporaryRedirect)
		}, "without TLS"},
		"another port": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}, ""},
		"an upload": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.Header().Set("Location", thief.URL+"/take")
				w.WriteHeader(http.StatusAccepted)
				return
			}
			w.WriteHeader(http.StatusNotFound)
		}, "wants what is for it sent to"},
	} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, needsLogin(t, c.answer))
			err := open(t, r, loggedIn(t, r.Host)).Put(t.Context(), versioned(t, "1.0.0"), "latest")
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), password) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("a token service", func(t *testing.T) {
		r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="x"`, elsewhere))
			w.WriteHeader(http.StatusUnauthorized)
		}))
		_, err := Read(t.Context(), open(t, r, loggedIn(t, r.Host)), "latest")
		if err == nil || !strings.Contains(err.Error(), "without TLS") || strings.Contains(err.Error(), password) {
			t.Errorf("%v", err)
		}
	})
}

// A registry with a certificate of its own is known by certs.d, and by nothing less; one
// that is not on loopback is not asked without TLS.
func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(inProcess(true))
	defer server.Close()
	r := refAt(t, server.URL)
	certs := t.TempDir()
	dir := filepath.Join(certs, r.Host)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := Settings{Certs: []string{certs}}
	if _, err := Read(t.Context(), open(t, r, s), "latest"); err == nil || !strings.Contains(hint.Of(err), "certs.d/"+r.Host) {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(dir, "ca.crt"), ca, 0o644); err != nil {
		t.Fatal(err)
	}
	roundTrip(t, open(t, r, s))
	for file, says := range map[string]string{"x.crt": "holds no certificate", "x.cert": "x.key: no such file"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(r, s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", file, err)
		}
		os.Remove(filepath.Join(dir, file))
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(r, s); err == nil || !strings.Contains(err.Error(), "anybody can write") {
		t.Errorf("%v", err)
	}
}

func TestPlain(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "registries.conf")
	text := `
[[registry]]
location = "lab.example.com"
insecure = true
[[registry]]
prefix = "lab.example.com/safe"
location = "lab.example.com/safe"
[[registry]]
prefix = "*.test.example.com"
insecure = true
[[registry]]
location = "bad.example.com"
blocked = true
`
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s := Settings{Registries: []string{conf}}
	for ref, want := range map[string]bool{
		"oci://127.0.0.1:5000/x": true, "oci://localhost/x": true, "oci://[::1]:5000/x": true, "oci://10.0.0.1/x": false,
		"oci://localhost.example.com/x": false, "oci://lab.example.com/x": true, "oci://lab.example.com/safe/x": false,
		"oci://lab.example.com/safer": true, "oci://lab.example.com.evil/x": false, "oci://a.test.example.com/x": true, "oci://test.example.com/x": false,
	} {
		r, err := ParseRef(ref)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.plain(r); err != nil || got != want {
			t.Errorf("%s: %v, %v", ref, got, err)
		}
	}
	certs := t.TempDir()
	if err := os.Mkdir(filepath.Join(certs, "lab.example.com"), 0o755); err != nil {
		t.Fatal(err)
	}
	tls := Settings{Registries: s.Registries, Certs: []string{certs}}
	if got, err := tls.plain(Ref{Host: "lab.example.com", Repository: "x"}); err != nil || got {
		t.Errorf("with a certificate: %v, %v", got, err)
	}
	if _, err := Open(Ref{Host: "bad.example.com", Repository: "x"}, s); err == nil || !strings.Contains(err.Error(), "blocks it") {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(conf, []byte("[["), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Ref{Host: "h", Repository: "x"}, s); err == nil || !strings.Contains(err.Error(), "registries.conf") {
		t.Errorf("%v", err)
	}
}

// A registry that is busy is asked again, and not for ever.
func TestRetries(t *testing.T) {
	n := 0
	home := &url.URL{Scheme: "http", Host: "h"}
	c := client(home, roundTripper(func(*http.Request) (*http.Response, error) {
		n++
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: io.NopCloser(strings.NewReader("")), Header: http.Header{"Retry-After": {"0"}}}, nil
	}), nil, "zlaunch/test")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://h/v2/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := c.Do(req); err != nil || resp.StatusCode != http.StatusServiceUnavailable || n != maxRetries+1 {
		t.Errorf("asked %d times: %v, %v", n, resp, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// lister is a place that lists what it likes.
type lister struct {
	Source
	found []ocispec.Descriptor
}

func (l *lister) Referrers(_ context.Context, _ ocispec.Descriptor, _ string, page func([]ocispec.Descriptor) error) error {
	return page(l.found)
}

func (l *lister) Put(context.Context, Artifact, string, ...[]byte) error {
	return errors.ErrUnsupported
}
