package observe_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

var update = flag.Bool("update", false, "write the golden files")

// The fixtures are real: hardened and plain containers, one with the host's
// namespaces, one with everything else, under two engines.
var (
	engines = []string{"podman4-runc", "podman5-crun"}
	cases   = []string{"hardened", "plain", "hostns", "extras"}
)

// homes are the users' home directories on the machines of the fixtures.
var homes = map[string]string{"podman4-runc": "/home/zl", "podman5-crun": "/home/zuser"}

func file(t *testing.T, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func record(t *testing.T, parts ...string) observe.Record {
	t.Helper()
	var r observe.Record
	if err := json.Unmarshal(file(t, parts...), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func config(t *testing.T, engine, name string) *specs.Spec {
	t.Helper()
	c := &specs.Spec{}
	if err := json.Unmarshal(file(t, engine, name, "config.json"), c); err != nil {
		t.Fatal(err)
	}
	return c
}

func id(t *testing.T, engine, name string) string {
	t.Helper()
	var all []struct{ Id string }
	if err := json.Unmarshal(file(t, engine, name, "inspect.json"), &all); err != nil {
		t.Fatal(err)
	}
	return all[0].Id
}

func context(t *testing.T, engine, name string, plan *container.Spec) observe.Context {
	t.Helper()
	return observe.Context{
		Planned:    plan,
		ID:         id(t, engine, name),
		Self:       record(t, engine, "self.json"),
		VolumeDirs: []string{homes[engine] + "/.local/share/containers/storage/volumes"},
	}
}

// every calls f for each fixture.
func every(t *testing.T, f func(t *testing.T, engine, name string)) {
	for _, e := range engines {
		for _, c := range cases {
			t.Run(e+"/"+c, func(t *testing.T) { f(t, e, c) })
		}
	}
}

// Each rung of each fixture reads as its golden file says.
func TestGolden(t *testing.T) {
	every(t, func(t *testing.T, engine, name string) {
		in := context(t, engine, name, nil)
		var b strings.Builder
		s, notes, err := observe.OCI(file(t, engine, name, "config.json"), in)
		write(t, &b, "oci", s, err)
		for _, n := range notes {
			fmt.Fprintf(&b, "note: %s\n", n)
		}
		s, err = observe.Kernel(record(t, engine, name, "init.json"), in)
		write(t, &b, "kernel, initialised", s, err)
		in.Started = true
		s, err = observe.Kernel(record(t, engine, name, "run.json"), in)
		write(t, &b, "kernel, running", s, err)
		s, err = observe.Inspect(file(t, engine, name, "inspect.json"), in)
		write(t, &b, "inspect", s, err)
		golden.Check(t, *update, filepath.Join("testdata", engine, name, "observed.txt"), b.String())
	})
}

func write(t *testing.T, b *strings.Builder, title string, s *container.Spec, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", title, err)
	}
	fmt.Fprintf(b, "# %s\n", title)
	for _, r := range container.Rows {
		for _, set := range r.Settings(s) {
			fmt.Fprintf(b, "%s: %+v\n", set.Path, set.Value)
		}
		if m, ok := r.(interface{ Complete(*container.Spec) bool }); ok && m.Complete(s) {
			fmt.Fprintf(b, "%s: these and no others\n", r.Key())
		}
	}
}

func planMark() container.Mark {
	return container.From(container.Origin{Layer: container.LayerCommandLine, Key: "test"})
}

// hardened is the plan of the hardened fixtures, written by hand.
func hardened(t *testing.T, engine string) *container.Spec {
	t.Helper()
	p, m := &container.Spec{}, planMark()
	container.Image.Set(p, "localhost/zl-test", m)
	container.Name.Set(p, "t-hardened", m)
	container.Entrypoint.Set(p, nil, m)
	container.Args.Set(p, []string{"sleep", "600"}, m)
	container.Env.Set(p, "MODE", "x", m)
	container.Env.Set(p, "PATH", map[string]string{"podman4-runc": "/bin", "podman5-crun": "/usr/bin:/bin"}[engine], m)
	container.User.Set(p, "1000:1000", m)
	container.GroupAdd.Set(p, nil, m)
	container.UidMap.Set(p, map[string]string{"podman4-runc": "1000=1001", "podman5-crun": "1000=1000"}[engine], m)
	container.GidMap.Set(p, map[string]string{"podman4-runc": "1000=1001", "podman5-crun": "1000=1000"}[engine], m)
	container.Privileged.Set(p, false, m)
	container.Capabilities.Set(p, nil, m)
	container.NoNewPrivileges.Set(p, true, m)
	container.SeccompFilter.Set(p, defaultFilter(t, engine, nil), m)
	container.ProcessLabel.Set(p, map[string]string{"podman5-crun": "container_t"}[engine], m)
	container.Apparmor.Set(p, "", m)
	container.Mask.Set(p, nil, m)
	container.Unmask.Set(p, nil, m)
	container.ReadOnly.Set(p, true, m)
	container.TmpfsAt.Set(p, "/tmp", container.Tmpfs{Size: 256 << 20, Mode: 0o1777}, m)
	container.TmpfsAt.Set(p, "/run", container.Tmpfs{Size: 16 << 20}, m)
	container.TmpfsAt.Set(p, "/var/tmp", container.Tmpfs{Size: 16 << 20, Mode: 0o1777}, m)
	container.VolumeAt.Set(p, "/models", container.Volume{Source: homes[engine] + "/t-models", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, m)
	// The host's mounts.conf names /run/secrets; with read_only Podman binds its
	// copy so.
	container.VolumeAt.Set(p, "/run/secrets", container.Volume{Source: observe.MountsConf, ReadOnly: true, NoSuid: true, NoDev: true, NoExec: true}, m)
	container.ShmSize.Set(p, 64<<20, m)
	container.Device.Set(p, nil, m)
	container.Network.Set(p, []string{"t-net"}, m)
	container.Publish.Set(p, "8501/tcp", container.Port{HostIP: "127.0.0.1", HostPort: 18501}, m)
	container.Hostname.Set(p, "demo", m)
	container.Ipc.Set(p, "private", m)
	container.Pid.Set(p, "private", m)
	container.Uts.Set(p, "private", m)
	container.Sysctl.Set(p, "net.core.somaxconn", "512", m)
	container.UlimitOf.Set(p, "core", container.Ulimit{}, m)
	container.Rm.Set(p, false, m)
	container.Restart.Set(p, "no", m)
	container.StopTimeout.Set(p, 5, m)
	container.Init.Set(p, false, m)
	container.Systemd.Set(p, "true", m)
	container.NoHealthcheck.Set(p, true, m)
	container.Interactive.Set(p, false, m)
	container.Tty.Set(p, false, m)
	container.LogDriver.Set(p, "k8s-file", m)
	container.LogOpt.Set(p, "max-size", "10mb", m)
	container.Umask.Set(p, "0027", m)
	container.Labels.Set(p, "io.zlaunch.profile", "demo", m)
	// cgroup v1 has no private cgroup namespace by default and no limits.
	container.Cgroupns.Set(p, "host", m)
	if engine == "podman5-crun" {
		container.Labels.Set(p, "zl.test", "1", m)
		container.Cgroupns.Set(p, "private", m)
		container.Memory.Set(p, 256<<20, m)
		container.MemorySwap.Set(p, 256<<20, m)
		container.Cpus.Set(p, 1.5, m)
		container.PidsLimit.Set(p, 512, m)
	}
	return p
}

// defaultFilter is the digest of the host's default profile.
func defaultFilter(t *testing.T, engine string, caps []string) string {
	t.Helper()
	name := map[string]string{"podman4-runc": "4.3.1", "podman5-crun": "5.4.2"}[engine]
	b, err := os.ReadFile("../seccomp/testdata/default-podman-" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := seccomp.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return seccomp.Digest(p.Resolve("amd64", caps))
}

// A hardened container is what was planned, at every rung, before and after its
// start, and its rungs agree.
func TestPlanHolds(t *testing.T) {
	for _, engine := range engines {
		plan := hardened(t, engine)
		in := context(t, engine, "hardened", plan)
		oci, notes, err := observe.OCI(file(t, engine, "hardened", "config.json"), in)
		check(t, engine+" oci", plan, oci, err)
		if len(notes) > 0 {
			t.Errorf("%s: notes %q", engine, notes)
		}
		kernel, err := observe.Kernel(record(t, engine, "hardened", "init.json"), in)
		check(t, engine+" initialised", plan, kernel, err)
		in.Started = true
		kernel, err = observe.Kernel(record(t, engine, "hardened", "run.json"), in)
		check(t, engine+" running", plan, kernel, err)
		inspect, err := observe.Inspect(file(t, engine, "hardened", "inspect.json"), in)
		check(t, engine+" inspect", plan, inspect, err)
		settled, differences := observe.Settle(kernel, inspect, oci)
		check(t, engine+" settled", plan, settled, nil)
		if len(differences) > 0 {
			t.Errorf("%s: rungs disagree: %v", engine, differences)
		}
		everyRowIsProved(t, engine, plan, settled)
	}
}

func check(t *testing.T, what string, plan, got *container.Spec, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, d := range container.Diff(plan, got) {
		t.Errorf("%s: %s: planned %+v, got %+v (%s)", what, d.Path, d.Planned, d.Got, d.Evidence)
	}
}

// everyRowIsProved checks that each planned setting was seen at the rung that
// settles its row.
func everyRowIsProved(t *testing.T, engine string, plan, settled *container.Spec) {
	t.Helper()
	for _, r := range container.Rows {
		for _, set := range r.Settings(plan) {
			m, ok := settled.MarkOf(set.Path)
			if engine == "podman4-runc" && slices.Contains([]string{"memory", "memory_swap", "cpus", "pids_limit"}, r.Key()) {
				continue // no cgroup of its own there
			}
			if r.Proof() != container.Unknown && (!ok || m.Evidence < r.Proof()) {
				t.Errorf("%s: %s is settled by %s, seen at %s: a reader of that rung must set it, also where no audit is made", engine, set.Path, r.Proof(), m.Evidence)
			}
		}
	}
}

// Every row that evidence can settle is in the plan that the fixtures are held
// against: one without a reader would be a difference there, or unproved.
func TestEveryRowIsObserved(t *testing.T) {
	elsewhere := []string{"workdir", "secret", "annotation", "device_node", "hook"} // no wall, TestInspect, TestTamperedConfig, TestInjected
	plan := hardened(t, "podman5-crun")
	for _, r := range container.Rows {
		if r.Proof() != container.Unknown && len(r.Settings(plan)) == 0 && !slices.Contains(elsewhere, r.Key()) {
			t.Errorf("%s is proved at %s and not planned in TestPlanHolds: state in hardened what the recorded container of testdata has", r.Key(), r.Proof())
		}
	}
}

// Read against each other, the rungs of every fixture agree.
func TestRungsAgree(t *testing.T) {
	every(t, func(t *testing.T, engine, name string) {
		in := context(t, engine, name, nil)
		in.Started = true
		inspect, err := observe.Inspect(file(t, engine, name, "inspect.json"), in)
		if err != nil {
			t.Fatal(err)
		}
		oci, _, err := observe.OCI(file(t, engine, name, "config.json"), in)
		if err != nil {
			t.Fatal(err)
		}
		in.Planned = oci
		kernel, err := observe.Kernel(record(t, engine, name, "run.json"), in)
		if err != nil {
			t.Fatal(err)
		}
		_, differences := observe.Settle(inspect, oci, kernel)
		for _, d := range differences {
			if !onlyKernel(name, d.Path) {
				t.Errorf("%s: lower %+v, higher %+v (%s)", d.Path, d.Planned, d.Got, d.Evidence)
			}
		}
	})
}

// onlyKernel tells what no configuration shows: mounts below a bound tree, and
// the label of a process that got none of its own.
func onlyKernel(name string, p container.Path) bool {
	switch name {
	case "extras":
		return p == container.Path{Key: "volume", Elem: "/models/sub"}
	case "hostns":
		return p.Key == "process_label" || p.Key == "volume" && (strings.HasPrefix(p.Elem, "/proc/") || strings.HasPrefix(p.Elem, "/sys/"))
	}
	return false
}
