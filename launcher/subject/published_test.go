package subject

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
)

var update = flag.Bool("update", false, "write the golden files anew")

// selinuxHost is what surrounds the published lines: a rootless engine's host with
// SELinux enforcing.
func selinuxHost() *container.Spec {
	s, m := &container.Spec{}, container.From(container.Origin{Layer: container.LayerHost})
	container.SELinux.Set(s, "enforcing", m)
	container.AppArmorHost.Set(s, false, m)
	container.HostArch.Set(s, "s390x", m)
	return s
}

// The lines that IBM publishes for its images, and RamaLama's, are found out by
// the controls the reference expects. Every other failure of high or more has its
// reason here.
func TestPublishedLines(t *testing.T) {
	for _, c := range []struct {
		file   string
		expect string // ids that must not pass
		other  string // further ids of high or above that fail, each defended
	}{
		// 712 and 713 are for a person to look at; 101: docker is rootful unless set up otherwise.
		{"1-tensorflow-serving", "ZL-203 ZL-207 ZL-501 ZL-505 ZL-708 ZL-712 ZL-713 ZL-522 ZL-705 ZL-801 ZL-901 ZL-101", ""},
		{"2-tensorflow-client", "ZL-701 ZL-505 ZL-816 ZL-203 ZL-207 ZL-501", ""},
		{"3-triton", "ZL-510 ZL-505 ZL-708 ZL-711 ZL-001 ZL-101", "ZL-203 ZL-207 ZL-501"}, // nothing is dropped, no new privileges are not asked for, the root is writable
		{"4-zdlc", "ZL-301 ZL-505 ZL-001", "ZL-203 ZL-207 ZL-501"},
		{"5-root-shell", "ZL-301 ZL-816", "ZL-203 ZL-207 ZL-501"},
		// -p 8080 listens on every address; with the label off nothing but Unix permissions confines it.
		{"6-ramalama", "ZL-401 ZL-501", "ZL-708 ZL-408"},
	} {
		t.Run(c.file, func(t *testing.T) {
			a := auditFile(t, filepath.Join("testdata/ibm", c.file+".sh"))
			verdicts := map[string]audit.Verdict{}
			for _, f := range a.Findings {
				if was, ok := verdicts[f.Control.ID]; !ok || f.Verdict < was {
					verdicts[f.Control.ID] = f.Verdict
				}
			}
			expected := strings.Fields(c.expect)
			for _, id := range expected {
				if v := verdicts[id]; v == audit.Pass || v == audit.NotApplicable {
					t.Errorf("%s is %s", id, v)
				}
			}
			for _, f := range a.Findings {
				if f.Verdict == audit.Fail && f.Severity >= audit.High && !slices.Contains(append(expected, strings.Fields(c.other)...), f.Control.ID) {
					t.Errorf("nobody expects %s at %s: %s", f.Control.ID, f.At, f.Message)
				}
			}
			golden.Check(t, *update, filepath.Join("testdata/ibm", c.file+".golden"), listed(a.Findings))
		})
	}
	// What RamaLama does well passes.
	for _, f := range auditFile(t, "testdata/ibm/6-ramalama.sh").Findings {
		if (f.Control.ID == "ZL-203" || f.Control.ID == "ZL-207") && f.Verdict != audit.Pass {
			t.Errorf("%s is %s: %s", f.Control.ID, f.Verdict, f.Message)
		}
	}
}

func auditFile(t *testing.T, path string) *Audited {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	readings, _, err := shell.Script(filepath.Base(path), text)
	if err != nil || len(readings) != 1 {
		t.Fatalf("%d runs, %v", len(readings), err)
	}
	return AuditReading(readings[0], selinuxHost())
}

func listed(in []audit.Finding) string {
	in = slices.Clone(in)
	audit.Sort(in)
	var b strings.Builder
	for _, f := range in {
		fmt.Fprintf(&b, "%s %s %s %s %s\n", f.Verdict, f.Severity, f.Control.ID, f.At, f.Message)
	}
	return b.String()
}
