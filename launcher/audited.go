package launcher

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
)

// Audited is one subject, judged by every control of the catalogue.
type Audited struct {
	Subject  string // as a baseline names it
	Kind     string // plan, container, line, unit or record
	File     string
	Engine   string // "podman 5.4.2 rootless"
	Identity string // "uid 1000 in the container = uid 1001 (you) on the host"; "" not known
	Spec     *container.Spec
	Findings []audit.Finding
	Waivers  []audit.Waiver // those of the subject itself, not applied yet
	Drift    []container.Difference
	Observed *Observed // of a container: what its evidence shows
	Reading  *form.Reading
	Notes    []string
	Unread   bool // something runs there that nobody can read
	Beside   bool // a part of its file is unread
}

// The controls whose findings are brought to [audit.Judge].
const (
	understood = "ZL-001"
	planEqual  = "ZL-002"
	unitFakes  = "ZL-819"
)

// AuditPlan judges a plan: the same findings that stop its run, and those that do
// not.
func (l *Launcher) AuditPlan(p *Plan) *Audited {
	s := l.judged(p)
	a := &Audited{Subject: p.Profile.Name, Kind: "plan", File: p.Profile.File, Engine: engineOf(s), Spec: s, Waivers: p.Waivers}
	a.Identity = l.identity(p)
	brought := l.preflightFindings(p)
	for _, o := range p.Open {
		brought = append(brought, audit.Finding{Control: audit.ByID(understood), Verdict: audit.Open, Message: o})
	}
	waiver := p.waiver(limitsControl, container.Path{})
	if len(p.Dropped) == 0 {
		waiver = nil
	}
	a.Findings = withoutLimits(s, waiver, brought)
	return a
}

// withoutLimits judges s. A run whose limits were left out under a waiver of the
// control of limits fails that one, waived, and the limits' own with it.
func withoutLimits(s *container.Spec, waiver *audit.Waiver, brought []audit.Finding) []audit.Finding {
	if waiver == nil {
		return audit.Judge(s, brought...)
	}
	c := audit.ByID(limitsControl)
	if !slices.ContainsFunc(brought, func(f audit.Finding) bool { return f.Control == c }) {
		brought = append(brought, audit.Finding{Control: c, Verdict: audit.Fail, Severity: c.Severity,
			Message: "this host cannot enforce limits that the profile states, and the run goes without them"})
	}
	out := audit.Judge(s, brought...)
	for i := range out {
		if f := &out[i]; f.Verdict == audit.Fail && slices.Contains([]string{"ZL-801", "ZL-802", "ZL-803", "ZL-804", "ZL-807"}, f.Control.ID) {
			f.Verdict, f.Waiver = audit.Waived, waiver
		}
	}
	return out
}

// limitsWaiver is the waiver under which a run goes without its limits; nil where
// there is none.
func limitsWaiver(in []audit.Waiver) *audit.Waiver {
	i := slices.IndexFunc(in, func(w audit.Waiver) bool { return w.Control == limitsControl })
	if i < 0 {
		return nil
	}
	return &in[i]
}

// identity says who the workload is, in the container and on the host.
func (l *Launcher) identity(p *Plan) string {
	m, _, ok := container.UidMap.Get(p.Effective)
	in, out, both := strings.Cut(m, "=")
	if !ok || !both {
		return ""
	}
	who := "uid " + in + " in the container = uid " + out
	if l.Host != nil && out == fmt.Sprint(l.Host.UID) {
		who += " (you)"
	}
	return who + " on the host"
}

// preflightFindings are what preflight, which sees the host and the data, says for
// the controls: what it finds fatal, and what it alone judges. A control that only
// preflight judges, and of which it says nothing, holds where it looked.
func (l *Launcher) preflightFindings(p *Plan) []audit.Finding {
	said := map[string]bool{}
	var out []audit.Finding
	for _, pr := range p.Problems {
		c := audit.ByID(pr.Control)
		if c == nil || pr.judged || !pr.Fatal && c.Judge != nil || !l.here(p) && aboutHost(c) {
			continue
		}
		said[c.ID] = true
		severity := c.Severity
		if !pr.Fatal {
			severity = min(severity, audit.Low) // preflight only warns of it
		}
		out = append(out, audit.Finding{Control: c, Verdict: audit.Fail, Severity: severity, At: pr.Setting, Message: pr.Message})
	}
	for _, c := range audit.Catalogue() {
		if c.Judge == nil && !said[c.ID] {
			out = append(out, l.unsaid(p, c))
		}
	}
	return out
}

// aboutHost tells whether a control is of the engine and the host, groups 1 and 4.
func aboutHost(c *audit.Control) bool {
	return strings.HasPrefix(c.ID, "ZL-1") || strings.HasPrefix(c.ID, "ZL-4")
}

// unsaid is the finding of a control that only preflight judges and that it passed
// over in silence.
func (l *Launcher) unsaid(p *Plan, c *audit.Control) audit.Finding {
	f := audit.Finding{Control: c, Verdict: audit.Pass, Severity: c.Severity, Evidence: container.Planned}
	if !l.here(p) {
		f.Verdict, f.Message = audit.Open, "it is judged on the host that runs it"
	}
	return f
}

// AuditReading judges a foreign run as it stands written, with its engine's own
// defaults. under, which may be nil, counts where the run says nothing: see
// [HostDefaults].
func AuditReading(r *form.Reading, under *container.Spec) *Audited {
	kind := kindOf(r)
	s := r.Spec
	if under != nil {
		s = container.Clone(under)
		container.Overlay(s, r.Spec)
	}
	open := openRows(r)
	unfilled := slices.DeleteFunc(slices.Clone(open), func(key string) bool {
		_, known := r.Spec.MarkOf(container.Path{Key: key})
		return known
	})
	s = effective.Complete(s, effective.Engine{Kind: r.Engine, Open: unfilled})
	container.Subject.Set(s, kind, container.Mark{Evidence: container.Planned})
	a := &Audited{Subject: r.Subject, Kind: kind, File: r.File, Engine: engineOf(s), Spec: s, Reading: r}
	if slices.Contains(open, container.Modules.Key()) {
		open = append(open, byConf(r.Spec)...)
	}
	a.Findings = audit.Doubt(audit.Judge(s, readingFindings(r)...), open)
	if r.Pod != nil {
		a.Findings = audit.OfPod(a.Findings, stated(r))
	}
	for _, o := range r.Open {
		if o.At == (container.Path{}) { // it might be any option
			a.Findings = audit.DoubtAll(a.Findings, o.Why)
			break
		}
	}
	if under == nil {
		a.Notes = append(a.Notes, "judged by the engine's own defaults; --host-defaults takes this host's containers.conf instead")
	}
	return a
}

// AuditUnread is the audit of what a file runs and nobody can read from here: all of
// it is open.
func AuditUnread(subject string, open []form.Open) *Audited {
	a := &Audited{Subject: subject, Kind: "line", File: subject, Spec: &container.Spec{}, Unread: true}
	if quadlet.IsUnit(subject) {
		a.Kind = "unit"
	}
	for _, o := range open {
		a.Findings = append(a.Findings, audit.Finding{Control: audit.ByID(understood), Verdict: audit.Open, Message: o.Why})
	}
	for _, c := range audit.Catalogue() {
		if c.ID != understood {
			a.Findings = append(a.Findings, audit.Finding{Control: c, Verdict: audit.Open, Severity: c.Severity, Message: "what runs there cannot be read"})
		}
	}
	return a
}

// UnreadContainer is the audit of a container that could not be looked at: what one
// container holds must not hide the others.
func UnreadContainer(name string, why error) *Audited {
	a := AuditUnread(name, []form.Open{{Why: why.Error()}})
	a.Kind, a.File = "container", ""
	return a
}

// byConf are the rows that a containers.conf which nobody read decides, alone or
// beside what the run states.
func byConf(s *container.Spec) []string {
	var out []string
	for _, row := range container.ConfRows {
		if _, stated := s.MarkOf(container.Path{Key: row.Key()}); !stated {
			out = append(out, row.Key())
		}
	}
	for _, row := range container.ConfLists {
		out = append(out, row.Key())
	}
	return out
}

// kindOf is what a foreign run stands in.
func kindOf(r *form.Reading) string {
	if r.Unit {
		return "unit"
	}
	return "line"
}

// stated are the rows that the words of a reading decide.
func stated(r *form.Reading) []container.Row {
	return slices.DeleteFunc(container.All(), func(row container.Row) bool {
		for p := range r.At {
			if p.Key == row.Key() {
				return false
			}
		}
		return true
	})
}

// openRows are the keys of the rows of which a reader could not understand
// something. An element that is open says so itself.
func openRows(r *form.Reading) []string {
	var out []string
	for _, o := range r.Open {
		if o.At.Elem == "" && container.ByKey(o.At.Key) != nil && !slices.Contains(out, o.At.Key) {
			out = append(out, o.At.Key)
		}
	}
	return out
}

// readingFindings are what a reader says for the controls.
func readingFindings(r *form.Reading) []audit.Finding {
	var out []audit.Finding
	for _, o := range r.Open {
		out = append(out, audit.Finding{Control: audit.ByID(understood), Verdict: audit.Open, At: o.At, Message: o.Why})
	}
	for _, key := range slices.Sorted(slices.Values(r.Service)) {
		out = append(out, audit.Finding{Control: audit.ByID(unitFakes), Verdict: audit.Fail, Severity: audit.Medium,
			At:      container.Path{Key: "service", Elem: key},
			Message: fmt.Sprintf("[Service] %s does nothing for the container, and may stop it from starting", key)})
	}
	return out
}

// engineOf names an engine for the head of a report.
func engineOf(s *container.Spec) string {
	name, _, _ := container.Engine.Get(s)
	if v, _, ok := container.EngineVersion.Get(s); ok && v != "" {
		name += " " + v
	}
	switch rootless, _, ok := container.Rootless.Get(s); {
	case ok && rootless:
		name += " rootless"
	case ok:
		name += " as root"
	}
	return name
}
