package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/derive"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// A plan is shown with what it leaves, and its JSON is of its schema.
func TestDerive(t *testing.T) {
	b := derive.Base{Ref: "localhost/x:1", Programs: []string{"/usr/bin/apt-get"}, Size: 198_000_000, Image: &effective.Image{
		ID: strings.Repeat("a", 64), Digest: "sha256:" + strings.Repeat("b", 64)}}
	p, err := derive.Make(b, []*scan.Scan{{Tool: scan.Tool{Name: "trivy"}, Findings: []scan.Finding{
		{ID: "CVE-2026-1", Package: "openssl", Installed: "3.0", Fixed: []string{"3.1"}, State: scan.Fixed, Class: scan.OS, PURL: "pkg:deb/debian/openssl@3.0"},
		{ID: "CVE-2026-2", Package: "jinja2", Installed: "3.0", Fixed: []string{"3.1"}, State: scan.Fixed, Class: scan.Lang, PURL: "pkg:pypi/jinja2@3.0"},
		{ID: "CVE-2026-3", Package: "log4j", Installed: "2.0", Fixed: []string{"2.1"}, State: scan.Fixed, Class: scan.Lang, PURL: "pkg:maven/x/log4j@2.0"},
	}}}, derive.Wish{Languages: true})
	if err != nil {
		t.Fatal(err)
	}
	doc := report.NewDerive(b, "web", p)
	var text, data bytes.Buffer
	if err := doc.Text(&text, report.Screen{Width: 120}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"198MB", "root, for its base names none", "apt, pip", "openssl", "jinja2 (python3)", "log4j", "has to be built anew"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if err := report.JSON(&data, doc); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/derive-v1.json", data.Bytes())
}
