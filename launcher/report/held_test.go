package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// held is a run of which nothing differs.
func held(of report.Result) report.Held {
	of.Findings = append(of.Findings, audit.Finding{Control: readOnlyMounts, Verdict: audit.Fail, Severity: audit.High, At: at("volume", "/x")},
		audit.Finding{Control: readOnlyMounts, Verdict: audit.Waived, Severity: audit.High, At: at("volume", "/y")})
	return report.Held{Container: of, Profile: "triton", Launched: time.Date(2026, 11, 29, 16, 53, 0, 0, time.UTC),
		Proof: []observe.Proved{{Setting: at("read_only", ""), Evidence: container.Kernel}, {Setting: at("memory", ""), Evidence: container.Inspected}}}
}

// drifted is one with everything that can be said.
func drifted(of report.Result) report.Held {
	h := held(of)
	h.Drift = append([]container.Difference{{Path: at("env", "MODE"), Planned: container.Redacted, Got: container.Redacted, Evidence: container.OCI}}, of.Drift...)
	h.Drift[len(h.Drift)-1].By = "process 7"
	h.Also = []string{"nobody planned this: hook prestart /usr/bin/x"}
	h.Open = []string{"not all processes could be read: process 9 ended"}
	h.Unproved = []observe.Unproved{{Setting: at("tmpfs", "/run"), Why: "no rung shows it here"}}
	return h
}

func heldText(t *testing.T, h report.Held, o report.TextOptions) string {
	t.Helper()
	var b strings.Builder
	if err := h.Text(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A run is as planned in one line, and else every row that is not, with what the
// controls say of that very setting.
func TestHeld(t *testing.T) {
	h := drifted(running())
	var b bytes.Buffer
	if err := report.JSON(&b, h.Document()); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/held-v1.json", b.Bytes())
	holds(t, "held.json", b.Bytes())
	holds(t, "held.txt", []byte(heldText(t, h, report.TextOptions{Screen: report.Screen{Width: 120}})))
	holds(t, "held-narrow.txt", []byte(heldText(t, h, report.TextOptions{Screen: report.Screen{Width: 80}, ASCII: true})))
	holds(t, "held-planned.txt", []byte(heldText(t, held(running()), report.TextOptions{Screen: report.Screen{Width: 80}})))
}

// What could not be seen is never as planned.
func TestHeldOpen(t *testing.T) {
	h := held(running())
	h.Open = []string{"the engine is another host's"}
	if text := heldText(t, h, report.TextOptions{}); h.AsPlanned() || !h.Same() || strings.Contains(text, " as planned:") || h.Document().Verdict != "open" {
		t.Error(text)
	}
}
