package observe_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// withDevice plans a node and a hook, and returns the texts of a container that has
// them, after change.
func withDevice(t *testing.T, change func(c *specs.Spec, mountinfo *string)) (plan *container.Spec, found []string) {
	t.Helper()
	const engine = "podman4-runc"
	plan = hardened(t, engine)
	m := planMark()
	container.Device.Set(plan, []string{"v.example/gpu=0"}, m)
	container.DeviceNodeAt.Set(plan, "/dev/nvidia0", container.DeviceNode{Type: "c", Major: 195, Access: "rw"}, m)
	container.DeviceNodeAt.SetComplete(plan, m)
	container.HookAt.Set(plan, "createContainer 1", container.Hook{Path: "/usr/bin/h", Args: []string{"h", "x"}}, m)
	container.HookAt.SetComplete(plan, m)

	c, rec := config(t, engine, "hardened"), record(t, engine, "hardened", "init.json")
	major, minor := int64(195), int64(0)
	c.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/nvidia0", Type: "c", Major: 195}}
	c.Linux.Resources = &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Allow: true, Type: "c", Major: &major, Minor: &minor, Access: "rw"}}}
	c.Hooks = &specs.Hooks{CreateContainer: []specs.Hook{{Path: "/usr/bin/h", Args: []string{"h", "x"}}}}
	rec.Mountinfo += "171 141 0:6 /nvidia0 /dev/nvidia0 rw,relatime - devtmpfs devtmpfs rw\n"
	change(c, &rec.Mountinfo)
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	in := context(t, engine, "hardened", plan)
	oci, notes, err := observe.OCI(b, in)
	if err != nil {
		t.Fatal(err)
	}
	kernel, err := observe.Kernel(rec, in)
	if err != nil {
		t.Fatal(err)
	}
	for _, rung := range []*container.Spec{oci, kernel} {
		for _, d := range container.Diff(plan, rung) {
			notes = append(notes, fmt.Sprintf("%s: %v, not %v (%s)", d.Path, d.Got, d.Planned, d.Evidence))
		}
	}
	return plan, notes
}

// What a device brings is held against what the configuration and the kernel show: less,
// more and another are differences.
func TestInjected(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c *specs.Spec, mountinfo *string)
		says   []string
	}{
		"as planned":                       {func(*specs.Spec, *string) {}, nil},
		"no rules, as they have no effect": {func(c *specs.Spec, _ *string) { c.Linux.Resources.Devices = nil }, nil},
		"another number":                   {func(c *specs.Spec, _ *string) { c.Linux.Devices[0].Minor = 1 }, []string{"device_node[/dev/nvidia0]: c 195:1 rw"}},
		"more rights":                      {func(c *specs.Spec, _ *string) { c.Linux.Resources.Devices[0].Access = "rwm" }, []string{"device_node[/dev/nvidia0]: c 195:0 rwm"}},
		"no node in the configuration":     {func(c *specs.Spec, _ *string) { c.Linux.Devices = nil }, []string{"device_node[/dev/nvidia0]: <nil>"}},
		"no node in the kernel": {func(_ *specs.Spec, m *string) { *m = strings.Replace(*m, "/nvidia0", "/gone", 2) },
			[]string{"device_node[/dev/nvidia0]: <nil>", "device: [/dev/gone v.example/gpu=0]"}},
		"another node under its name": {func(_ *specs.Spec, m *string) { *m = strings.Replace(*m, " /nvidia0", " /sda", 1) },
			[]string{"device: [/dev/sda:/dev/nvidia0 v.example/gpu=0]"}},
		"another node beside": {func(c *specs.Spec, _ *string) {
			c.Linux.Devices = append(c.Linux.Devices, specs.LinuxDevice{Path: "/dev/sda"})
		}, []string{"device: [v.example/gpu=0 /dev/sda]"}},
		"another hook":      {func(c *specs.Spec, _ *string) { c.Hooks.CreateContainer[0].Path = "/tmp/h" }, []string{"hook[createContainer 1]: /tmp/h x"}},
		"other words of it": {func(c *specs.Spec, _ *string) { c.Hooks.CreateContainer[0].Args = []string{"h", "y"} }, []string{"hook[createContainer 1]: /usr/bin/h y"}},
		"variables for it":  {func(c *specs.Spec, _ *string) { c.Hooks.CreateContainer[0].Env = []string{"LD_PRELOAD=/x"} }, []string{"hook[createContainer 1]"}},
		"at another moment": {func(c *specs.Spec, _ *string) {
			c.Hooks.Poststop, c.Hooks.CreateContainer = c.Hooks.CreateContainer, nil
		}, []string{"hook poststop /usr/bin/h", "hook[createContainer 1]: <nil>"}},
		"one more behind it": {func(c *specs.Spec, _ *string) {
			c.Hooks.CreateContainer = append(c.Hooks.CreateContainer, specs.Hook{Path: "/tmp/h"})
		}, []string{"hook createContainer /tmp/h"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := withDevice(t, c.change)
			got := strings.Join(found, "\n")
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not among\n%s", want, got)
				}
			}
			if (len(c.says) == 0) != (got == "") {
				t.Errorf("found %q", found)
			}
		})
	}
}

// runc's own record of the hooks is held against the same plan.
func TestRuncHooks(t *testing.T) {
	plan, _ := withDevice(t, func(*specs.Spec, *string) {})
	for hooks, want := range map[string]string{
		`{"createContainer":[{"path":"/usr/bin/h","args":["h","x"],"env":null,"dir":"","timeout":null}],"prestart":null}`: "",
		`{"createContainer":[{"path":"/usr/bin/h","args":["h","y"]}]}`:                                                    "hook[createContainer 1]",
		`{"prestart":[{"path":"/x"}],"createContainer":[{"path":"/usr/bin/h","args":["h","x"]}]}`:                         "hook prestart /x",
	} {
		in := observe.Context{Planned: plan, ID: "1"}
		s, notes, err := observe.Runc([]byte(`{"id":"1","config":{"hooks":`+hooks+`}}`), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range container.Diff(plan, s) {
			if d.Path.Key == "hook" {
				notes = append(notes, d.Path.String())
			}
		}
		if got := strings.Join(notes, "\n"); got != want {
			t.Errorf("%s: %q, want %q", hooks, got, want)
		}
	}
}
