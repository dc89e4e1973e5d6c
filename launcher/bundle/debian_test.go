package bundle

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// program is one of Debian's, which test/setup installs. Without it the test says what
// it did not see.
func program(t *testing.T, name string) string {
	t.Helper()
	exe, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("NOT TESTED against %s: %v (test/setup installs it)", name, err)
	}
	return exe
}

// dockerRegistry runs Debian's docker-registry on loopback: one that knows no referrers.
func dockerRegistry(t *testing.T) Ref {
	t.Helper()
	exe := program(t, "docker-registry")
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := port.Addr().String()
	port.Close()
	dir := t.TempDir()
	conf := filepath.Join(dir, "config.yml")
	text := fmt.Sprintf("version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: %s\nhttp:\n  addr: %s\n", dir, host)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "serve", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for range 200 {
		if resp, err := http.Get("http://" + host + "/v2/"); err == nil {
			resp.Body.Close()
			return refAt(t, "http://"+host)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("docker-registry does not answer")
	return Ref{}
}

func TestDockerRegistry(t *testing.T) {
	roundTrip(t, open(t, dockerRegistry(t), Settings{}))
}

// Debian's skopeo copies a bundle from one registry to another and to a directory, with
// the tag of its signatures: it is the same by its digest, and they are found again.
func TestSkopeo(t *testing.T) {
	skopeo := program(t, "skopeo")
	from, to, dir := dockerRegistry(t), serve(t, inProcess(false)), filepath.Join(t.TempDir(), "usb")
	a := versioned(t, "1.0.0")
	if err := open(t, from, Settings{}).Put(t.Context(), a, "1.0.0", []byte("signed by a")); err != nil {
		t.Fatal(err)
	}
	copied := func(words ...string) {
		t.Helper()
		out, err := exec.Command(skopeo, append([]string{"--insecure-policy", "copy", "--all", "--src-tls-verify=false"}, words...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("skopeo copy %v: %v\n%s", words, err, out)
		}
	}
	repo := func(r Ref) string { return "docker://" + r.Host + "/" + r.Repository }
	for _, tag := range []string{"1.0.0", referrersTag(a.Digest())} {
		copied("--dest-tls-verify=false", repo(from)+":"+tag, repo(to)+":"+tag)
		copied(repo(from)+":"+tag, "oci:"+dir+":"+tag)
	}
	for _, p := range []Place{open(t, to, Settings{}), Layout(dir)} {
		for _, reference := range []string{"1.0.0", a.Digest().String()} {
			got, err := Read(t.Context(), p, reference)
			if err != nil || !bytes.Equal(got.Manifest, a.Manifest) {
				t.Errorf("%T %s: %v", p, reference, err)
			}
		}
		if got, err := Signatures(t.Context(), p, a.Descriptor()); err != nil || len(got) != 1 || string(got[0]) != "signed by a" {
			t.Errorf("%T: %q, %v", p, got, err)
		}
	}
}
