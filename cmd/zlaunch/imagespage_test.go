package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/model/travel"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/test/oci"
)

// TestImagesPage does what docs/images.md says, command by command, and reads its policies.
func TestImagesPage(t *testing.T) {
	data, err := os.ReadFile("../../docs/images.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	for _, name := range []string{"trivy.json", "grype.json"} {
		text, err := os.ReadFile(scanReport(t, name))
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, name, string(text))
	}
	if _, err := oci.Write(filepath.Join(w.dir, "layout"), pageImage); err != nil {
		t.Fatal(err)
	}
	layBeside(t, filepath.Join(w.dir, "layout"))
	t.Chdir(w.dir)
	played, read := 0, 0
	for _, block := range regexp.MustCompile("(?s)```(console|toml)\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		if block[1] == "toml" {
			if _, err := policy.Parse("page.toml", []byte("schema = 1\n"+block[2])); err != nil {
				t.Errorf("%v", err)
			}
			read++
			continue
		}
		for _, part := range strings.Split("\n"+block[2], "\n$ ")[1:] {
			line, want, _ := strings.Cut(part, "\n")
			played++
			w.run(strings.Fields(strings.ReplaceAll(line, "IMAGE", scannedImage))[1:]...)
			got := strings.ReplaceAll(notices(w.stderr.String(), false)+w.stdout.String()+notices(w.stderr.String(), true), scannedImage, "IMAGE")
			if !like(strings.TrimSpace(want), strings.TrimSpace(got)) {
				t.Errorf("%s prints\n%s\nand not\n%s", line, got, want)
			}
		}
	}
	if played < 5 || read < 2 {
		t.Errorf("%d commands were played and %d policies read: %s has another form", played, read, filepath.Base("docs/images.md"))
	}
}

// layBeside lays an SBOM and a statement of provenance into a layout, as oras and cosign 3 attach them.
func layBeside(t *testing.T, dir string) {
	t.Helper()
	img, err := image.Layout(dir).Open(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	to, err := bundle.OpenDepot(bundle.Ref{Dir: dir}, bundle.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	statement := fmt.Sprintf(`{"subject":[{"digest":{"sha256":%q}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"runDetails":{"builder":{"id":"https://build.example.org"}}}}`, img.Manifest.Digest.Encoded())
	envelope := fmt.Sprintf(`{"dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":%q}}`, base64.StdEncoding.EncodeToString([]byte(statement)))
	for _, a := range []struct{ kind, text string }{{"application/spdx+json", `{"spdxVersion":"SPDX-2.3","packages":[{"name":"openssl"}]}`}, {travel.TypeStatement, envelope}} {
		layer := ocispec.Descriptor{MediaType: a.kind, Digest: digest.FromString(a.text), Size: int64(len(a.text))}
		data, err := json.Marshal(ocispec.Manifest{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: a.kind,
			Config: ocispec.DescriptorEmptyJSON, Layers: []ocispec.Descriptor{layer}, Subject: &img.Manifest,
		})
		if err == nil {
			err = to.Send(t.Context(), layer, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(a.text)), nil })
		}
		if err == nil {
			_, err = to.Publish(t.Context(), data, "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// pageImage is the image that the page looks at.
var pageImage = oci.Image{
	Arch: "s390x", Created: "2026-10-01T00:00:00Z",
	Config: oci.Config{
		User: "ibm-user", Env: []string{"PATH=/usr/bin", "AWS_*"}, Entrypoint: []string{"/usr/bin/serve"},
		Labels:      map[string]string{"PODMAN_SYSTEMD_UNIT": "backup.service", "org.opencontainers.image.source": "https://git.example.org/serve"},
		Healthcheck: &oci.Healthcheck{Test: []string{"CMD", "/usr/bin/check"}},
	},
	Annotations: map[string]string{"io.podman.annotations.checkpoint.runtime.name": "crun"},
	Base: []oci.Entry{
		{Name: "etc/passwd", Mode: 0o644, Data: []byte("root:x:0:0::/:/bin/sh\nibm-user:x:1000:1000::/:/bin/sh\n")},
		{Name: "usr/bin/serve"}, {Name: "usr/bin/su", Mode: 0o4755}, {Name: "usr/lib/plugins/", UID: 1000},
	},
}

// notices are the lines of standard error: those of an error stand behind the result.
func notices(text string, errors bool) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "zlaunch: error") == errors {
			b.WriteString(line)
		}
	}
	return b.String()
}

// like tells whether a text is as a page has it, where … is anything within a line, and any
// space is as good as another.
func like(want, got string) bool {
	expr := regexp.QuoteMeta(strings.Join(strings.Fields(want), " "))
	return regexp.MustCompile("^" + strings.ReplaceAll(expr, "…", `[^ ]*`) + "$").MatchString(strings.Join(strings.Fields(got), " "))
}
