package subject

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

func kernel() container.Mark { return container.Mark{Evidence: container.Kernel} }

// A mount below a read-only volume that nobody asked for came with the host's tree: it
// is no volume, and is told where it can be written.
func TestSubMounts(t *testing.T) {
	s := &container.Spec{}
	container.VolumeAt.Set(s, "/models", container.Volume{Source: "/m", ReadOnly: true}, kernel())
	container.VolumeAt.Set(s, "/models/shards", container.Volume{Source: "/m/shards"}, kernel())
	container.VolumeAt.Set(s, "/out", container.Volume{Source: "/o"}, kernel())
	config := &container.Spec{}
	container.VolumeAt.Set(config, "/models", container.Volume{Source: "/m", ReadOnly: true}, kernel())
	container.VolumeAt.Set(config, "/out", container.Volume{Source: "/o"}, kernel())
	subMounts(s, observe.Rungs{Kernel: container.Clone(s), Configs: []*container.Spec{config}})
	if got, _, _ := container.SubMounts.Get(s); !slices.Equal(got, []string{"/models/shards"}) {
		t.Errorf("%q", got)
	}
	if at := container.VolumeAt.Keys(s); !slices.Equal(at, []string{"/models", "/out"}) {
		t.Errorf("volumes %q", at)
	}
}

// What the host's mounts.conf adds has the host for its origin.
func TestFromHost(t *testing.T) {
	s := &container.Spec{}
	container.VolumeAt.Set(s, "/run/secrets", container.Volume{Source: observe.MountsConf}, kernel())
	container.VolumeAt.Set(s, "/m", container.Volume{Source: "/m"}, kernel())
	container.VolumeAt.SetComplete(s, kernel())
	fromHost(s)
	if got, _, _ := container.HostMounts.Get(s); !slices.Equal(got, []string{"/run/secrets"}) {
		t.Errorf("%q", got)
	}
	if _, m, _ := container.VolumeAt.Get(s, "/run/secrets"); len(m.Origin) != 1 || m.Origin[0].Layer != container.LayerHost {
		t.Errorf("%+v", m)
	}
}

// Limits are in force where the kernel shows them.
func TestLimitsInForce(t *testing.T) {
	shown := &container.Spec{}
	container.PidsLimit.Set(shown, 9, kernel())
	container.Memory.Set(shown, 0, kernel())
	container.Cpus.Set(shown, 1.5, kernel())
	s := &container.Spec{}
	limitsInForce(s, nil)
	if _, _, known := container.LimitsInForce.Get(s); known {
		t.Error("known without a kernel")
	}
	limitsInForce(s, shown)
	if got, _, _ := container.LimitsInForce.Get(s); !slices.Equal(got, []string{"pids_limit", "cpus"}) {
		t.Errorf("%q", got)
	}
}

// The command that made a container adds what nothing else shows of a volume and of a
// network, and nothing that better evidence refutes.
func TestMadeBy(t *testing.T) {
	made, notes := madeBy(&podman.Container{Command: []string{"podman", "run", "-v", "/m:/models:ro,z", "--network", "slirp4netns:allow_host_loopback=true", "--env-host", "x"}})
	if made == nil || len(notes) > 0 {
		t.Fatal(notes)
	}
	s := &container.Spec{}
	container.VolumeAt.Set(s, "/models", container.Volume{Source: "/m", ReadOnly: true}, kernel())
	container.Network.Set(s, []string{"slirp4netns"}, kernel())
	complement(s, made)
	asMade(s, made)
	if v, m, _ := container.VolumeAt.Get(s, "/models"); v.Relabel != "z" || len(m.Origin) == 0 {
		t.Errorf("%+v, %+v", v, m)
	}
	if n, m, _ := container.Network.Get(s); n[0] != "slirp4netns:allow_host_loopback=true" || m.Evidence != container.Created {
		t.Errorf("%q, %+v", n, m)
	}
	if on, m, _ := container.EnvHost.Get(onlyMade(made)); !on || m.Evidence != container.Created {
		t.Errorf("env_host %t, %+v", on, m)
	}
	for _, odd := range [][]string{nil, {"podman", "rm", "x"}} {
		if made, notes := madeBy(&podman.Container{Command: odd}); made != nil || len(notes) != 1 {
			t.Errorf("%q: %v, %q", odd, made, notes)
		}
	}
}

// A filter is known where it is this host's default or zlaunch's own, and is judged by
// the floor otherwise.
func TestFilter(t *testing.T) {
	own, err := seccomp.Read(seccomp.Inference())
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		filter *specs.LinuxSeccomp
		known  bool
		weak   bool
	}{
		"zlaunch's own":    {own.Resolve(runtime.GOARCH, nil), true, false},
		"one that is open": {&specs.LinuxSeccomp{DefaultAction: specs.ActAllow}, false, true},
		"none":             {nil, false, true},
	} {
		text, err := json.Marshal(map[string]any{"linux": map[string]any{"seccomp": c.filter}})
		if err != nil {
			t.Fatal(err)
		}
		s := &container.Spec{}
		digest := seccomp.None
		if c.filter != nil {
			digest = seccomp.Digest(c.filter)
		}
		container.SeccompFilter.Set(s, digest, kernel())
		container.Capabilities.Set(s, nil, kernel())
		surroundings{spec: s}.filter(&observe.Texts{Configs: [][]byte{text}}, []*seccomp.Profile{own})
		known, _, _ := container.FilterKnown.Get(s)
		weak, _, _ := container.WeakFilter.Get(s)
		if known != c.known || (len(weak) > 0) != c.weak {
			t.Errorf("%s: known %t, weak %q", what, known, weak)
		}
	}
}

// A run whose limits were left out under a waiver fails that one, waived, and the
// limits' own with it.
func TestWithoutLimits(t *testing.T) {
	w := audit.Waiver{Control: "ZL-104", Reason: "a test host"}
	s := &container.Spec{}
	container.Subject.Set(s, "container", container.Mark{})
	container.CgroupVersion.Set(s, 1, container.Mark{})
	got := map[string]audit.Verdict{}
	for _, f := range plan.WithoutLimits(s, appliedLimitsWaiver(s, []audit.Waiver{w}), []audit.Finding{{Control: audit.ByID("ZL-801"), Verdict: audit.Fail}}) {
		got[f.Control.ID] = f.Verdict
	}
	if got["ZL-104"] != audit.Fail || got["ZL-801"] != audit.Waived {
		t.Errorf("ZL-104 %s, ZL-801 %s", got["ZL-104"], got["ZL-801"])
	}
	if appliedLimitsWaiver(s, nil) != nil {
		t.Error("a waiver that nobody gave")
	}
}

// A file of the user's is written whole; a device is written into.
func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "deep", "e.json")
	for _, to := range []string{name, name, os.DevNull} {
		if err := WriteFile(to, []byte("x")); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "x" {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("the null device is %v now", info.Mode())
	}
}

// Sessions beside the workload are told by what they may do.
func TestSessions(t *testing.T) {
	s := newSite(t)
	s.engine.Execs = map[string]podmantest.Exec{"aa": {Privileged: true}, "bb": {User: "0:0"}, "cc": {User: "1000"}}
	s.engine.Inspect = func(_ *podmantest.Container, r map[string]any) { r["ExecIDs"] = []string{"aa", "bb", "cc", "dd"} }
	a, err := s.AuditContainer(t.Context(), "zlaunch-web")
	if err != nil {
		t.Fatal(err)
	}
	if got := of(a, "ZL-212"); !strings.HasPrefix(got, "fail") {
		t.Errorf("ZL-212: %s", got)
	}
	if got, _, _ := container.ExecPrivileged.Get(a.Spec); len(got) != 2 {
		t.Errorf("%q", got)
	}
	if s.now().IsZero() || (&Auditor{Now: func() time.Time { return time.Unix(1, 0) }}).now().Unix() != 1 {
		t.Error("the clock is not the one that was given")
	}
}

// A configuration that nobody read decides what the run does not state; a line that
// joins a pod stays as it is.
func TestOddLines(t *testing.T) {
	r, err := shell.Line("CONTAINERS_CONF=$X podman run x/y:1")
	if err != nil {
		t.Fatal(err)
	}
	if got := of(AuditReading(r, nil), "ZL-201"); strings.HasPrefix(got, "pass") {
		t.Errorf("ZL-201: %s", got)
	}
	joined, err := shell.Line("podman run --privileged --pod p x/y:1")
	if err != nil {
		t.Fatal(err)
	}
	container.PodKnown.Set(joined.Spec, true, container.Mark{})
	m, err := Files{}.Mend(joined, AuditReading(joined, nil).Findings)
	if err != nil || len(m.Done) > 0 || m.Text != m.Was || !strings.Contains(m.Text, "--privileged") || len(m.Stays) == 0 {
		t.Errorf("%+v, %v", m, err)
	}
}
