package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/registry/remote"
)

// stocked is a registry with images of this engine, and things attached to some.
type stocked struct {
	*world
	registry string
}

// pushed puts the test image into the registry under a name, and has the engine pull it from there,
// so that it knows whence it is. It returns NAME@DIGEST.
func (s stocked) pushed(name, label string) string {
	s.t.Helper()
	local, ref := "localhost/zlaunch-e2e-"+name+":1", s.registry+"/team/"+name
	dir := s.t.TempDir()
	text := fmt.Sprintf("FROM localhost/zlaunch-e2e:latest\nLABEL which=%s\n", label)
	if err := os.WriteFile(filepath.Join(dir, "Containerfile"), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { s.podman("rmi", "-f", "-i", local, ref+":1") })
	s.mustPodman("build", "-q", "--isolation", "chroot", "--pull=never", "-t", local, dir)
	s.mustPodman("push", "-q", "--tls-verify=false", local, ref+":1")
	s.mustPodman("rmi", local)
	s.mustPodman("pull", "-q", "--tls-verify=false", ref+":1")
	got := s.podman("image", "inspect", "--format", "{{.Digest}}", ref+":1")
	return ref + "@" + strings.TrimSpace(got.stdout)
}

// repository is where an image's name leads.
func (s stocked) repository(ref string) (*remote.Repository, ocispec.Descriptor) {
	s.t.Helper()
	repo, err := remote.NewRepository(ref)
	if err != nil {
		s.t.Fatal(err)
	}
	repo.PlainHTTP = true
	image, err := repo.Resolve(s.t.Context(), repo.Reference.Reference)
	if err != nil {
		s.t.Fatal(err)
	}
	return repo, image
}

// attach does as oras attach does: a manifest of OCI 1.1 whose subject is the image.
func (s stocked) attach(ref, kind, text string) {
	s.t.Helper()
	repo, image := s.repository(ref)
	blob, err := oras.PushBytes(s.t.Context(), repo, kind, []byte(text))
	if err == nil {
		_, err = oras.PackManifest(s.t.Context(), repo, oras.PackManifestVersion1_1, kind, oras.PackManifestOptions{Subject: &image, Layers: []ocispec.Descriptor{blob}})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// marked does as cosign 2 does: a manifest by the tag of the image's digest, whose layer says of
// which image it is. Nothing of it is signed.
func (s stocked) marked(ref string) {
	s.t.Helper()
	repo, image := s.repository(ref)
	ctx, kind := s.t.Context(), "application/vnd.dev.cosign.simplesigning.v1+json"
	text := fmt.Sprintf(`{"critical":{"identity":{"docker-reference":""},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":null}`, image.Digest)
	blob, err := oras.PushBytes(ctx, repo, kind, []byte(text))
	if err != nil {
		s.t.Fatal(err)
	}
	blob.Annotations = map[string]string{"dev.cosignproject.cosign/signature": "bm9uZQ=="}
	m, err := oras.PackManifest(ctx, repo, oras.PackManifestVersion1_0, "application/vnd.oci.image.config.v1+json", oras.PackManifestOptions{Layers: []ocispec.Descriptor{blob}})
	if err == nil {
		err = repo.Tag(ctx, m, strings.Replace(image.Digest.String(), ":", "-", 1)+".sig")
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// verdictOf is what a plan of a profile with that image comes to in one control.
func (s stocked) verdictOf(ref, control string) string {
	s.t.Helper()
	s.write("zlaunch/profiles.toml", strings.ReplaceAll(profiles, "localhost/zlaunch-e2e:latest", ref))
	for _, findings := range s.findings(s.zlaunch("audit", "--json", "--all", "job")) {
		for _, v := range of(findings, control) {
			return v.Verdict
		}
	}
	return "not judged"
}

// What is attached to an image in a real registry is told by name, kept, and judged by plans that
// ask no registry.
func TestInspectRegistry(t *testing.T) {
	p := shows(t, "images", "what a registry has attached to an image is told and kept, and ZL-913 judges what is kept")
	s := stocked{newWorld(t), aRegistry(t, p)}
	with, without := s.pushed("with", "a"), s.pushed("without", "b")
	s.attach(with, "application/spdx+json", `{"spdxVersion":"SPDX-2.3","packages":[{"name":"openssl"}]}`)
	s.marked(with)
	if got := s.verdictOf(with, "ZL-913"); got != "open" {
		t.Errorf("before anybody looked: %s", got)
	}
	got := s.zlaunch("inspect", with, "--attached")
	for _, want := range []string{"signature cosign tag yes sha256:", "sbom SPDX referrer no sha256:", "No signature was verified: that one is there says nothing of who made it."} {
		if got.code != 0 || !strings.Contains(strings.Join(strings.Fields(got.stdout), " "), want) {
			t.Fatalf("no %q, status %d\n%s%s", want, got.code, got.stdout, got.stderr)
		}
	}
	p.saw("%s", lineWith(got.stdout, "sbom "))
	if got := s.zlaunch("inspect", without, "--attached"); got.code != 0 || !strings.Contains(got.stdout, "Nothing is attached to it in "+s.registry+"/team/without.") {
		t.Errorf("status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	p.saw("ZL-913 of what has an SBOM: %s; of what has none: %s", s.verdictOf(with, "ZL-913"), s.verdictOf(without, "ZL-913"))
	if has, none := s.verdictOf(with, "ZL-913"), s.verdictOf(without, "ZL-913"); has != "pass" || none != "fail" {
		t.Errorf("ZL-913: %s, %s", has, none)
	}
}

// cosign runs the one of PATH, and returns all that it says.
func (s stocked) cosign(args ...string) string {
	s.t.Helper()
	cmd := s.command("cosign", args...)
	cmd.Env = append(cmd.Environ(), "COSIGN_PASSWORD=")
	got := s.do(cmd)
	if got.code != 0 {
		s.t.Fatalf("cosign %q: %s", args, got.stderr)
	}
	return got.stdout + got.stderr
}

// cosigned has it sign an image without a transparency log. Since version 3 that is told twice.
func (s stocked) cosigned(image, key string) {
	s.t.Helper()
	words := []string{"sign", "--yes", "--tlog-upload=false", "--allow-http-registry", "--key", key}
	if strings.Contains(s.cosign("sign", "--help"), "--use-signing-config") {
		words = append(words, "--use-signing-config=false")
	}
	s.cosign(append(words, image)...)
}

// A signature of cosign is verified for the image and the key that it is of, and for nothing else.
func TestInspectCosign(t *testing.T) {
	p := shows(t, "images", "cosign verifies its own signature of an image, and none of another key, of an unsigned image, of a mark that nobody signed")
	s := stocked{newWorld(t), aRegistry(t, p)}
	if _, err := exec.LookPath("cosign"); err != nil {
		p.lacks("there is no cosign in PATH, to sign and verify: Debian 13 has a package of that name; launcher/signature tests what is asked of one and believed")
	}
	keys := t.TempDir()
	ours, others := filepath.Join(keys, "ours"), filepath.Join(keys, "others")
	s.cosign("generate-key-pair", "--output-key-prefix", ours)
	s.cosign("generate-key-pair", "--output-key-prefix", others)
	own, unsigned, marked := s.pushed("signed", "c"), s.pushed("unsigned", "d"), s.pushed("marked", "e")
	s.marked(marked)
	s.cosigned(own, ours+".key")
	for _, c := range []struct {
		image, key string
		code       int
		says       string
	}{
		{own, ours, 0, "cosign verified a signature of " + own + " by the key "},
		{own, others, 3, "is not verified"},
		{unsigned, ours, 3, "is not verified"},
		{marked, ours, 3, "is not verified"},
	} {
		got := s.zlaunch("inspect", c.image, "--cosign-key", c.key+".pub", "--private-infrastructure", "--no-files")
		if got.code != c.code || !strings.Contains(got.stdout+got.stderr, c.says) {
			t.Errorf("%s by %s: %d\n%s%s", c.image, c.key, got.code, got.stdout, got.stderr)
		}
		p.saw("%d: %s", got.code, lineWith(got.stdout+got.stderr, c.says))
	}
}
