package plan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/inspected"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// The controls of inspections say what the record of this very image shows, and are open where
// nobody looked or what was seen is not all.
func TestInspectionControls(t *testing.T) {
	d := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	image := scan.Image{Config: d("1"), Manifests: []string{d("2"), d("3")}}
	day := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	look := func(registry, about, partial string, things ...inspected.Thing) inspected.Look {
		return inspected.Look{When: day, Registry: registry, Subjects: []string{d(about), d("3")}, Things: things, Partial: partial}
	}
	thing := func(k inspected.Kind, form, fault string) inspected.Thing {
		return inspected.Thing{Kind: k, Form: form, Way: inspected.ByReferrer, Digest: d("4"), Subject: d("2"), Fault: fault}
	}
	none, su := inspected.List{}, inspected.List{Paths: []string{"/a", "/b", "/c", "/usr/bin/su"}, More: 2}
	sbom, signed := thing(inspected.SBOM, "SPDX", ""), thing(inspected.Signature, "cosign", "")
	for name, c := range map[string]struct {
		record *inspected.Record
		sbom   audit.Verdict
		says   string
		setuid audit.Verdict
		files  string
	}{
		"nobody looked":       {nil, audit.Open, "zlaunch inspect --attached " + d("1"), audit.Open, "zlaunch inspect " + d("1")},
		"files, none of them": {&inspected.Record{Files: &inspected.Files{Count: 9, Setuid: none, Capable: none}}, audit.Open, "nobody looked", audit.Pass, ""},
		"files, some": {&inspected.Record{Files: &inspected.Files{Count: 9, Setuid: su, Capable: inspected.List{Paths: []string{"/ping"}}}}, audit.Open, "nobody looked", audit.Review,
			"set-user-ID or set-group-ID: /a, /b, /c and 3 more; with capabilities of their own: /ping; without"},
		"a list":             {&inspected.Record{Looks: []inspected.Look{look("", "2", "", sbom)}}, audit.Pass, "sbom: SPDX, in a layout on 2026-11-30", audit.Open, ""},
		"provenance":         {&inspected.Record{Looks: []inspected.Look{look("", "2", ""), look("r/a", "2", "", signed, thing(inspected.Provenance, "SLSA provenance v1", ""))}}, audit.Pass, "provenance: SLSA provenance v1, in r/a on 2026-11-30", audit.Open, ""},
		"a signature alone":  {&inspected.Record{Looks: []inspected.Look{look("r/a", "2", "", signed)}}, audit.Fail, "there is none in r/a on 2026-11-30", audit.Open, ""},
		"another statement":  {&inspected.Record{Looks: []inspected.Look{look("r/a", "2", "", thing(inspected.Attestation, "https://openvex.dev/ns", ""))}}, audit.Fail, "there is none", audit.Open, ""},
		"of another image":   {&inspected.Record{Looks: []inspected.Look{look("r/a", "2", "", thing(inspected.SBOM, "SPDX", inspected.Another))}}, audit.Fail, "there is none", audit.Open, ""},
		"not readable":       {&inspected.Record{Looks: []inspected.Look{look("r/a", "2", "", thing(inspected.SBOM, "SPDX", "too large"))}}, audit.Open, "SPDX: too large", audit.Open, ""},
		"not all of it":      {&inspected.Record{Looks: []inspected.Look{look("r/a", "2", "more than 64 refer to it")}}, audit.Open, "more than 64 refer to it", audit.Open, ""},
		"a layout alone":     {&inspected.Record{Looks: []inspected.Look{look("", "2", "")}}, audit.Open, "no registry was asked", audit.Open, ""},
		"another manifest's": {&inspected.Record{Looks: []inspected.Look{look("r/a", "9", "", sbom)}}, audit.Open, "nobody looked", audit.Open, ""},
	} {
		got := InspectionFindings(Inspection{Image: image, Record: c.record})
		if len(got) != 2 || got[0].Control != audit.Attested || got[1].Control != audit.NoSetuidFiles {
			t.Fatalf("%s: %+v", name, got)
		}
		if got[0].Verdict != c.sbom || !strings.Contains(got[0].Message, c.says) || got[1].Verdict != c.setuid || !strings.Contains(got[1].Message, c.files) {
			t.Errorf("%s: %s %s; %s %s", name, got[0].Verdict, got[0].Message, got[1].Verdict, got[1].Message)
		}
	}
	for _, f := range slices.Concat(InspectionFindings(Inspection{}), InspectionFindings(Inspection{Image: image, Unread: os.ErrInvalid})) {
		if f.Verdict != audit.Open {
			t.Errorf("%s", f.Message)
		}
	}
}

// What is kept of an image is found by its digests; what somebody broke is told and passes nothing.
func TestInspected(t *testing.T) {
	dirs := record.Dirs{State: t.TempDir()}
	image := scan.Image{Config: "sha256:" + strings.Repeat("1", 64), Manifests: []string{"sha256:" + strings.Repeat("2", 64)}}
	path, err := InspectionsDir(dirs).Keep(inspected.Record{Image: image, Files: &inspected.Files{Looked: time.Now(), Count: 3}})
	if err != nil || filepath.Dir(path) != filepath.Join(dirs.State, "inspections") {
		t.Fatal(path, err)
	}
	verdicts := func() (out []audit.Verdict) {
		for _, f := range InspectionFindings(Inspected(dirs, image)) {
			out = append(out, f.Verdict)
		}
		return out
	}
	if got := verdicts(); !slices.Equal(got, []audit.Verdict{audit.Open, audit.Pass}) {
		t.Errorf("%v", got)
	}
	if err := os.WriteFile(path, []byte(`{"schema":"zlaunch.dev/inspection/v1","image":{`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := verdicts(); !slices.Equal(got, []audit.Verdict{audit.Open, audit.Open}) {
		t.Errorf("%v", got)
	}
}
