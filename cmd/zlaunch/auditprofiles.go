package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// holdsProfiles tells whether a file is one of profiles: by its name, or by what it defines.
func holdsProfiles(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || filepath.Ext(path) != ".toml" {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, subject.MaxFile))
	return err == nil && (filepath.Base(path) == "profiles.toml" || profile.Defines(text))
}

// profiles audits a file of profiles: the plan of each on each architecture, as on a host
// where all is in order, and last what keeps one from having a plan.
func (s *subjects) profiles(path string) ([]subject.Pending, error) {
	f, err := openProfiles(s.std, path, "", []string{path}, nil)
	if err != nil {
		return nil, err
	}
	given, err := waivers(s.run.Waive)
	if err != nil {
		return nil, err
	}
	s.std.warnExpiring(f.checked.Waivers)
	var wrong []audit.Finding
	for _, fault := range f.checked.Faults {
		fault.File = path
		wrong = append(wrong, refusal(fault, fault.Place()+": "+fault.Message()))
	}
	var out []subject.Pending
	for _, one := range f.plans() {
		switch {
		case s.run.Arch != "" && one.arch != s.run.Arch:
		case one.err == nil:
			out = append(out, func() *subject.Audited { return f.audit(path, one, given) })
		case len(f.checked.Faults) == 0:
			wrong = append(wrong, refusal(nil, fmt.Sprintf("%s: profile %s on %s: %v", path, one.name, one.arch, one.err)))
		}
	}
	if len(wrong) > 0 {
		whole := subject.AuditUnread(path, nil)
		whole.Kind, whole.Findings = "plan", append(wrong, whole.Findings...)
		if len(out) > 0 {
			whole.Subject += " (the rest)"
		}
		out = append(out, subject.Done(whole))
	}
	if len(out) == 0 {
		return nil, hint.Errorf("zlaunch validate "+path, "auditing %s: no profile in it has an image", path)
	}
	return out, nil
}

// refusal is a finding of what refuses every run: nobody knows what was meant there.
func refusal(fault *profile.Fault, message string) audit.Finding {
	c := audit.InputUnderstood
	if fault != nil && strings.Contains("."+fault.Key, ".waiver[") {
		c = audit.WaiversAlive
	}
	return audit.Finding{Control: c, Verdict: audit.Fail, Severity: audit.High, Message: message}
}

// audit judges one plan. A failure that this file decides, a waiver of no use among them,
// says in which line.
func (f profilesFile) audit(path string, one anyPlan, given []audit.Waiver) *subject.Audited {
	a := (&subject.Auditor{Planner: one.planner, Host: one.planner.Host}).AuditPlan(one.plan)
	a.Subject, a.File, a.Identity = fmt.Sprintf("%s: %s on %s", path, one.name, one.arch), path, ""
	a.Findings, a.Waivers = audit.Waive(a.Findings, slices.Concat(a.Waivers, given), time.Now()), nil
	for i := range a.Findings {
		if by := a.Findings[i].Origin; a.Findings[i].Verdict == audit.Fail && len(by) > 0 {
			if line := f.src.LineOf(one.name, by[0]); line > 0 {
				a.Findings[i].Message += fmt.Sprintf(" (%s:%d)", path, line)
			}
		}
	}
	return a
}
