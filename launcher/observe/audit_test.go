package observe_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// audited reads a fixture as an audit does: every rung in the words of the one
// below.
func audited(t *testing.T, engine, name string, change func(*specs.Spec)) (settled *container.Spec, disagree []container.Difference) {
	t.Helper()
	in := context(t, engine, name, nil)
	in.Audit, in.Started, in.VolumeDirs = true, true, observe.VolumeDirs(file(t, engine, name, "inspect.json"))
	inspect, err := observe.Inspect(file(t, engine, name, "inspect.json"), in)
	if err != nil {
		t.Fatal(err)
	}
	c := config(t, engine, name)
	if change != nil {
		change(c)
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	in.Planned = inspect
	oci, _, err := observe.OCI(data, in)
	if err != nil {
		t.Fatal(err)
	}
	below := container.Clone(inspect)
	container.Overlay(below, oci)
	in.Planned = below
	rec := record(t, engine, name, "run.json")
	rec.MaskPaths = []string{"/proc/kcore", "/proc/keys", "/proc/sys"}
	kernel, err := observe.Kernel(rec, in)
	if err != nil {
		t.Fatal(err)
	}
	return observe.Settle(inspect, oci, kernel)
}

// Each fixture, audited, reads as its golden file says, with the rung of each
// setting.
func TestAuditGolden(t *testing.T) {
	every(t, func(t *testing.T, engine, name string) {
		s, disagree := audited(t, engine, name, nil)
		var b strings.Builder
		for _, r := range container.All() {
			for _, set := range r.Settings(s) {
				fmt.Fprintf(&b, "%s: %+v (%s)\n", set.Path, set.Value, set.Mark.Evidence)
			}
		}
		for _, d := range disagree {
			fmt.Fprintf(&b, "disagree %s: %+v, %s %+v\n", d.Path, d.Planned, d.Evidence, d.Got)
		}
		golden.Check(t, *update, filepath.Join("testdata", engine, name, "audited.txt"), b.String())
	})
}

// What inspect hides the configuration shows.
func TestAuditOfTheConfiguration(t *testing.T) {
	major, minor := int64(10), int64(200)
	for _, c := range []struct {
		row    container.Row
		change func(*specs.Spec)
		want   string
	}{
		{container.ProcOpts, func(c *specs.Spec) {
			for i, m := range c.Mounts {
				if m.Destination == "/proc" {
					c.Mounts[i].Options = append(m.Options, "hidepid=2")
				}
			}
		}, "hidepid=2"},
		{container.DeviceCgroupRule, func(c *specs.Spec) {
			c.Linux.Resources.Devices = append(c.Linux.Resources.Devices, specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: &major, Minor: &minor, Access: "rwm"})
		}, "[c 10:200 rwm]"},
	} {
		s, _ := audited(t, "podman5-crun", "hardened", c.change)
		if got := fmt.Sprint(c.row.Settings(s)); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.row.Key(), got, c.want)
		}
	}
}

// A process that joined a namespace of another container is said to be in that
// one, though the kernel only knows that it is not the host's.
func TestAuditOfAJoinedNamespace(t *testing.T) {
	in := context(t, "podman4-runc", "plain", &container.Spec{})
	container.Pid.Set(in.Planned, "container:abc", container.Mark{Evidence: container.Inspected})
	for audit, want := range map[bool]string{true: "container:abc", false: "private"} {
		in.Audit, in.Started = audit, true
		rec := record(t, "podman4-runc", "plain", "run.json")
		rec.Namespaces = map[string]string{"pid": "pid:[1]"}
		s, err := observe.Kernel(rec, in)
		if got, _, _ := container.Pid.Get(s); err != nil || got != want {
			t.Errorf("audit %t: %q, %v", audit, got, err)
		}
	}
}

// The files of a pod's infra container are Podman's in each container of the pod, and those of
// any other container are mounts as all are.
func TestAuditOfAPodsFiles(t *testing.T) {
	infra, other := strings.Repeat("1", 64), strings.Repeat("2", 64)
	for inspect, want := range map[string]string{
		`{"HostConfig": {"NetworkMode": "container:` + infra + `", "IpcMode": "container:` + infra + `"}}`: "[/etc/hostname /etc/hosts]",
		`{"HostConfig": {"NetworkMode": "bridge", "IpcMode": "shareable"}}`:                                "[/etc/hostname /etc/hosts /etc/resolv.conf]",
		`{"HostConfig": {"NetworkMode": "container:` + infra[:12] + `"}}`:                                  "[/etc/hostname /etc/hosts /etc/resolv.conf]",
	} {
		in := context(t, "podman4-runc", "plain", nil)
		in.Audit, in.Started, in.Joined = true, true, observe.Joined([]byte(inspect))
		rec := record(t, "podman4-runc", "plain", "run.json")
		for _, at := range []string{infra + "/userdata/resolv.conf /etc/resolv.conf", infra + "/userdata/hosts /etc/hostname", other + "/userdata/hosts /etc/hosts"} {
			rec.Mountinfo += "900 1 0:99 /s/vfs-containers/" + at + " rw - ext4 /dev/x rw\n"
		}
		s, err := observe.Kernel(rec, in)
		if err != nil {
			t.Fatal(err)
		}
		etc := slices.DeleteFunc(container.VolumeAt.Keys(s), func(at string) bool { return !strings.HasPrefix(at, "/etc/") })
		if got := fmt.Sprint(etc); got != want {
			t.Errorf("%s: %s, want %s", inspect, got, want)
		}
	}
}

// The cgroup that Podman makes for a pod is no choice of anybody's, and any other is.
func TestPodsOwnCgroup(t *testing.T) {
	pod := "libpod_pod_" + strings.Repeat("a", 64) + ".slice"
	for parent, want := range map[string]string{
		"user.slice/user-1000.slice/user@1000.service/user.slice/user-" + pod: "", "machine.slice/machine-" + pod: "",
		"evil.slice/evil-" + pod: "evil.slice/evil-" + pod, "x/user.slice/user-libpod_pod_a.slice": "x/user.slice/user-libpod_pod_a.slice", "": "",
	} {
		s := &container.Spec{}
		container.CgroupParent.Set(s, parent, container.Mark{Evidence: container.Inspected})
		observe.InPod(s, &container.Spec{}, "id")
		if got, _, _ := container.CgroupParent.Get(s); got != want {
			t.Errorf("%s: %q", parent, got)
		}
	}
}

// A mask that is gone from the kernel's mounts is missing, whatever the
// configuration says.
func TestAuditOfMasks(t *testing.T) {
	in := context(t, "podman4-runc", "plain", nil)
	in.Audit, in.Started = true, true
	rec := record(t, "podman4-runc", "plain", "run.json")
	rec.MaskPaths = []string{"/proc/keys", "/proc/sys"}
	for without, want := range map[string]int{"": 0, " /proc/keys ": 1} {
		lines := slices.DeleteFunc(strings.Split(rec.Mountinfo, "\n"), func(l string) bool { return without != "" && strings.Contains(l, without) })
		r := rec
		r.Mountinfo = strings.Join(lines, "\n")
		s, err := observe.Kernel(r, in)
		got, m, _ := container.MissingMasks.Get(s)
		if err != nil || len(got) != want || m.Evidence != container.Kernel {
			t.Errorf("without %q: %q at %s, %v", without, got, m.Evidence, err)
		}
	}
}

func FuzzAudit(f *testing.F) {
	f.Add([]byte(`[{"Name":"x","Config":{"Env":["A=b","HOSTNAME=h"],"Healthcheck":{"Test":["CMD","x"]}},"Mounts":[{"Type":"volume","Name":"v","Source":"/d/v/_data","Destination":"/v"}],"HostConfig":{"Tmpfs":{"/t":"size=1m,dev"},"SecurityOpt":["label=disable"]}}]`), []byte(`{"process":{"user":{}},"linux":{"resources":{"devices":[{"allow":true}]}},"mounts":[{"destination":"/proc","type":"proc","options":["hidepid=1"]}]}`))
	f.Fuzz(func(t *testing.T, inspect, config []byte) {
		in := observe.Context{Audit: true, Started: true, ID: strings.Repeat("a", 64)}
		in.VolumeDirs = observe.VolumeDirs(inspect)
		s, err := observe.Inspect(inspect, in)
		if err != nil {
			return
		}
		in.Planned = s
		oci, _, err := observe.OCI(config, in)
		if err != nil {
			return
		}
		observe.Settle(s, oci)
	})
}

// A process that was given no SELinux label shows the one of whoever started it,
// which separates nothing: it is none. Against a plan that has one it is what the
// kernel shows.
func TestAuditInheritedLabel(t *testing.T) {
	for _, c := range []struct{ given, current, want string }{
		{"", "unconfined_u:unconfined_r:unconfined_t:s0", ""},
		{"", "unconfined_u:system_r:spc_t:s0-s0:c0.c1023\x00", ""},
		{"", "system_u:system_r:container_t:s0:c1,c2", "container_t"},
		{"container_t", "system_u:system_r:container_t:s0:c1,c2", "container_t"},
		{"container_t", "unconfined_u:unconfined_r:unconfined_t:s0", "unconfined_t"},
		{"spc_t", "system_u:system_r:spc_t:s0", "spc_t"},
	} {
		every(t, func(t *testing.T, engine, name string) {
			below := &container.Spec{}
			container.ProcessLabel.Set(below, c.given, container.Mark{Evidence: container.OCI})
			in := context(t, engine, name, nil)
			in.Audit, in.Started, in.Planned = true, true, below
			rec := record(t, engine, name, "run.json")
			rec.AttrCurrent = c.current
			s, err := observe.Kernel(rec, in)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, known := container.ProcessLabel.Get(s); !known || got != c.want {
				t.Errorf("given %q, shown %q: %q", c.given, c.current, got)
			}
		})
	}
}
