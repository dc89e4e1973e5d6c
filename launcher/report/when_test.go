package report_test

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// Times are written alike for people, whatever zone the engine names.
func TestPsTimes(t *testing.T) {
	var b strings.Builder
	doc := report.Ps{Runs: []report.Running{{Name: "web", Created: "2026-11-29T00:30:00+01:00"}}}
	if err := doc.Text(&b, report.Screen{}); err != nil || !strings.Contains(b.String(), "  2026-11-28 23:30 UTC") {
		t.Error(b.String(), err)
	}
}
