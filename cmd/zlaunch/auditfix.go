package main

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// fixPrinter prints each line or unit as it is after mending. The others have no
// text that could be changed.
type fixPrinter struct {
	std     *stdio
	version string // of Podman
	secrets bool   // are printed, too
	titles  bool   // before each text, its subject
}

// Prepare mends one.
func (p *fixPrinter) Prepare(r report.Result) func() error {
	text, mended, err := subject.Mend(r.Reading, r.Findings, p.version)
	failures := 0
	for _, f := range r.Findings {
		if f.Verdict == audit.Fail {
			failures++
		}
	}
	return func() error {
		if err != nil {
			return fmt.Errorf("mending %s: %w", r.Subject, err)
		}
		if p.titles {
			fmt.Fprintf(p.std.out, "# %s\n", r.Subject)
		}
		if masked := container.MaskText(text); !p.secrets && masked != text {
			text = masked
			p.std.note("%s: what looks like a secret is hidden; --show-secrets prints it", r.Subject)
		}
		fmt.Fprintln(p.std.out, text)
		p.std.note("%s: mended %d of %d failures", r.Subject, len(mended), failures)
		return nil
	}
}

// End has nothing to add.
func (p *fixPrinter) End() error { return nil }
