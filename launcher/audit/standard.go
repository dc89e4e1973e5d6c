package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Standard is a named selection of controls with the severity at which a finding
// stops.
type Standard struct {
	Name    string
	Title   string
	FailOn  Severity
	selects func(*Control) bool
}

// Controls lists the controls of the standard, by id.
func (s Standard) Controls() []*Control {
	return slices.DeleteFunc(slices.Clone(catalogue()), func(c *Control) bool { return !s.selects(c) })
}

// Select keeps the findings of the standard's controls, and what a policy says.
func (s Standard) Select(in []Finding) []Finding {
	return slices.DeleteFunc(in, func(f Finding) bool {
		said := f.Control == PolicyMet && f.Verdict != NotApplicable
		return !s.selects(f.Control) && !said
	})
}

// Digest names the standard as it is: its controls, their severities, and its
// threshold.
func (s Standard) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s\n", s.Name, s.FailOn, Version)
	for _, c := range s.Controls() {
		fmt.Fprintf(h, "%s %s\n", c.ID, c.Severity)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Standards lists those that ship, the default first.
func Standards() []Standard {
	return []Standard{
		{"ibm-z", "IBM's deployment guidelines for AI images on Z, and what rootless Podman adds", High, func(*Control) bool { return true }},
		{"pss-restricted", "the restricted Pod Security Standard of Kubernetes", Low, func(c *Control) bool { return c.Has("PSS") }},
		{"cis", "what of the CIS Docker benchmark 1.6.0, sections 4 and 5, holds for a run", Medium, func(c *Control) bool { return c.Has("CIS") }},
		{"dev", "a developer's own machine: what endangers the host", Critical, func(c *Control) bool { return c.Severity >= High }},
	}
}

// StandardNamed finds a standard.
func StandardNamed(name string) (Standard, error) {
	var names []string
	for _, s := range Standards() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	next := fmt.Sprintf("a standard is one of %q", names)
	if near := hint.Nearest(name, names); near != "" {
		next = "did you mean " + near + "?"
	}
	return Standard{}, hint.Errorf(next, "no standard %q", name)
}
