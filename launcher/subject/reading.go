package subject

import (
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
)

// AuditReading judges a foreign run as it stands written, with its engine's own
// defaults. under, which may be nil, counts where the run says nothing: see
// [HostDefaults].
func AuditReading(r *form.Reading, under *container.Spec) *Audited {
	kind := kindOf(r)
	s := r.Spec
	manifest := r.Engine == kube.Engine
	if manifest { // this host is no node of the cluster
		under = nil
	}
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
	if manifest {
		container.Subject.Set(s, "line", container.Mark{Evidence: container.Planned}) // to the controls: no host runs it yet
	} else {
		container.Subject.Set(s, kind, container.Mark{Evidence: container.Planned})
	}
	a := &Audited{Subject: r.Subject, Kind: kind, File: r.File, Engine: engineOf(s), Spec: s, Reading: r, Notes: slices.Clone(r.Notes)}
	a.Findings = audit.Judge(s, readingFindings(r)...)
	a.Doubted = open
	for _, key := range open {
		a.Findings = audit.DoubtFor(a.Findings, []string{key}, whyOpen(r, key))
	}
	if slices.Contains(open, container.Modules.Key()) {
		a.Doubted = append(a.Doubted, byConf(r.Spec)...)
		a.Findings = audit.DoubtFor(a.Findings, byConf(r.Spec), whyOpen(r, container.Modules.Key()))
	}
	if r.Pod != nil {
		a.Findings = audit.OfPod(a.Findings, stated(r))
	}
	for _, o := range r.Open {
		if o.At == (container.Path{}) { // it might be any option
			a.Doubted = []string{everyRow}
			a.Findings = audit.DoubtAll(a.Findings, o.Why)
			break
		}
	}
	if r.Pod != nil {
		a.Run.Left = audit.LeftByPod(append(stated(r), rowsOf(a.Doubted)...))
	}
	switch {
	case manifest:
		a.Notes = append(a.Notes, "judged by the defaults of Kubernetes: what admission, a node and its runtime change, only the cluster shows")
	case under == nil:
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
		a.Findings = append(a.Findings, audit.Finding{Control: audit.InputUnderstood, Verdict: audit.Open, Message: o.Why})
	}
	for _, c := range audit.Catalogue() {
		if c != audit.InputUnderstood {
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
	switch {
	case r.Unit:
		return "unit"
	case r.Engine == kube.Engine:
		return "manifest"
	case r.Form != "":
		return r.Form
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

// whyOpen is the first reason for which a row is open, so that what one cause opens is told
// as one.
func whyOpen(r *form.Reading, key string) string {
	i := slices.IndexFunc(r.Open, func(o form.Open) bool { return o.At == container.Path{Key: key} })
	return r.Open[i].Why
}

// readingFindings are what a reader says for the controls.
func readingFindings(r *form.Reading) []audit.Finding {
	var out []audit.Finding
	for i, o := range r.Open {
		if slices.ContainsFunc(r.Open[:i], func(had form.Open) bool { return had.Why == o.Why && had.Word == o.Word && o.At.Elem == "" }) {
			continue // one cause that opens several settings
		}
		out = append(out, audit.Finding{Control: audit.InputUnderstood, Verdict: audit.Open, At: o.At, Message: o.Why})
	}
	for _, key := range slices.Sorted(slices.Values(r.Service)) {
		out = append(out, audit.Finding{Control: audit.ServiceSection, Verdict: audit.Fail, Severity: audit.Medium,
			At:      container.Path{Key: "service", Elem: key},
			Message: fmt.Sprintf("[Service] %s does nothing for the container, and may stop it from starting", key)})
	}
	return out
}
