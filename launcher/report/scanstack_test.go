package report_test

import (
	"bytes"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/gate"
)

// A stack's images stand in one table, each with the members that run it; one that nobody could
// look at, and one in which nothing was found, have a line too.
func TestScanStack(t *testing.T) {
	scans := scanned(t)
	found := report.NewScan(scans[0].Image, scans, report.ScanWish{Severity: scan.High})
	clean := report.NewScan(scans[0].Image, scans[:1], report.ScanWish{})
	clean.Findings, clean.Counts = []report.ScanFinding{}, []scan.Count{}
	none := report.NewScan(scan.Image{Config: "sha256:00"}, nil, report.ScanWish{})
	none.Against = []gate.Reason{{Rule: gate.Required, Text: "no scan of it is known", Hint: "zlaunch scan IMAGE"}}
	doc := report.ScanStack{Schema: report.ScanStackSchema, Stack: "shop", File: "shop.toml", Images: []report.StackImage{
		{Members: []string{"server", "spare"}, Ref: "icr.io/ibm/triton:24.12", Scan: found},
		{Members: []string{"front"}, Ref: "localhost/front:1", Scan: clean},
		{Members: []string{"cache"}, Ref: "localhost/\x1b[2Jcache:1", Scan: none},
	}}
	var b bytes.Buffer
	if err := doc.Text(&b, report.Screen{Width: 120}); err != nil {
		t.Fatal(err)
	}
	holds(t, "scan-stack.txt", b.Bytes())
	b.Reset()
	if err := report.JSON(&b, doc); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/scan-stack-v1.json", b.Bytes())
	nobody := bytes.Replace(b.Bytes(), []byte(`"members"`), []byte(`"who"`), 1)
	if validate(t, "../../docs/schema/scan-stack-v1.json", nobody) == nil {
		t.Error("the schema takes an image without members")
	}
}
