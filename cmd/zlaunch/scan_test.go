package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// scanReport is a report of the tests of package reports.
func scanReport(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "launcher", "scan", "reports", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var scannedImage = "sha256:" + strings.Repeat("c0ffee", 10) + "c0fe"

// What is imported is kept, shown and compared, and nothing of it needs Podman where the
// image is named by its digest.
func TestScan(t *testing.T) {
	w := newWorld(t)
	trivy, grype, debsecan := scanReport(t, "trivy.json"), scanReport(t, "grype.json"), scanReport(t, "debsecan-detail.txt")
	manifest := "sha256:" + strings.Repeat("0badcafe", 8)
	for _, s := range []step{
		{line: "scan show " + scannedImage, status: exitFailed, err: "no record of a scan"},
		{line: "scan --import " + trivy, out: "OS-PKGS    critical  2", err: "kept as the record of " + scannedImage},
		{line: "scan --import " + trivy + " --only-fixable --fail-on high", status: exitFindings, out: "CVE-2026-99001 in libssl3 3.0.20-1~deb12u2 is critical", err: "2 of what was found stand against"},
		{line: "scan --import " + trivy + " --only-fixable --fail-on critical --order redhat,ghsa", status: exitFindings, err: "1 of what was found stand against"},
		{line: "scan --import " + grype + " --image " + manifest, out: "LANG-PKGS  high"},
		{line: "scan --import " + grype + " --image sha256:" + strings.Repeat("d", 64), status: exitFailed, err: "of another image"},
		{line: "scan --import " + debsecan, status: exitFailed, err: "names no image"},
		{line: "scan --import " + debsecan + " --image " + scannedImage + " --scanned 2026-11-20", out: "OS-PKGS    unknown   1"},
		{line: "scan show " + scannedImage, out: "names no image itself"},
		{line: "scan show " + manifest + " --tool grype", out: "grype 0.121.3, scanned 2026-11-20 08:05 UTC"},
		{line: "scan show " + manifest + " --tool ecr", status: exitFailed, err: "no record"},
		{line: "scan show " + scannedImage + " --severity critical", out: "libssl3"},
		{line: "scan diff " + trivy + " " + grype, out: "only trivy"},
		{line: "scan diff " + trivy + " " + trivy + " --json", out: `"kind": "dates"`},
		{line: "scan diff " + scannedImage, status: exitUsage, err: "a record of 3 scans, and two are compared"},
		{line: "scan diff " + scannedImage + " --tool trivy,grype", out: "only grype"},
		{line: "scan show " + scannedImage + " --sarif", out: `"version":"2.1.0"`},
		{line: "scan show " + scannedImage + " --cyclonedx", out: `"specVersion": "1.6"`},
		{line: "scan show " + scannedImage + " --cyclonedx --severity critical", out: `"value": "--severity critical"`},
		{line: "scan --import " + trivy + " --cyclonedx --models " + filepath.Dir(trivy), out: `"machine-learning-model"`},
		{line: "scan show " + scannedImage + " --cyclonedx --models absent", status: exitFailed, err: "absent"},
		{line: "scan show " + scannedImage + " --cyclonedx --models oci://registry.example/m:1", status: exitFailed, err: "was not pulled yet"},
	} {
		w.step(t, s)
	}
	if got := w.run("scan", "show", scannedImage, "--json"); got != 0 {
		t.Fatal(w.stderr.String())
	}
	var doc report.Scan
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil || len(doc.Scans) != 3 || doc.Schema != report.ScanSchema {
		t.Errorf("%d scans, %v", len(doc.Scans), err)
	}
	w.in = strings.NewReader("")
	w.step(t, step{line: "scan --import -", status: exitFailed, err: "it is empty"})
}

// What files know of vulnerabilities is noted with the scan, and decides with it.
func TestScanKnown(t *testing.T) {
	w := newWorld(t)
	w.write(t, "kev.json", `{"dateReleased":"2026-11-20T17:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2005-99004"}]}`)
	w.write(t, "epss.csv", "#model_version:v1,score_date:2026-11-20T00:00:00+0000\ncve,epss,percentile\nCVE-2022-40897,0.25,0.9\n")
	w.write(t, "vex.json", `{"@context":"https://openvex.dev/ns/v0.2.0","author":"Vendor","statements":[{"vulnerability":{"name":"CVE-2026-99001"},"products":[{"@id":"x@`+scannedImage+`"}],"status":"not_affected","justification":"inline_mitigations_already_exist"}]}`)
	w.write(t, "bad.json", `{"@context":"https://openvex.dev/ns/v9"}`)
	in := func(name string) string { return filepath.Join(w.dir, name) }
	line := "scan --import " + scanReport(t, "trivy.json") + " --kev " + in("kev.json") + " --epss " + in("epss.csv") + " --vex " + in("vex.json")
	w.step(t, step{line: line + " --fail-on critical"}) // the critical ones are not affected
	w.step(t, step{line: "scan show " + scannedImage, out: "exploited (KEV)"})
	w.step(t, step{line: "scan show " + scannedImage, out: "EPSS 25.0%"})
	w.step(t, step{line: "scan show " + scannedImage, out: "VEX not_affected inline_mitigations_already_exist"})
	w.step(t, step{line: line + " --vex " + in("bad.json"), status: exitFailed, err: "bad.json: reading OpenVEX: its @context"})
	w.step(t, step{line: "scan show " + scannedImage + " --kev x", status: exitUsage, err: "go with --import"})
}

func TestScanUsage(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		"scan": "what is to be done", "scan a b": "unexpected argument", "scan show x --db d": "go with IMAGE", "scan a --db-max-age 5": "no number of days", "scan --import x --scanner trivy": "go with IMAGE", "scan show": "an argument is missing", "scan diff a b c": "unexpected argument", "scan --import x show": "unexpected argument",
		"scan show x --severity bad": "there is none", "scan show x --fail-on bad": "there is none", "scan show x --order NVD": "order of sources", "scan show x --scanned 2026-01-01": "go with --import",
		"scan show x --image y": "goes with --import", "scan diff a b --sarif": "not of diff", "scan show x --json --sarif": "two forms", "scan show x --cyclonedx --sarif": "two forms", "scan diff a b --cyclonedx": "not of diff", "scan show x --models m": "goes with --cyclonedx", "scan --import x --scanned tomorrow": "no day",
	} {
		w.step(t, step{line: line, status: exitUsage, err: want})
	}
	w.step(t, step{line: "scan diff absent.json also.json", status: exitFailed, err: "absent.json is not there"})
}

// A record that somebody changed by hand into what no scanner prints is refused, and not
// taken for one that is not there.
func TestScanRecordChanged(t *testing.T) {
	w := newWorld(t)
	w.step(t, step{line: "scan --import " + scanReport(t, "trivy.json")})
	path := filepath.Join(w.state, "state", "zlaunch", "scans", strings.TrimPrefix(scannedImage, "sha256:")+".json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), "libssl3", "libssl\\u001b[2J", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	w.step(t, step{line: "scan show " + scannedImage, status: exitFailed, err: "does not print"})
	w.step(t, step{line: "scan --import " + scanReport(t, "grype.json"), status: exitFailed, err: "rm "})
}
