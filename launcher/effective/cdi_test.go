package effective_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/cdi"
	. "github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

// What a device brings replaces its like, says which file and device brought it, and is
// all there is.
func TestInject(t *testing.T) {
	s, seconds := &Spec{}, 5
	Env.Set(s, "SEEN", "mine", by)
	Device.Set(s, []string{"v.example/gpu=0"}, by)
	e := effective.Of(s, effective.Defaults{Devices: []cdi.Part{
		{File: "/etc/cdi/v.json", By: "v.example/gpu", Edits: cdi.Edits{
			Env:   []string{"SEEN=void", "MORE=a=b"},
			Hooks: []cdi.Hook{{Stage: "createContainer", Path: "/usr/bin/h", Args: []string{"h", "1"}, Timeout: &seconds}},
		}},
		{File: "/etc/cdi/v.json", By: "v.example/gpu=0", Edits: cdi.Edits{
			Nodes:  []cdi.Node{{Path: "/dev/v0", Type: "c", Major: 195}},
			Mounts: []cdi.Mount{{HostPath: "/usr/lib/v.so", ContainerPath: "/lib/v.so", Options: []string{"ro", "nosuid", "nodev", "bind"}}},
			Hooks:  []cdi.Hook{{Stage: "createContainer", Path: "/usr/bin/h", Args: []string{"h", "2"}}},
		}},
	}})
	seen, m, _ := Env.Get(e, "SEEN")
	if more, _, _ := Env.Get(e, "MORE"); seen != "void" || more != "a=b" || !m.Brought() || len(m.Origin) != 2 || m.Origin[0].String() != "/etc/cdi/v.json: v.example/gpu" {
		t.Errorf("SEEN=%s (%v) MORE=%s", seen, m.Origin, more)
	}
	if n, m, _ := DeviceNodeAt.Get(e, "/dev/v0"); n.String() != "c 195:0 rwm" || m.Origin[0].Key != "v.example/gpu=0" {
		t.Errorf("%s, %v", n, m.Origin)
	}
	if v, _, _ := VolumeAt.Get(e, "/lib/v.so"); v != (Volume{Source: "/usr/lib/v.so", ReadOnly: true, NoSuid: true, NoDev: true}) {
		t.Errorf("%+v", v)
	}
	one, _, _ := HookAt.Get(e, "createContainer 1")
	two, _, _ := HookAt.Get(e, "createContainer 2")
	if one.String() != "/usr/bin/h 1" || one.Timeout != 5 || two.String() != "/usr/bin/h 2" {
		t.Errorf("%+v, %+v", one, two)
	}
	if !DeviceNodeAt.Complete(e) || !HookAt.Complete(e) {
		t.Error("there may be more")
	}
	if DeviceNodeAt.Complete(effective.Complete(s, effective.Engine{})) {
		t.Error("what a name brings is known without its specification")
	}
}
