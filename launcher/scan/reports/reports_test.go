package reports

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

var update = flag.Bool("update", false, "write the normal forms anew")

// The image that all the reports of the tests are of.
var (
	config   = "sha256:" + strings.Repeat("c0ffee", 10) + "c0fe"
	manifest = "sha256:" + strings.Repeat("0badcafe", 8)
	image    = scan.Image{Config: config, Manifests: []string{manifest}}
)

// tools are the reports of the tests, and who made them.
var tools = map[string]string{
	"trivy.json": "trivy", "grype.json": "grype", "ecr-basic.json": "ecr", "ecr-enhanced.json": "inspector", "gcp-list.json": "gcp", "gcp-api.json": "gcp",
	"scout.json": "docker-scout", "debsecan-detail.txt": "debsecan", "debsecan-summary.txt": "debsecan",
}

func report(t testing.TB, name string) string {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The reports of six scanners come to one form.
func TestNormalForm(t *testing.T) {
	for name, tool := range tools {
		s, err := Read(strings.NewReader(report(t, name)), About{Image: image})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Tool.Name != tool || s.Image.Config != config || len(s.Findings) == 0 {
			t.Errorf("%s: %v of %v, %d findings", name, s.Tool, s.Image, len(s.Findings))
		}
		if said := s.Image.Asserted; said != (tool == "debsecan") {
			t.Errorf("%s: asserted %v", name, said)
		}
		data, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, *update, filepath.Join("testdata", strings.TrimSuffix(strings.TrimSuffix(name, ".json"), ".txt")+".golden"), string(data)+"\n")
	}
}

// What all of them say of one vulnerability is one finding, or one of each package.
func TestUnion(t *testing.T) {
	var all []*scan.Scan
	for _, name := range []string{"trivy.json", "grype.json", "ecr-enhanced.json", "gcp-list.json", "scout.json"} {
		s, err := Read(strings.NewReader(report(t, name)), About{Image: image})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	for _, f := range scan.Union(all...) {
		if f.Package == "setuptools" && (f.ID != "CVE-2022-40897" || len(f.Seen) != 5) {
			t.Errorf("setuptools: %s seen by %v", f.ID, f.Seen)
		}
	}
}

// With keys in any order a report is the same.
func TestSortedKeys(t *testing.T) {
	for name := range tools {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(report(t, name)), &v); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Read(strings.NewReader(report(t, name)), About{Image: image})
		b, err2 := Read(strings.NewReader(string(sorted)), About{Image: image})
		if err != nil || err2 != nil {
			t.Errorf("%s: %v, %v", name, err, err2)
			continue
		}
		a.Raw, b.Raw = "", ""
		one, _ := json.Marshal(a)
		other, _ := json.Marshal(b)
		if string(one) != string(other) {
			t.Errorf("%s: another scan when sorted:\n%s\n%s", name, one, other)
		}
	}
}

// A report that ends anywhere before its end is refused: it would lack findings.
func TestTruncated(t *testing.T) {
	for name := range tools {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		text := strings.TrimRight(report(t, name), "\n")
		for n := len(text) - 1; n >= 0; n -= 1 + n%61 {
			if s, err := Read(strings.NewReader(text[:n]), About{Image: image}); err == nil {
				t.Errorf("%s: the first %d bytes are a report of %d findings", name, n, len(s.Findings))
				break
			}
		}
	}
	text := report(t, "debsecan-detail.txt")
	if _, err := Read(strings.NewReader(text[:strings.LastIndex(text, "  A synthetic hole without")]), About{Image: image}); err == nil {
		t.Error("half a detail passed")
	}
}

// What is wrong with a report is said; there is no scan then.
func TestRefused(t *testing.T) {
	other := scan.Image{Config: "sha256:" + strings.Repeat("d", 64)}
	for _, c := range []struct {
		file, old, new string
		of             scan.Image
		want           string
	}{
		{"trivy.json", `"SchemaVersion": 2`, `"SchemaVersion": 3`, image, "SchemaVersion is 3, and 2 is read"},
		{"trivy.json", `"SchemaVersion": 2,`, ``, image, "SchemaVersion is 0"},
		{"trivy.json", `"container_image"`, `"filesystem"`, image, `about "filesystem" and not about a container image`},
		{"trivy.json", `"InstalledVersion": "58.1.0"`, `"InstalledVersion": 58`, image, "Results[1].Vulnerabilities[0].InstalledVersion"},
		{"trivy.json", `"V40Score": 8.7`, `"V40Score": NaN`, image, "invalid character"},
		{"trivy.json", `"PkgName": "tar",`, `"PkgName": "tar", "PkgName": "bash",`, image, "the key comes twice"},
		{"trivy.json", `"PkgName": "tar",`, `"PkgName": "t\u001b[2Jar",`, image, "does not print"},
		{"trivy.json", `"PkgName": "tar",`, ``, image, "without an id or without a package"},
		{"trivy.json", `"nvd": 4`, `"nvd": 5`, image, "5 is no severity"},
		{"trivy.json", `"Class": "lang-pkgs"`, `"Class": "other"`, image, `a result of class "other"`},
		{"trivy.json", `"ImageID": "sha256:c0ffee`, `"ImageID": "sha256:deadbe`, image, "it is of another image"},
		{"trivy.json", `"ImageID": "sha256:c0ffee`, `"ImageID": "c0ffee`, image, "is not sha256:"},
		{"trivy.json", "", "", other, "it is of another image"},
		{"grype.json", `"version": "0.121.3"`, `"version": "1.0.0"`, image, `grype "1.0.0"`},
		{"grype.json", `"v6.0.3"`, `"v7.0.0"`, image, `schema "v7.0.0"`},
		{"grype.json", `"name": "grype"`, `"name": "syft"`, image, `the tool "syft"`},
		{"grype.json", `"type": "image"`, `"type": "directory"`, image, `about "directory"`},
		{"grype.json", `"matches": [`, `"matchez": [`, image, `begins with "matchez"`},
		{"ecr-basic.json", `"status": "COMPLETE",`, ``, image, "no imageScanStatus"},
		{"ecr-basic.json", `"imageDigest"`, `"imageDigest2"`, scan.Image{}, "names no image by its digest"},
		{"gcp-list.json", "europe-docker.pkg.dev/p/ml/serve@sha256:0badcafe", "europe-docker.pkg.dev/p/ml/serve@sha256:1badcafe", image, "more than one image"},
		{"gcp-list.json", "serve@", "serve:", image, "has no digest"},
		{"scout.json", `"15.0.6"`, `"16.0.0"`, image, `version is "16.0.0"`},
		{"scout.json", `"name": "Docker Scout"`, `"name": "Other"`, image, ""},
		{"debsecan-detail.txt", "TEMP-0000000-0A1B2C", "XTEMP-0", image, "line 15: neither"},
		{"debsecan-detail.txt", "  installed: tar", "  tar", image, "names no package"},
		{"debsecan-detail.txt", "", "", scan.Image{}, "names no image"},
		{"trivy.json", `"ImageID": "sha256:c0ffee`, `"NoImageID": "sha256:c0ffee`, image, ""}, // by its manifest still
		{"ecr-basic.json", `"imageDigest"`, `"imageDigest2"`, image, "names no image by its digest, as its reports of images do"},
		{"ecr-enhanced.json", `"imageDigest"`, `"imageDigest2"`, image, "names no image by its digest, as its reports of images do"},
		{"trivy.json", "PkgName\": \"tar", "PkgName\": \"tar\", \"VendorIDs\": [\"cve-2026-1 \"], \"x\": \"", image, "is no CVE"},
	} {
		text := report(t, c.file)
		if c.old != "" {
			text = strings.Replace(text, c.old, c.new, 1)
		}
		s, err := Read(strings.NewReader(text), About{Image: c.of})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s, %q: %v", c.file, c.new, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s, %q for %q: %v, %v", c.file, c.new, c.old, s, err)
		}
	}
	bare := `{"SchemaVersion":2,"Trivy":{"Version":"0.74.0"},"ArtifactName":"somebody/elses:1","ArtifactType":"container_image","Metadata":{},"Results":[]}`
	for _, of := range []About{{Image: image}, {Digest: config}, {}} {
		if _, err := Read(strings.NewReader(bare), of); err == nil || !strings.Contains(err.Error(), "the report of trivy: it names no image by its digest, as its reports of images do") {
			t.Errorf("%+v: %v", of, err)
		}
	}
	for text, want := range map[string]string{"": "it is empty", " \n": "it is empty", "{}": "none that is known", "[]": "no occurrence", "hello": "none that is known", `{"runs":[]}`: `begins with "runs"`, "{": "none that is known", "null": "none that is known"} {
		if _, err := Read(strings.NewReader(text), About{Image: image}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What the scanner says of itself is kept: that it failed, that there are more pages, that
// the distribution is at its end.
func TestSaysOfItself(t *testing.T) {
	read := func(file, old, text string) *scan.Scan {
		s, err := Read(strings.NewReader(strings.Replace(report(t, file), old, text, 1)), About{Image: image})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := read("ecr-basic.json", `"COMPLETE"`, `"FAILED"`); !strings.HasPrefix(s.Failed, "FAILED") {
		t.Errorf("%q", s.Failed)
	}
	if s := read("gcp-list.json", "FINISHED_SUCCESS", "FINISHED_FAILED"); s.Failed == "" {
		t.Error("a failed analysis passed")
	}
	if s := read("grype.json", `"valid": true`, `"valid": false`); s.Failed == "" {
		t.Error("an invalid database passed")
	}
	if s := read("scout.json", `"success"`, `"failure"`); s.Failed == "" {
		t.Error("a failed scan passed")
	}
	if s := read("ecr-basic.json", `"registryId"`, `"nextToken": "x", "registryId"`); s.Partial == "" {
		t.Error("the first of several pages passed")
	}
	if s := read("gcp-api.json", "", ""); s.Partial == "" {
		t.Error("the first of several pages passed")
	}
	if s := read("trivy.json", `"Name": "12.5"`, `"Name": "9", "EOSL": true`); s.Distro.Life != scan.Ended {
		t.Errorf("%+v", s.Distro)
	}
	if s := read("trivy.json", `"Packages": [`, `"NoPackages": [`); s.Packages != 1 {
		t.Errorf("%d packages of those that are listed", s.Packages)
	}
}
