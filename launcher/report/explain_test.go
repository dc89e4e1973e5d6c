package report_test

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func catalogue() report.ControlList { return report.CatalogueDocument() }

func TestExplain(t *testing.T) {
	var b bytes.Buffer
	if err := report.Explain(&b, capDrop, report.Screen{Width: 80}); err != nil {
		t.Fatal(err)
	}
	holds(t, "explain.txt", b.Bytes())
}

// Every control that is built, and every one that is not, has its line.
func TestExplainAll(t *testing.T) {
	var b bytes.Buffer
	if err := report.ExplainAll(&b, report.Screen{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range audit.Catalogue() {
		if !strings.Contains(b.String(), "\n"+c.ID+" ") {
			t.Errorf("%s is left out", c.ID)
		}
	}
	for _, u := range audit.NotBuilt() {
		if !strings.Contains(b.String(), "\n"+u.ID+" ") || !strings.Contains(b.String(), "not built: "+u.Because) {
			t.Errorf("%s is left out", u.ID)
		}
	}
}

// The pages are what the catalogue prints; -update writes them.
func TestControlsPage(t *testing.T) {
	for file, print := range map[string]func(io.Writer) error{"../../docs/controls.md": report.ControlsPage, "../../docs/crosswalks.md": report.CrosswalksPage} {
		var b bytes.Buffer
		if err := print(&b); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, b.Bytes()) {
			t.Errorf("%s is not what the catalogue prints (%v): go test ./launcher/report -run TestControlsPage -update", file, err)
		}
	}
}

// A reference names its scheme, and is spelled out; one of no scheme stays as it is.
func TestReferences(t *testing.T) {
	c := &audit.Control{ID: "ZL-999", Refs: []string{"CIS 5.4", "CIS-DI-0001", "CWE-250", "IBM L1-2, L7", "KSV-0003", "PSS restricted", "else 1"}}
	var got []string
	for _, r := range report.ControlsDocument([]*audit.Control{c}).Controls[0].References {
		got = append(got, r.Scheme+"|"+r.ID+"|"+r.Title)
	}
	want := []string{
		"CIS|5.4|CIS Docker Benchmark (1.6.0), number 5.4", "Dockle|CIS-DI-0001|Dockle's checkpoints, checkpoint CIS-DI-0001",
		"CWE|CWE-250|Common Weakness Enumeration, weakness CWE-250", "IBM|L1-2, L7|IBM deployment guidelines for AI images on Z, lines 1-2, 7",
		"Trivy|KSV-0003|Trivy's checks of configurations, check KSV-0003", "PSS|restricted|Kubernetes Pod Security Standards, level restricted", "|else 1|else 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
