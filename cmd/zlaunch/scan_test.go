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
		{line: "scan list", out: "no image has a record of a scan"},
		{line: "scan --import " + trivy, out: "OS-PKGS    critical  2", err: "kept as the record of " + scannedImage},
		{line: "scan --import " + trivy + " --only-fixable --fail-on high", status: exitFindings, out: "CVE-2026-99001 in libssl3 3.0.20-1~deb12u2 is critical", err: "2 things stand against"},
		{line: "scan --import " + trivy + " --only-fixable --fail-on critical --order redhat,ghsa", status: exitFindings, err: "1 thing stands against"},
		{line: "scan --import " + grype + " --image " + manifest, out: "LANG-PKGS  high"},
		{line: "scan --import " + grype + " --image sha256:" + strings.Repeat("d", 64), status: exitFailed, err: "of another image"},
		{line: "scan --import " + debsecan, status: exitFailed, err: "names no image"},
		{line: "scan --import " + debsecan + " --image " + scannedImage + " --scanned 2026-11-20", out: "OS-PKGS    unknown   1"},
		{line: "scan show " + scannedImage, out: "names no image itself"},
		{line: "scan show " + manifest + " --tool grype", out: "grype 0.121.3, scanned 2026-11-20 08:05 UTC"},
		{line: "scan show " + manifest + " --tool ecr", status: exitFailed, err: "by ecr: those that there are, are by "},
		{line: "scan show " + scannedImage + " --order nvdd", err: "nothing is rated by a source of that name; did you mean nvd?"},
		{line: "scan list", out: "debsecan, imported"},
		{line: "scan list --tool grype --json", out: `"schema": "zlaunch.dev/scan-list/v1"`},
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

// ecrReport is a report of ECR of the image with one critical finding.
const ecrReport = `{"imageScanFindings":{"findings":[{"name":"CVE-2026-99001","severity":"CRITICAL","attributes":[{"key":"package_name","value":"openssl"},{"key":"package_version","value":"3"}]}],"imageScanCompletedAt":"2026-11-20T08:00:00Z","vulnerabilitySourceUpdatedAt":"2026-11-20T08:00:00Z"},"registryId":"1","repositoryName":"a","imageId":{"imageDigest":"MANIFEST"},"imageScanStatus":{"status":"COMPLETE"}}`

// What somebody noted with a report stays when it is read again, and neither an old word of the
// supplier's, nor one on a part, nor a report of nobody knows which image, takes a finding out.
func TestScanAgain(t *testing.T) {
	w := newWorld(t)
	at := func(name, text string) string {
		w.write(t, name, text)
		return " " + filepath.Join(w.dir, name)
	}
	vex := func(name string, statements ...string) string {
		return " --vex" + at(name, `{"@context":"https://openvex.dev/ns/v0.2.0","author":"Vendor","statements":[`+strings.Join(statements, ",")+`]}`)
	}
	says := func(id, more string) string {
		return `{"vulnerability":{"name":"` + id + `"},"products":[{"@id":"x@` + scannedImage + `"}],` + more + `}`
	}
	const no = `"status":"not_affected","justification":"component_not_present","timestamp":"2020-01-01T00:00:00Z"`
	fresh, old := says("CVE-2026-99001", `"status":"affected","timestamp":"2026-11-29T00:00:00Z"`), says("CVE-2026-99001", no)
	grype, err := os.ReadFile(scanReport(t, "grype.json"))
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.Replace(string(grype), `"knownExploited": [`, `"knownBefore": [`, -1)
	report := at("grype.json", plain)
	kev := " --kev" + at("kev.json", `{"dateReleased":"2026-11-28T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2026-99001"}]}`)
	shown := "scan show " + scannedImage + " --fail-on critical"
	for _, s := range []step{
		{line: "scan --import" + report + " --fail-on critical" + vex("order.json", fresh, old), status: exitFindings, err: "CVE-2026-99001 in libssl3"},
		{line: "scan --import" + report + " --fail-on critical" + vex("new.json", fresh) + vex("old.json", old), status: exitFindings, err: "CVE-2026-99001 in libssl3"},
		{line: "scan --import" + report + " --fail-on critical" + vex("alone.json", old), status: exitFindings, err: "CVE-2026-99001 in libssl3"}, // the newer word is kept
		{line: "scan --import" + report + vex("bad.json", strings.Replace(old, `"@id":"x@`, `"Subcomponents":[{"@id":"pkg:deb/debian/other@1"}],"@id":"x@`, 1)), status: exitFailed, err: "no such key"},
		{line: "scan --import" + report + vex("null.json", strings.Replace(old, `"@id":"x@`, `"subcomponents":null,"@id":"x@`, 1)), status: exitFailed, err: "parts without any"},
		{line: "scan --import" + report + kev},
		{line: shown, status: exitFindings, out: "exploited ones by a catalogue of 2026-11-28"},
		{line: "scan --import" + report, out: "OS-PKGS"},
		{line: shown, status: exitFindings, out: "exploited (KEV)"},
		{line: "scan --import" + report + kev + vex("late.json", says("CVE-2026-99001", `"status":"fixed","timestamp":"2026-11-30T00:00:00Z"`)) + " --fail-on critical", status: exitFindings, err: "CVE-2026-99001"},
		{line: "scan --import" + report + " --kev" + at("blank.json", `{"dateReleased":"2026-11-28T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2026-99001 "}]}`), status: exitFailed, err: "is no CVE"},
		{line: "scan --import" + at("bare.json", `{"SchemaVersion":2,"Trivy":{"Version":"0.74.0"},"ArtifactName":"somebody/elses:1","ArtifactType":"container_image","Metadata":{},"Results":[]}`) + " --image " + scannedImage, status: exitFailed, err: "names no image by its digest, as its reports of images do"},
	} {
		w.step(t, s)
	}
}

// What was marked once stays so where the report is read again without the catalogue.
func TestScanMarked(t *testing.T) {
	w := newWorld(t)
	manifest := "sha256:" + strings.Repeat("0badcafe", 8)
	w.write(t, "ecr.json", strings.Replace(ecrReport, "MANIFEST", manifest, 1))
	w.write(t, "kev.json", `{"dateReleased":"2026-11-28T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"cve-2026-99001"}]}`)
	in := func(name string) string { return " " + filepath.Join(w.dir, name) }
	w.step(t, step{line: "scan --import" + in("ecr.json"), out: "critical  1"})
	w.step(t, step{line: "scan --import" + in("ecr.json") + " --image " + manifest + " --kev" + in("kev.json"), out: "critical  1"})
	w.step(t, step{line: "scan --import" + in("ecr.json") + " --image " + manifest, out: "critical  1"})
	w.step(t, step{line: "scan show " + manifest, out: "exploited (KEV)"})
	w.step(t, step{line: "scan show " + manifest, out: "exploited ones by a catalogue of 2026-11-28"})
}

func TestScanUsage(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		"scan": "what is to be done", "scan a b": "unexpected argument", "scan show x --db d": "go with IMAGE", "scan a --db-max-age 5": "no number of days", "scan --import x --scanner trivy": "go with IMAGE", "scan show": "an argument is missing", "scan diff a b c": "unexpected argument", "scan --import x show": "unexpected argument",
		"scan show x --severity bad": "there is none", "scan show x --fail-on bad": "there is none", "scan show x --order NVD": "order of sources", "scan show x --scanned 2026-01-01": "go with --import",
		"scan show x --image y": "goes with --import", "scan sho x": "did you mean zlaunch scan show?", "scan list x": "unexpected argument", "scan list --sarif": "there are --json and --tool", "scan show x --tool trivvy": "did you mean trivy?", "scan diff a b --sarif": "not of diff", "scan show x --json --sarif": "two forms", "scan show x --cyclonedx --sarif": "two forms", "scan diff a b --cyclonedx": "not of diff", "scan show x --models m": "goes with --cyclonedx", "scan --import x --scanned tomorrow": "no day",
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
	w.step(t, step{line: "scan list", status: exitFailed, err: "does not print"})
}
