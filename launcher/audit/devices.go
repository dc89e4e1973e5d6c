package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of devices of the host.

var noDevices = &Control{
	ID: "ZL-605", Name: "no-devices", Severity: High,
	Title:  "No host devices",
	Why:    "raw devices pass by every file check",
	Fix:    "leave --device away; on Z the accelerator is an instruction and needs none",
	Breaks: "graphics processors: name one of them by CDI, --device vendor.com/gpu=0",
	Refs: []string{"IBM L146-148", "CIS 5.18", "PSS baseline", "systemd DeviceAllow=", "systemd PrivateDevices=", "NIST 3.4.3",
		"CWE-668"},
	Reads: []container.Row{container.Device, container.DeviceNodeAt, container.VolumeAt, container.Privileged},
	Judge: judgeNoDevices,
	Mend:  mendNoDevices,
}

func judgeNoDevices(k *Case) {
	if peek(k, container.Privileged) {
		k.Fail(at(container.Privileged), "privileged must be false: it brings the host's devices in")
	}
	devices(k, func(d *device) {
		switch {
		case d.cdi() && resolved(k): // its nodes are judged as themselves
		case d.cdi() && !d.accelerates():
			k.Review(d.at, "what the specification of %s brings in, devices, mounts and hooks, is for a person to say", d.said)
		case d.cdi() || matches(accelerators, d.path) || slices.Contains(plainDevices, d.path):
		case matches(deadlyDevices, d.path) || d.path == "/dev":
			k.FailAs(Critical, d.at, "%s must not hold %s", d.at.Key, d.said)
		case matches(virtualDevices, d.path):
			k.Review(d.at, "whether %s may have %s is for a person to say", d.at, d.said)
		default:
			k.Fail(d.at, "%s must not hold %s", d.at.Key, d.said)
		}
	})
}

// cdi tells a device that is named as "vendor.com/class=name" (Container Device
// Interface) and no path.
func (d *device) cdi() bool { return !strings.HasPrefix(d.path, "/") && strings.Contains(d.path, "=") }

// accelerates tells a device that is named by CDI as an accelerator.
func (d *device) accelerates() bool {
	kind, _, _ := strings.Cut(d.path, "=")
	_, class, _ := strings.Cut(kind, "/")
	return slices.Contains(acceleratorClasses, class)
}

// acceleratorClasses are classes of the Container Device Interface that vendors of
// accelerators use.
var acceleratorClasses = []string{"gpu", "gpus", "mig", "accel", "accelerator", "npu", "hpu", "tpu", "gaudi", "neuron"}

func matches(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(q string) bool {
		ok, _ := path.Match(q, p)
		return ok
	})
}

// accelerators are judged by ZL-606 alone, each as a single node.
var accelerators = []string{"/dev/dri/renderD*", "/dev/kfd", "/dev/nvidia*", "/dev/accel/*", "/dev/infiniband/*"}

// plainDevices are in every container anyway (runtime-spec, config-linux.md).
var plainDevices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx"}

// deadlyDevices are memory, disks, kernel interfaces and, on Z, the hypervisor's
// console (controls reference, ZL-605), as patterns of path.Match.
var deadlyDevices = []string{"/dev/mem", "/dev/kmem", "/dev/port", "/dev/sd*", "/dev/hd*", "/dev/vd*", "/dev/xvd*", "/dev/nvme*", "/dev/mmcblk*",
	"/dev/dm-*", "/dev/mapper", "/dev/mapper/*", "/dev/md*", "/dev/loop*", "/dev/sg*", "/dev/disk", "/dev/disk/*", "/dev/disk/*/*", "/dev/block", "/dev/block/*",
	"/dev/dasd*", "/dev/scm*", "/dev/vmcp", "/dev/fuse", "/dev/net", "/dev/net/tun", "/dev/uinput", "/dev/uhid", "/dev/input", "/dev/input/*"}

// virtualDevices give a machine or a bus of its own, or a share in the crypto cards
// and the accelerator of IBM Z; whether it may, a person says.
var virtualDevices = []string{"/dev/vfio", "/dev/vfio/*", "/dev/kvm", "/dev/vhost-*", "/dev/zcrypt", "/dev/z90crypt", "/dev/nnpa"}

// mendNoDevices takes away what failed.
func mendNoDevices(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.Privileged.Key():
		container.Privileged.Set(s, false, mended)
	case container.Device.Key():
		container.Device.Set(s, nil, mended)
	case container.DeviceNodeAt.Key():
		leaveBrought(s)
	case container.VolumeAt.Key():
		container.VolumeAt.Delete(s, p.Elem)
	}
}

var noDeviceRules = &Control{
	ID: "ZL-607", Name: "no-device-rules", Severity: Medium,
	Title:  "No device cgroup rules",
	Why:    "a rule opens a whole class of devices, by numbers nobody reads",
	Fix:    "leave --device-cgroup-rule away and name the device",
	Breaks: "devices that appear later are not there",
	Refs:   []string{"CIS 5.18"},
	Reads:  []container.Row{container.DeviceCgroupRule},
	Judge:  empty(container.DeviceCgroupRule, "device_cgroup_rule must be empty"),
	Mend:   set(container.DeviceCgroupRule, nil),
}

var acceleratorsScoped = &Control{
	ID: "ZL-606", Name: "accelerators-scoped", Severity: Low,
	Title:  "Accelerators are scoped",
	Why:    "all accelerators at once share the memory of other tenants' devices",
	Fix:    "--device vendor.com/gpu=INDEX or its uuid, --gpus device=0",
	Breaks: "hosts with a single accelerator lose nothing; others must choose one",
	Refs:   []string{"CIS 5.18", "CWE-668"},
	Reads:  []container.Row{container.Gpus, container.Device, container.VolumeAt},
	Judge:  judgeAcceleratorsScoped,
}

// judgeAcceleratorsScoped demands that one accelerator is named, not all there are.
func judgeAcceleratorsScoped(k *Case) {
	if gpus, ok := read(k, container.Gpus); ok {
		for _, g := range gpus {
			if _, value, _ := strings.Cut(g, "="); g == "all" || value == "all" || slices.Contains(strings.Split(g, ","), "count=-1") {
				k.Fail(at(container.Gpus), "gpus must name one by its index or uuid, not %s", g)
			}
		}
	}
	devices(k, func(d *device) {
		all := d.cdi() && strings.HasSuffix(d.path, "=all")
		if all || d.path == "/dev/dri" || d.path == "/dev/kfd" || d.path == "/dev/accel" {
			k.Fail(d.at, "%s must name one accelerator, not %s", d.at.Key, d.said)
		}
	})
}

// device is one device of the host in a container, whatever option brought it.
type device struct {
	at   container.Path
	said string
	path string // clean; of a device named by CDI its name
}

// devices calls f for every device, those among the mounts included.
func devices(k *Case, f func(d *device)) {
	if list, ok := read(k, container.Device); ok {
		for _, said := range list {
			name, _, _ := strings.Cut(strings.TrimPrefix(said, "-"), ":")
			if strings.HasPrefix(name, "/") {
				name = path.Clean(name)
			}
			f(&device{at(container.Device), said, name})
		}
	}
	broughtNodes(k, f)
	everyMount(k, func(m *mount) {
		if s := deviceOf(m); s != nil {
			f(&device{m.at, s.said, s.path})
		}
	})
}

// deviceOf is the source of a mount that is a device; nil where none is. Sockets and
// shared memory in /dev are none, and all of /dev is ZL-506.
func deviceOf(m *mount) *source {
	for i := range m.sources {
		s := &m.sources[i]
		_, socket := reachesSocket(s.path)
		if _, r := hostPlaces.find(s.path); strings.HasPrefix(s.path, "/dev/") && r <= above && !socket {
			return s
		}
	}
	return nil
}
