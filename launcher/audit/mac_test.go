package audit_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// labels states --security-opt=label=… and lets the label of the process follow
// from it.
func labels(opts ...string) func(*Spec) {
	return func(s *Spec) {
		SecurityLabel.Set(s, opts, by)
		ProcessLabel.Clear(s)
	}
}

// asRoot is a host where AppArmor applies: the engine of root.
func asRoot(s *Spec) {
	Rootless.Set(s, false, by)
	AppArmorHost.Set(s, true, by)
}

var macFixtures = map[string][]fixture{
	"ZL-401": {
		{name: "label=disable", change: labels("disable"), says: "label=disable", also: []string{"ZL-403", "ZL-408"}},
		{name: "pid=host and no word of it", change: func(s *Spec) {
			Pid.Set(s, "host", by)
			ProcessLabel.Clear(s)
		}, says: "pid must be private", also: []string{"ZL-403", "ZL-408", "ZL-601"}},
		{name: "the process has none", raw: true, change: func(s *Spec) { ProcessLabel.Set(s, "", seen) }, says: "it has none", also: []string{"ZL-403", "ZL-408"}},
		{name: "host without SELinux", raw: true, change: func(s *Spec) { SELinux.Set(s, "off", by) }, verdict: audit.NotApplicable,
			also: []string{"ZL-402", "ZL-403", "ZL-404", "ZL-405", "ZL-406", "ZL-408", "ZL-510", "ZL-511", "ZL-512"}},
	},
	"ZL-402": {
		{name: "spc_t", change: labels("type:spc_t"), says: "spc_t"},
		{name: "observed", raw: true, change: func(s *Spec) { ProcessLabel.Set(s, "unconfined_t", seen) }, says: "unconfined_t"},
		{name: "udica", change: labels("type:triton.process"), verdict: audit.Pass},
		{name: "an engine inside", change: labels("type:container_engine_t"), verdict: audit.Review},
	},
	"ZL-403": {
		{name: "s0", change: labels("level:s0"), says: "two categories"},
		{name: "a fixed pair", change: labels("level:s0:c1,c2"), says: "its reason"},
		{name: "all categories", change: func(s *Spec) { WorkloadLevel.Set(s, "s0-s0:c0.c1023", by) }, says: "of its own"},
	},
	"ZL-404": {
		{name: "role", change: labels("role:unconfined_r"), says: "label=role"},
		{name: "observed", change: func(s *Spec) { WorkloadRole.Set(s, "unconfined_u:unconfined_r", by) }, says: "unconfined_u"},
	},
	"ZL-405": {
		{name: "nested", change: labels("nested"), says: "label=nested", also: []string{"ZL-211"}},
		{name: "its trace", change: func(s *Spec) { Annotation.Set(s, "run.oci.mount_context_type", "rootcontext", by) }, says: "trace", also: []string{"ZL-108"}},
	},
	"ZL-406": {
		{name: "permissive", change: func(s *Spec) { SELinux.Set(s, "permissive", by) }, says: "permissive", also: []string{"ZL-408"}},
		{name: "not known", raw: true, change: SELinux.Clear, verdict: audit.Open, also: []string{"ZL-408"}},
	},
	"ZL-407": {
		{name: "a profile as root", change: asRoot, verdict: audit.Pass, also: []string{"ZL-101", "ZL-303", "ZL-309"}},
		{name: "unconfined as root", change: func(s *Spec) {
			asRoot(s)
			Apparmor.Set(s, "unconfined", by)
		}, says: "unconfined", also: []string{"ZL-101", "ZL-303", "ZL-309"}},
		{name: "none observed", raw: true, change: func(s *Spec) {
			asRoot(s)
			Apparmor.Set(s, "", seen)
		}, says: "it has none", also: []string{"ZL-101", "ZL-303", "ZL-309"}},
		{name: "unconfined, rootless", change: func(s *Spec) { Apparmor.Set(s, "unconfined", by) }, verdict: audit.NotApplicable},
	},
	"ZL-408": {
		{name: "neither", raw: true, change: func(s *Spec) { SELinux.Set(s, "off", by) }, says: "the host has neither",
			also: []string{"ZL-401", "ZL-402", "ZL-403", "ZL-404", "ZL-405", "ZL-406", "ZL-510", "ZL-511", "ZL-512"}},
	},
}

// A plan goes to other hosts, so that label=disable is never without meaning.
func TestPlanWithoutLabel(t *testing.T) {
	for subject, want := range map[string]audit.Verdict{"plan": audit.Fail, "container": audit.NotApplicable} {
		s := hardened()
		Subject.Set(s, subject, by)
		SELinux.Set(s, "off", by)
		labels("disable")(s)
		if got := verdicts(complete(s))["ZL-401"]; len(got) != 1 || got[0].Verdict != want {
			t.Errorf("%s: %v, want %s", subject, told(got), want)
		}
	}
}

// Without mandatory access control a container that has its other walls weighs
// less than one that has not.
func TestCompensation(t *testing.T) {
	s := hardened()
	SELinux.Set(s, "off", by)
	AppArmorHost.Set(s, true, by)
	ProcessLabel.Clear(s)
	if got := verdicts(complete(s))["ZL-408"][0]; got.Verdict != audit.Fail || got.Severity != audit.Medium {
		t.Errorf("hardened: %s %s", got.Verdict, got.Severity)
	}
	ReadOnly.Set(s, false, by)
	if got := verdicts(complete(s))["ZL-408"][0]; got.Verdict != audit.Fail || got.Severity != audit.High {
		t.Errorf("writable: %s %s", got.Verdict, got.Severity)
	}
}
