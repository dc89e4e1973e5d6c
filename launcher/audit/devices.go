package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/cdi"
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
		case cdi.Named(d.path) && resolved(k): // its nodes are judged as themselves; no other word has any
		case d.cdi() && !cdi.Accelerates(d.path):
			k.Review(d.at, "what the specification of %s brings in, devices, mounts and hooks, is for a person to say", d.said)
		case d.ordinary():
		case matches(deadlyDevices, d.path) || d.path == "/dev":
			k.FailAs(Critical, d.at, "%s must not hold %s", d.at.Key, d.said)
		case matches(passedDevices, d.path):
			k.say(Review, Medium, d.at, "%s holds %s, a device of the bus with all of its memory, as IBM's Spyre is: whether it is the one meant is for a person to say",
				d.at.Key, d.said)
		case matches(virtualDevices, d.path):
			k.Review(d.at, "whether %s may have %s is for a person to say", d.at, d.said)
		default:
			k.Fail(d.at, "%s must not hold %s", d.at.Key, d.said)
		}
	})
}

// ordinary tells a device that is none of ZL-605's: one that every container has, and an
// accelerator, or a directory of them, which is ZL-606's.
func (d *device) ordinary() bool {
	return d.cdi() && cdi.Accelerates(d.path) || matches(accelerators, d.path) || slices.Contains(acceleratorDirs, d.path) ||
		slices.Contains(plainDevices, d.path)
}

// cdi tells a device that is named as "vendor.com/class=name" (Container Device
// Interface) and no path.
func (d *device) cdi() bool { return !strings.HasPrefix(d.path, "/") && strings.Contains(d.path, "=") }

func matches(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(q string) bool {
		ok, _ := path.Match(q, p)
		return ok
	})
}

// accelerators are judged by ZL-606 alone, each as a single node: of AMD, Intel and NVIDIA,
// Tegra's included; the kernel's own class and what stood in its place on Google's; of AWS,
// Huawei, Habana, Qualcomm, Tenstorrent, Cambricon, Hailo, Rockchip, Arm and Coral; the
// paravirtual one of WSL. InfiniBand joins them.
var accelerators = strings.Fields(`/dev/dri/renderD* /dev/dri/card* /dev/dri/by-path/* /dev/kfd /dev/nvidia* /dev/nvidia-caps/*
	/dev/nvidia-caps-imex-channels/* /dev/nvhost-* /dev/nvmap /dev/accel/* /dev/accel[0-9]* /dev/neuron[0-9]* /dev/davinci[0-9]* /dev/davinci_manager
	/dev/devmm_svm /dev/hisi_hdc /dev/hl[0-9]* /dev/hl_controlD[0-9]* /dev/qaic_* /dev/tenstorrent/* /dev/cambricon_* /dev/hailo[0-9]* /dev/rknpu*
	/dev/mali[0-9]* /dev/apex_[0-9]* /dev/dxg /dev/infiniband/*`)

// acceleratorDirs hold all accelerators of a kind; that one is to be named is ZL-606's to say.
var acceleratorDirs = []string{"/dev/dri", "/dev/accel", "/dev/tenstorrent", "/dev/infiniband"}

// plainDevices are in every container anyway (runtime-spec, config-linux.md).
var plainDevices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx"}

// deadlyDevices are memory, disks, kernel interfaces and, on Z, the hypervisor's
// console (ZL-605), as patterns of path.Match.
var deadlyDevices = []string{"/dev/mem", "/dev/kmem", "/dev/port", "/dev/sd*", "/dev/hd*", "/dev/vd*", "/dev/xvd*", "/dev/nvme*", "/dev/mmcblk*",
	"/dev/dm-*", "/dev/mapper", "/dev/mapper/*", "/dev/md*", "/dev/loop*", "/dev/sg*", "/dev/disk", "/dev/disk/*", "/dev/disk/*/*", "/dev/block", "/dev/block/*",
	"/dev/dasd*", "/dev/scm*", "/dev/vmcp", "/dev/fuse", "/dev/net", "/dev/net/tun", "/dev/uinput", "/dev/uhid", "/dev/input", "/dev/input/*"}

// passedDevices are groups of devices of the bus, behind the IOMMU, and the node through
// which each is asked for: so Spyre is given to a container. No path tells which device a
// group is.
var passedDevices = []string{"/dev/vfio/vfio", "/dev/vfio/[0-9]*", "/dev/vfio/devices/vfio[0-9]*"}

// virtualDevices give a machine or all of a bus, or a share in the crypto cards
// and the accelerator of IBM Z; whether it may, a person says.
var virtualDevices = []string{"/dev/vfio", "/dev/vfio/*", "/dev/kvm", "/dev/vhost-*", "/dev/zcrypt", "/dev/z90crypt", "/dev/nnpa"}

// mendNoDevices takes away what failed.
func mendNoDevices(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.Privileged.Key():
		container.Privileged.Set(s, false, mended)
	case container.Device.Key():
		list, _, _ := container.Device.Get(s)
		container.Device.Set(s, slices.DeleteFunc(slices.Clone(list), func(said string) bool { return !namedDevice(said).ordinary() }), mended)
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
	one, all := false, false
	devices(k, func(d *device) {
		one = one || matches([]string{"/dev/dri/renderD*"}, d.path)
		if d.cdi() && strings.HasSuffix(d.path, "=all") || slices.Contains(acceleratorDirs, d.path) {
			all = true
			k.Fail(d.at, "%s must name one accelerator, not %s", d.at.Key, d.said)
		}
	})
	devices(k, func(d *device) {
		if d.path == "/dev/kfd" && !one && !all { // which serves those whose own node is there
			k.Fail(d.at, "%s must name one accelerator beside %s, as /dev/dri/renderD128", d.at.Key, d.said)
		}
	})
}

// device is one device of the host in a container, whatever option brought it.
type device struct {
	at   container.Path
	said string
	path string // clean; of a device named by CDI its name
}

// namedDevice reads an entry of --device.
func namedDevice(said string) *device {
	name, _, _ := strings.Cut(strings.TrimPrefix(said, "-"), ":")
	if strings.HasPrefix(name, "/") {
		name = path.Clean(name)
	}
	return &device{at(container.Device), said, name}
}

// devices calls f for every device, those among the mounts included.
func devices(k *Case, f func(d *device)) {
	if list, ok := read(k, container.Device); ok {
		for _, said := range list {
			f(namedDevice(said))
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
