package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

// by marks what a fixture states.
var by = From(Origin{Layer: LayerCommandLine, Key: "test"})

// fixture is one change of the hardened spec that makes one control fail.
type fixture struct {
	name   string
	change func(*Spec)
	says   string // part of what the finding says
	// verdict of the control after the change; zero is fail. Every control has one
	// fixture at least that fails.
	verdict audit.Verdict
	// also are other controls whose verdict the same change moves.
	also []string
	// raw: the change is made after the engine's defaults were filled in.
	raw bool
}

// fixtures are those of every group, by control.
func fixtures() map[string][]fixture {
	out := map[string][]fixture{}
	for _, group := range []map[string][]fixture{
		hostFixtures, privilegeFixtures, identityFixtures, macFixtures, filesFixtures, mountFixtures,
		namespaceFixtures, networkFixtures, resourceFixtures, supplyFixtures,
	} {
		for id, list := range group {
			out[id] = append(out[id], list...)
		}
	}
	return out
}

// hardened is a spec with its surroundings that passes every control it can pass.
func hardened() *Spec {
	s := &Spec{}
	Image.Set(s, "icr.io/ibmz/x:1.0@sha256:"+strings.Repeat("a", 64), by)
	CapDrop.Set(s, []string{"all"}, by)
	NoNewPrivileges.Set(s, true, by)
	SeccompProfile.Set(s, "inference", by)
	ReadOnly.Set(s, true, by)
	ReadOnlyTmpfs.Set(s, false, by)
	TmpfsAt.Set(s, "/tmp", Tmpfs{Size: 1 << 20, Mode: 0o1777}, by)
	VolumeAt.Set(s, "/models", Volume{Source: "/srv/m", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
	ImageVolume.Set(s, "ignore", by)
	User.Set(s, "1000:1000", by)
	Userns.Set(s, "keep-id:uid=1000,gid=1000", by)
	UidMap.Set(s, "1000=1001", by)
	GidMap.Set(s, "1000=1001", by)
	Ipc.Set(s, "private", by)
	Systemd.Set(s, "false", by)
	Network.Set(s, []string{"zlaunch-x"}, by)
	Publish.Set(s, "8000/tcp", Port{HostIP: "127.0.0.1", HostPort: 8000}, by)
	Memory.Set(s, 1<<30, by)
	MemorySwap.Set(s, 1<<30, by)
	Cpus.Set(s, 2, by)
	PidsLimit.Set(s, 100, by)
	UlimitOf.Set(s, "core", Ulimit{}, by)
	UlimitOf.Set(s, "nofile", Ulimit{Soft: 1024, Hard: 4096}, by)
	ShmSize.Set(s, 1<<30, by)
	Restart.Set(s, "no", by)
	Umask.Set(s, "0027", by)
	HttpProxy.Set(s, false, by)
	Rm.Set(s, true, by)
	Init.Set(s, true, by)
	LogDriver.Set(s, "k8s-file", by)
	LogOpt.Set(s, "max-size", "10m", by)
	HealthCmd.Set(s, "/bin/healthy", by)
	HealthOnFailure.Set(s, "kill", by)
	Pull.Set(s, "missing", by)
	Entrypoint.Set(s, []string{"/server"}, by)
	Args.Set(s, []string{"--port", "8000"}, by)
	surroundings(s)
	return s
}

// surroundings are the facts beside the hardened spec.
func surroundings(s *Spec) {
	Subject.Set(s, "container", by)
	Engine.Set(s, "podman", by)
	EngineVersion.Set(s, "5.4.2", by)
	Rootless.Set(s, true, by)
	EngineAPI.Set(s, "unix:///run/user/1001/podman/podman.sock", by)
	SELinux.Set(s, "enforcing", by)
	AppArmorHost.Set(s, false, by)
	CgroupVersion.Set(s, 2, by)
	CgroupControllers.Set(s, []string{"cpu", "io", "memory", "pids"}, by)
	HostArch.Set(s, "s390x", by)
	ProfileKind.Set(s, "server", by)
	ProfilePorts.Set(s, []string{"8000/tcp"}, by)
	ImageUser.Set(s, "1000:1000", by)
	ImageVolumes.Set(s, nil, by)
	ImageArch.Set(s, "s390x", by)
	ImageLabels.SetComplete(s, by)
	ImageSteers.Set(s, nil, by)
	ImageSecrets.Set(s, nil, by)
	ImageCurrent.Set(s, true, by)
	ProcessLabel.Set(s, "container_t", by)
	WorkloadLevel.Set(s, "s0:c1,c2", by)
	WorkloadRole.Set(s, "system_u:system_r", by)
	SeccompFilter.Set(s, "sha256:"+strings.Repeat("b", 64), by)
	SubMounts.Set(s, nil, by)
	HostMounts.Set(s, nil, by)
	UnsafeSources.Set(s, nil, by)
	WeakFilter.Set(s, nil, by)
	FilterKnown.Set(s, true, by)
	MissingMasks.Set(s, nil, by)
	LimitsInForce.Set(s, []string{"memory", "pids_limit", "cpus", "memory_swap"}, by)
	ExecPrivileged.Set(s, nil, by)
	NetworkEgress.Set(s, false, by)
	NetworkIsolated.Set(s, true, by)
	SignedBy.Set(s, "signed", by)
	Walked.Set(s, []string{"/models"}, by)
	ModelDigest.Set(s, "sha256:"+strings.Repeat("c", 64), by)
}

func complete(s *Spec) *Spec {
	return effective.Complete(s, effective.Engine{Kind: "podman", Version: "5.4.2"})
}

// completeAs is [complete] for another engine, whose version nobody knows.
func completeAs(s *Spec, engine string) *Spec {
	return effective.Complete(s, effective.Engine{Kind: engine})
}

func verdicts(s *Spec) map[string][]audit.Finding {
	out := map[string][]audit.Finding{}
	for _, f := range audit.Judge(s) {
		out[f.Control.ID] = append(out[f.Control.ID], f)
	}
	return out
}

// Every control that judges passes the hardened spec, and each fixture, which
// differs from it in one thing, moves its control and no other but those it names.
func TestFixtures(t *testing.T) {
	base := verdicts(complete(hardened()))
	for id, found := range base {
		for _, f := range found {
			if c := audit.ByID(id); c.Judge != nil && f.Verdict != audit.Pass && f.Verdict != audit.NotApplicable && !(onlyReviews[id] && f.Verdict == audit.Review) {
				t.Errorf("the hardened spec: %s %s at %s: %s", id, f.Verdict, f.At, f.Message)
			}
		}
	}
	all := fixtures()
	for _, c := range audit.Catalogue() {
		failing := false
		for _, f := range all[c.ID] {
			failing = failing || f.verdict == audit.Fail
			t.Run(c.ID+" "+f.name, func(t *testing.T) { f.run(t, c.ID, base) })
		}
		if c.Judge != nil && !failing && !onlyReviews[c.ID] {
			t.Errorf("%s %s has no fixture that fails", c.ID, c.Name)
		}
	}
}

// onlyReviews are the controls that no setting can break: a person must look, or
// the finding is brought by who read the unit or walked the model tree.
var onlyReviews = map[string]bool{
	"ZL-609": true,
	"ZL-001": true, "ZL-002": true, "ZL-003": true, "ZL-004": true, "ZL-106": true,
	"ZL-712": true, "ZL-713": true, "ZL-819": true, "ZL-931": true, "ZL-932": true, "ZL-933": true, "ZL-934": true,
}

func (f fixture) run(t *testing.T, id string, base map[string][]audit.Finding) {
	s := hardened()
	if f.raw {
		s = complete(s)
		f.change(s)
	} else {
		f.change(s)
		s = complete(s)
	}
	got := verdicts(s)
	for _, found := range got {
		for _, g := range found {
			if masked := MaskText(g.Message); masked != g.Message && g.Control.ID != "ZL-310" { // whose --passwd-entry is the user's
				t.Errorf("%s: reports would show %q as %q", g.Control.ID, g.Message, masked)
			}
		}
	}
	if !slices.ContainsFunc(got[id], func(g audit.Finding) bool { return g.Verdict == f.verdict && strings.Contains(g.Message, f.says) }) {
		t.Errorf("%s: want %s with %q, got %v", id, f.verdict, f.says, told(got[id]))
	}
	for other := range base {
		if other != id && !slices.Contains(f.also, other) && !slices.Equal(told(base[other]), told(got[other])) {
			t.Errorf("it also moves %s: %v", other, told(got[other]))
		}
	}
	for _, other := range f.also {
		if slices.Equal(told(base[other]), told(got[other])) {
			t.Errorf("it does not move %s: %v", other, told(got[other]))
		}
	}
}

func told(in []audit.Finding) []string {
	var out []string
	for _, f := range in {
		out = append(out, f.Verdict.String()+" "+f.Severity.String()+" "+f.At.String())
	}
	return out
}
