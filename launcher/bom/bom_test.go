package bom

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/model/content"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

var update = flag.Bool("update", false, "write the files of testdata")

// drawn is an image with all that a finding can have.
func drawn() *Image {
	config, manifest := "sha256:"+strings.Repeat("c0", 32), "sha256:"+strings.Repeat("ab", 32)
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	trivy := &scan.Scan{Name: "registry.example:5000/ml/server:1", Tool: scan.Tool{Name: "trivy", Version: "0.74.0"}, Scanned: at, Built: at.Add(-time.Hour),
		Distro: scan.Distro{ID: "debian", Version: "12.5", Life: scan.Supported}, Packages: 6, Raw: "sha256:" + strings.Repeat("1", 64)}
	debsecan := &scan.Scan{Tool: scan.Tool{Name: "debsecan"}, Packages: scan.Untold, Raw: "sha256:" + strings.Repeat("2", 64), Partial: "cut"}
	ssl := scan.Finding{ID: "CVE-2026-99001", PURL: "pkg:deb/debian/libssl3@3.0.20?distro=debian-12", Package: "libssl3", Source: "openssl", Installed: "3.0.20",
		Fixed: []string{"3.0.21"}, State: scan.Fixed, Class: scan.OS, Seen: []string{"trivy"}, KEV: true, EPSS: 0.25, Ratings: []scan.Rating{
			{Source: "nvd", Level: scan.Critical, Vector: "CVSS:3.1/AV:N", Score: 9.8}, {Source: "redhat", Level: scan.High, Label: "Important"},
			{Source: "old", Level: scan.Low, Vector: "AV:N/AC:L", Score: 2}, {Source: "new", Level: scan.Unknown, Vector: "CVSS:4.0/AV:N"},
		}}
	other := ssl
	other.PURL, other.Package, other.Source = "pkg:deb/debian/openssl@3.0.20", "openssl", "openssl"
	said := ssl
	said.PURL, said.Package = "pkg:deb/debian/libssl-dev@3.0.20", "libssl-dev"
	said.VEX = &scan.VEX{Status: "not_affected", Justification: "vulnerable_code_not_in_execute_path", Author: "Vendor", Document: "https://vendor.example/vex/1"}
	return &Image{Image: scan.Image{Config: config, Manifests: []string{manifest}}, Scans: []*scan.Scan{trivy, debsecan}, Findings: []Finding{
		{scan.Critical, ssl}, {scan.Critical, other}, {scan.Critical, said},
		{scan.High, scan.Finding{ID: "GHSA-aaaa-bbbb-cccc", Aliases: []string{"PYSEC-1"}, PURL: "pkg:pypi/setuptools@58.1.0", Package: "setuptools", Installed: "58.1.0", State: scan.Fixed,
			Class: scan.Lang, Paths: []string{"/usr/lib/python3/setuptools"}, Ratings: []scan.Rating{{Source: "ghsa", Level: scan.High}}, VEX: &scan.VEX{Status: "under_investigation"}}},
		{scan.Unknown, scan.Finding{ID: "TEMP-1", Package: "tar", Installed: "1.34", State: scan.NotFixed, Class: scan.OS}},
	}}
}

func loaded() Model {
	sum := strings.Repeat("e", 64)
	return Model{Name: "fraud", Digest: "sha256:" + strings.Repeat("d", 64), OMS: "sha256:" + strings.Repeat("0", 64), Files: []File{
		{content.Kind{Format: "JSON", Class: content.Data}, "config.json", 2, sum},
		{content.Kind{Format: "symbolic link", Class: content.Data}, "link", 0, ""},
		{content.Kind{Format: "ELF", Class: content.Code, Note: "s390x"}, "model.so", 100, sum},
	}}
}

func written(t *testing.T, d Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is written is CycloneDX by its own schema, and the same each time.
func TestWrite(t *testing.T) {
	conforms := schemaOf(t)
	for name, d := range map[string]Document{
		"image": {Tool: "1.0", Image: drawn()}, "model": {Tool: "1.0", Models: []Model{loaded()}},
		"both":    {Tool: "1.0", Image: drawn(), Models: []Model{loaded(), loaded()}},
		"nothing": {Tool: "1.0", Image: &Image{Image: scan.Image{Config: "sha256:" + strings.Repeat("1", 64)}, Filter: "--severity high"}},
	} {
		text := written(t, d)
		golden.Check(t, *update, filepath.Join("testdata", name+".cdx.json"), text)
		if err := conforms(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if again := written(t, d); again != text {
			t.Errorf("%s: it is written otherwise the second time", name)
		}
		var b cdx.BOM
		if err := cdx.NewBOMDecoder(strings.NewReader(text), cdx.BOMFileFormatJSON).Decode(&b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		refs := map[string]bool{}
		walk(t, b.Components, refs)
		for _, v := range listOf(b.Vulnerabilities) {
			for _, a := range listOf(v.Affects) {
				if !refs[a.Ref] {
					t.Errorf("%s: %s affects %q, which is no component", name, v.ID, a.Ref)
				}
			}
		}
	}
	if err := conforms(strings.Replace(written(t, Document{Image: drawn()}), `"severity": "critical"`, `"severity": "bad"`, 1)); err == nil {
		t.Error("the schema takes any severity")
	}
}

// walk collects what the components are called: each once.
func walk(t *testing.T, in *[]cdx.Component, refs map[string]bool) {
	t.Helper()
	for _, c := range listOf(in) {
		if c.BOMRef == "" || refs[c.BOMRef] {
			t.Errorf("two components are called %q", c.BOMRef)
		}
		refs[c.BOMRef] = true
		walk(t, c.Components, refs)
	}
}

func listOf[T any](in *[]T) []T {
	if in == nil {
		return nil
	}
	return *in
}

// Another content has another serial number, the same the same.
func TestSerial(t *testing.T) {
	serialOf := func(d Document) string {
		var b struct{ SerialNumber string }
		if err := json.Unmarshal([]byte(written(t, d)), &b); err != nil {
			t.Fatal(err)
		}
		return b.SerialNumber
	}
	other := loaded()
	other.Files[0].Size++
	one := serialOf(Document{Models: []Model{loaded()}})
	if one == serialOf(Document{Models: []Model{other}}) || one != serialOf(Document{Models: []Model{loaded()}}) {
		t.Error("the serial number is not of the content")
	}
}

// schemaOf is the official schema, which the library's module has beside its code.
func schemaOf(t *testing.T) func(text string) error {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatalf("looking for the library's schema: %v", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // no network
	for name, file := range map[string]string{"bom-1.6.schema.json": "", "spdx.schema.json": "", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		if file == "" {
			file = name
		}
		data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema", file))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err == nil {
			err = c.AddResource("http://cyclonedx.org/schema/"+name, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		return s.Validate(doc)
	}
}
