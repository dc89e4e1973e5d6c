package bundle

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/zlaunch/zlaunch/test/sharing"
)

// dockerRegistry is Debian's, one that knows no referrers. Without it the test says what it
// did not see.
func dockerRegistry(t *testing.T) Ref {
	t.Helper()
	address, err := sharing.DockerRegistry(t, "")
	if err != nil {
		t.Skipf("NOT TESTED against docker-registry: %v (test/setup installs it)", err)
	}
	return refAt(t, "http://"+address)
}

func TestDockerRegistry(t *testing.T) {
	roundTrip(t, open(t, dockerRegistry(t), Settings{}))
}

// Debian's skopeo copies a bundle from one registry to another and to a directory, with
// the tag of its signatures: it is the same by its digest, and they are found again.
func TestSkopeo(t *testing.T) {
	skopeo, err := exec.LookPath("skopeo")
	if err != nil {
		t.Skipf("NOT TESTED against skopeo: %v (test/setup installs it)", err)
	}
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
