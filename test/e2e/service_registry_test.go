package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A service runs what a tag of a registry named when it was installed, until an upgrade: that
// sees where the tag points now, and takes it by digest.
func TestServiceRegistry(t *testing.T) {
	p := shows(t, "services", "a tag moves in a registry: --check tells and changes nothing, upgrade takes the new digest, rollback returns")
	w := serviceWorld(t, p)
	address := aRegistry(t, p)
	conf := filepath.Join(w.dir, "registries.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "[[registry]]\nlocation = %q\ninsecure = true\n", address), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "CONTAINERS_REGISTRIES_CONF="+conf)
	privateOnly(t, w) // a service that runs already has another configuration
	ref := address + "/e2e/svc:1"
	t.Cleanup(func() { w.podman("rmi", "-f", ref) })
	first := w.push(image, ref)
	s := w.install(p, "e2e-tag", "e2e-svc", "--image", ref, "--pull", "newer")
	old := s.becomes("active running")
	dropin := filepath.Join(w.config, "containers/systemd", s.name+".container.d/10-image.conf")
	step := func(what string, code int, words string, args ...string) string {
		t.Helper()
		was := s.state()
		got := w.zlaunch(args...)
		p.saw("%s: status %d, %s -> %s; %s", what, got.code, was, s.state(), having(got.stdout+got.stderr, words))
		if got.code != code || !strings.Contains(got.stdout+got.stderr, words) || !strings.HasPrefix(s.state(), "active running success") || !s.answers() {
			t.Errorf("%s: status %d, %s\n%s%s", what, got.code, s.state(), got.stdout, got.stderr)
		}
		return s.state()
	}
	step("the tag as it was", 0, "runs what its profile names already", "upgrade", s.name)
	second := w.push(w.variant("good", ""), ref)
	if step("--check of a moved tag", 1, "image", "upgrade", s.name, "--check") != old {
		t.Error("--check changed what runs")
	}
	if _, err := os.Stat(dropin); err == nil {
		t.Error("--check wrote a drop-in")
	}
	now := step("upgrade", 0, "runs the new image", "upgrade", s.name)
	text, _ := os.ReadFile(dropin)
	p.saw("the tag was %.19s, is %.19s; %s", first, second, having(string(text), "Image="))
	if now == old || first == second || !strings.Contains(string(text), "\nImage="+address+"/e2e/svc@"+second+"\n") {
		t.Errorf("%s, was %s; the registry has %s\n%s", now, old, second, text)
	}
	step("--check after it", 0, "already", "upgrade", s.name, "--check")
	if step("rollback", 0, "as before", "rollback", s.name) != old {
		t.Error("another image than before")
	}
	if err := os.WriteFile(conf, []byte("[[registry]]\nlocation = \""+address+"\"\nblocked = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if step("upgrade while the registry is out of reach", 0, "is not known, and the one that is here counts", "upgrade", s.name) != now {
		t.Error("another image than the one that is here by that tag")
	}
}

// push puts a local image into a registry of the test's, and asks that for its digest.
func (w *world) push(local, ref string) (digest string) {
	w.t.Helper()
	if got := w.podman("push", "-q", "--format", "oci", local, ref); got.code != 0 {
		w.t.Fatalf("pushing %s: %s", ref, got.stderr)
	}
	host, rest, _ := strings.Cut(ref, "/")
	name, tag, _ := strings.Cut(rest, ":")
	req, err := http.NewRequest(http.MethodHead, "http://"+host+"/v2/"+name+"/manifests/"+tag, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.oci.image.manifest.v1+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header.Get("Docker-Content-Digest")
}
