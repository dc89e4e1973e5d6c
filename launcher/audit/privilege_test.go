package audit_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// seen marks what the kernel shows.
var seen = Mark{Evidence: Kernel}

func adds(caps ...string) func(*Spec) { return func(s *Spec) { CapAdd.Set(s, caps, by) } }

// privilegedMoves are the controls that --privileged fails beside its own, on an
// engine whose seccomp profile is the stated one.
var privilegedMoves = []string{"ZL-202", "ZL-203", "ZL-205", "ZL-211", "ZL-401", "ZL-403", "ZL-408", "ZL-605"}

var privilegeFixtures = map[string][]fixture{
	"ZL-201": {
		{name: "privileged beats cap-drop all", change: privilegedRun, says: "privileged must be false", also: privilegedMoves},
		{name: "not known", raw: true, change: Privileged.Clear, verdict: audit.Open},
	},
	"ZL-202": {
		{name: "by parts", raw: true, change: byParts, says: "all capabilities, no seccomp filter, no SELinux label, /proc unmasked",
			also: []string{"ZL-203", "ZL-204", "ZL-205", "ZL-206", "ZL-208", "ZL-209", "ZL-210", "ZL-211", "ZL-401", "ZL-403", "ZL-408"}},
		{name: "three not known", raw: true, change: func(s *Spec) {
			Capabilities.Clear(s)
			Unmask.Clear(s)
			Pid.Clear(s)
		}, verdict: audit.Open, also: []string{"ZL-203", "ZL-205", "ZL-601"}},
	},
	"ZL-203": {
		{name: "non-root without cap-drop", change: func(s *Spec) { CapDrop.Set(s, nil, by) }, says: "10 capabilities are left"},
		{name: "the bounding set counts", raw: true, change: func(s *Spec) { Capabilities.Set(s, []string{"chown"}, seen) }, says: "chown"},
		{name: "not known", raw: true, change: Capabilities.Clear, verdict: audit.Open, also: []string{"ZL-205"}},
		{name: "an added one is for 206", change: adds("CAP_KILL"), verdict: audit.Pass, also: []string{"ZL-206"}},
	},
	"ZL-204": {
		{name: "any spelling", change: adds("CAP_SYS_ADMIN"), says: "sys_admin", also: []string{"ZL-206"}},
		{name: "add all, drop one", change: func(s *Spec) {
			CapAdd.Set(s, []string{"ALL"}, by)
			CapDrop.Set(s, []string{"sys_admin"}, by)
		}, says: "all", also: []string{"ZL-203", "ZL-205", "ZL-206"}},
		{name: "the kernel shows it", raw: true, change: func(s *Spec) { Capabilities.Set(s, []string{"sys_ptrace"}, seen) }, says: "sys_ptrace",
			also: []string{"ZL-203"}},
		{name: "a person judges it", change: adds("dac_override"), verdict: audit.Review, also: []string{"ZL-206"}},
	},
	"ZL-205": {
		{name: "added", change: adds("net_raw"), says: "net_raw", also: []string{"ZL-206"}},
		{name: "observed", raw: true, change: func(s *Spec) { Capabilities.Set(s, []string{"net_raw"}, seen) }, says: "net_raw", also: []string{"ZL-203"}},
	},
	"ZL-206": {
		{name: "net_bind_service", change: adds("net_bind_service"), says: "cap_add must be empty"},
		{name: "observed", raw: true, change: func(s *Spec) {
			CapAdd.Clear(s)
			Capabilities.Set(s, []string{"ipc_lock"}, seen)
		}, says: "ipc_lock", also: []string{"ZL-203"}},
	},
	"ZL-207": {
		{name: "no-new-privileges:false", change: func(s *Spec) { NoNewPrivileges.Set(s, false, by) }, says: "must be true"},
		{name: "not known", raw: true, change: NoNewPrivileges.Clear, verdict: audit.Open},
	},
	"ZL-208": {
		{name: "unconfined", raw: true, change: func(s *Spec) {
			SeccompProfile.Set(s, "unconfined", by)
			SeccompFilter.Set(s, "none", by)
		}, says: "unconfined", also: []string{"ZL-209", "ZL-210"}},
		{name: "the kernel shows none", raw: true, change: func(s *Spec) { SeccompFilter.Set(s, "none", seen) }, says: "the process has none", also: []string{"ZL-209"}},
		{name: "an allow-all filter is a filter", change: func(s *Spec) { WeakFilter.Set(s, []string{"default SCMP_ACT_ALLOW"}, by) }, says: "SCMP_ACT_ALLOW"},
		{name: "not known", raw: true, change: func(s *Spec) {
			SeccompProfile.Clear(s)
			SeccompFilter.Clear(s)
		}, verdict: audit.Open, also: []string{"ZL-210"}},
	},
	"ZL-209": {
		{name: "a file of its own", change: func(s *Spec) { FilterKnown.Set(s, false, by) }, says: "engine's default"},
		{name: "the image chooses", change: func(s *Spec) { SeccompPolicy.Set(s, "image", by) }, says: "--seccomp-policy", also: []string{"ZL-915"}},
		{name: "a file nobody read", raw: true, change: func(s *Spec) {
			SeccompProfile.Set(s, "/x.json", by)
			FilterKnown.Clear(s)
		}, verdict: audit.Open, also: []string{"ZL-210"}},
	},
	"ZL-210": {
		{name: "the default", change: func(s *Spec) { SeccompProfile.Set(s, "", by) }, says: "inference"},
		{name: "the file zlaunch writes", change: func(s *Spec) { SeccompProfile.Set(s, "/home/a/seccomp/inference-0a.json", by) }, verdict: audit.Pass},
	},
	"ZL-211": {
		{name: "unmask nothing", change: func(s *Spec) { Unmask.Set(s, []string{""}, by) }, verdict: audit.Pass},
		{name: "unmask", change: func(s *Spec) { Unmask.Set(s, []string{"/proc/kcore"}, by) }, says: "/proc/kcore"},
		{name: "missing", change: func(s *Spec) { MissingMasks.Set(s, []string{"/proc/keys"}, by) }, says: "/proc/keys"},
		{name: "proc-opts", change: func(s *Spec) { ProcOpts.Set(s, "exec,suid", by) }, says: "proc-opts"},
		{name: "hidepid tightens", change: func(s *Spec) { ProcOpts.Set(s, "nosuid,hidepid=2", by) }, verdict: audit.Pass},
		{name: "nested labels", change: labels("nested"), says: "label=nested", also: []string{"ZL-405"}},
		{name: "not known", raw: true, change: func(s *Spec) {
			Unmask.Clear(s)
			MissingMasks.Clear(s)
		}, verdict: audit.Open},
	},
	"ZL-212": {
		{name: "root session", change: func(s *Spec) { ExecPrivileged.Set(s, []string{"root sh"}, by) }, says: "root sh"},
		{name: "not known", raw: true, change: ExecPrivileged.Clear, verdict: audit.Open},
	},
	"ZL-213": {
		{name: "forwarding", change: func(s *Spec) { Sysctl.Set(s, "net.ipv4.ip_forward", "1", by) }, says: "ip_forward"},
		{name: "a safe one", change: func(s *Spec) { Sysctl.Set(s, "net/ipv4/ip_unprivileged_port_start", "0", by) }, verdict: audit.Pass},
	},
}

func privilegedRun(s *Spec) { Privileged.Set(s, true, by); ProcessLabel.Clear(s) }

func byParts(s *Spec) {
	CapAdd.Set(s, []string{"all"}, by)
	Capabilities.Set(s, []string{"all"}, by)
	SeccompProfile.Set(s, "unconfined", by)
	SeccompFilter.Set(s, "none", by)
	SecurityLabel.Set(s, []string{"disable"}, by)
	ProcessLabel.Set(s, "", by)
	Unmask.Set(s, []string{"ALL"}, by)
}

// The severity of an added capability is its own.
func TestCapabilitySeverity(t *testing.T) {
	for name, want := range map[string]audit.Severity{
		"sys_admin": audit.Critical, "CAP_SYS_MODULE": audit.Critical, "Sys_Rawio": audit.Critical, "dac_read_search": audit.Critical,
		"bpf": audit.Critical, "all": audit.Critical, "sys_ptrace": audit.High, "cap_net_admin": audit.High,
	} {
		s := hardened()
		CapAdd.Set(s, []string{name}, by)
		if got := verdicts(complete(s))["ZL-204"][0]; got.Verdict != audit.Fail || got.Severity != want {
			t.Errorf("%s: %s %s, want %s", name, got.Verdict, got.Severity, want)
		}
	}
}

// What an option change can mend, it mends.
func TestMend(t *testing.T) {
	for id, list := range fixtures() {
		c := audit.ByID(id)
		for _, f := range list {
			if c.Mend == nil || f.verdict != audit.Fail || f.raw || beyondMend[id+" "+f.name] {
				continue
			}
			s := hardened()
			f.change(s)
			for _, g := range verdicts(complete(s))[id] {
				if g.Verdict == audit.Fail {
					c.Mend(s, g.At)
				}
			}
			for _, g := range verdicts(complete(s))[id] {
				if g.Verdict == audit.Fail {
					t.Errorf("%s %s: mended, it still fails: %s", id, f.name, g.Message)
				}
			}
		}
	}
}

// beyondMend are fixtures of facts, which no option changes.
var beyondMend = map[string]bool{
	"ZL-102 the host as the root": true, // without it there is no root at all
	"ZL-905 anything":             true, "ZL-906 the image": true, "ZL-906 another host": true, "ZL-915 asks for more": true,
	"ZL-924 with a password": true, "ZL-925 a variable": true,
	"ZL-101 rootful": true, "ZL-107 containers.conf adds a device": true, "ZL-208 an allow-all filter is a filter": true,
	"ZL-209 a file of its own": true, "ZL-211 missing": true, "ZL-303 root of the host": true, "ZL-403 all categories": true,
	"ZL-404 observed": true, "ZL-107 of the host": true, "ZL-108 of the host": true,
	"ZL-505 glob": true, // which of the paths is meant, nobody knows
	// What an image says, no option takes away.
	"ZL-917 a checkpoint": true, "ZL-917 an option of crun": true, "ZL-917 a variable without a value": true,
	"ZL-917 a name that no way knows": true, "ZL-917 another place": true,
}
