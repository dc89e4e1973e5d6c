package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Which images have records is told by name, tool, day and digest, as a table and as JSON.
func TestScanList(t *testing.T) {
	image := func(c string) scan.Image { return scan.Image{Config: "sha256:" + strings.Repeat(c, 64)} }
	raw := "sha256:" + strings.Repeat("f", 64)
	day := time.Date(2026, 11, 30, 8, 5, 0, 0, time.UTC)
	doc := report.NewScanList([][]*scan.Scan{
		{{Image: image("a"), Name: "localhost/server:1", Tool: scan.Tool{Name: "grype", Version: "0.121.3"}, Scanned: day, Packages: 5, Raw: raw, Findings: make([]scan.Finding, 3)},
			{Image: image("a"), Name: "localhost/server:1", Tool: scan.Tool{Name: "trivy"}, Packages: scan.Untold, Raw: raw, Prison: &scan.Prison{Profile: "trivy"}}},
		{{Image: image("b"), Tool: scan.Tool{Name: "ecr"}, Packages: 1, Raw: raw, Failed: "it failed"}},
	})
	var b bytes.Buffer
	if err := doc.Text(&b, report.Screen{Width: 120}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"grype, imported  2026-11-30 08:05 UTC  3", "trivy            not told              0", "no name", "failed", image("b").Config} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := report.JSON(&b, doc); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/scan-list-v1.json", b.Bytes())
	if validate(t, "../../docs/schema/scan-list-v1.json", bytes.Replace(b.Bytes(), []byte(`"names"`), []byte(`"called"`), 1)) == nil {
		t.Error("the schema takes an image without names")
	}
	b.Reset()
	if err := report.NewScanList(nil).Text(&b, report.Screen{}); err != nil || b.String() != "no image has a record of a scan\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}
