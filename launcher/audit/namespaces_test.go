package audit_test

import (
	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

var namespaceFixtures = map[string][]fixture{
	"ZL-601": {
		{name: "the host's", change: gives(Pid, "host"), says: "pid must be private, not host"},
		{name: "another container's", change: gives(Pid, "container:x"), says: "pid must be private, not container:x"},
		{name: "by a path", change: gives(Pid, "ns:/proc/1/ns/pid"), says: "pid must be private"},
		{name: "not known", raw: true, change: unknown(Pid), verdict: audit.Open},
	},
	"ZL-602": {
		{name: "the host's", also: []string{"ZL-806"}, change: gives(Ipc, "host"), says: "ipc must be private, not host"},
		{name: "shareable", change: gives(Ipc, "shareable"), says: "shareable lets other containers join"},
		{name: "none", change: gives(Ipc, "none"), verdict: audit.Pass},
	},
	"ZL-603": {
		{name: "the host's", change: gives(Uts, "host"), says: "uts must be private"},
	},
	"ZL-604": {
		{name: "the host's", change: gives(Cgroupns, "host"), says: "cgroupns must be private"},
		{name: "the host's, on cgroup v1", also: []string{"ZL-104"}, change: then(gives(Cgroupns, "host"), gives(CgroupVersion, int64(1))), verdict: audit.NotApplicable},
		{name: "disabled", also: []string{"ZL-104"}, change: gives(Cgroups, "disabled"), says: "cgroups must be enabled"},
		{name: "split, as units have it", change: gives(Cgroups, "split"), verdict: audit.Pass},
		{name: "another's tree", change: gives(CgroupParent, "system.slice"), says: "cgroup_parent must be left away"},
		{name: "the parent is not known", raw: true, change: unknown(CgroupParent), verdict: audit.Open},
	},
	"ZL-605": {
		{name: "a device without a trace in inspect", change: gives(Device, []string{"/dev/fuse"}), says: "device must not hold /dev/fuse"},
		{name: "a disk", change: gives(Device, []string{"/dev/dasda1:/dev/x:r"}), says: "must not hold /dev/dasda1"},
		{name: "as a volume", change: mounting("/dev/sda"), says: "volume must not hold /dev/sda"},
		{name: "all of them", change: gives(Device, []string{"/dev"}), says: "must not hold /dev"},
		{name: "a virtual machine", change: gives(Device, []string{"/dev/kvm"}), verdict: audit.Review},
		{name: "crypto cards of IBM Z", change: gives(Device, []string{"/dev/z90crypt", "/dev/zcrypt", "/dev/nnpa"}), verdict: audit.Review},
		{name: "privileged", also: []string{"ZL-201", "ZL-202", "ZL-203", "ZL-205", "ZL-211"}, change: gives(Privileged, true), says: "privileged must be false"},
		{name: "nothing", change: gives(Device, []string{"/dev/null"}), verdict: audit.Pass},
		{name: "a device of the bus", change: gives(Device, []string{"/dev/vfio/7"}), verdict: audit.Review, says: "as IBM's Spyre is"},
		{name: "accelerators of others", verdict: audit.Pass, change: gives(Device, []string{"/dev/neuron0", "/dev/davinci0", "/dev/davinci_manager", "/dev/devmm_svm",
			"/dev/hisi_hdc", "/dev/accel/accel0", "/dev/accel0", "/dev/hl0", "/dev/nvidia-caps/nvidia-cap1", "/dev/dri/card0"})},
		{name: "one accelerator", change: gives(Device, []string{"nvidia.com/gpu=0", "/dev/dri/renderD128"}), verdict: audit.Pass},
		{name: "a disk that a specification brings", change: func(s *Spec) { DeviceNodeAt.Set(s, "/dev/sda", DeviceNode{Type: "b", Major: 8}, by) }, says: "device_node must not hold /dev/sda"},
		{name: "what it brings is an accelerator", change: then(gives(Device, []string{"v.example/other=0"}), func(s *Spec) {
			DeviceNodeAt.Set(s, "/dev/nvidia0", DeviceNode{Type: "c", Major: 195}, by)
			DeviceNodeAt.SetComplete(s, by)
		}), verdict: audit.Pass},
		{name: "a name of no specification", verdict: audit.Review, change: then(gives(Device, []string{"x=y"}), func(s *Spec) { DeviceNodeAt.SetComplete(s, by) })},
		{name: "what it brings is not known", change: gives(Device, []string{"v.example/other=0"}), verdict: audit.Review},
		{name: "not known", also: []string{"ZL-606"}, raw: true, change: unknown(Device), verdict: audit.Open},
	},
	"ZL-606": {
		{name: "all", change: gives(Gpus, []string{"all"}), says: "gpus must name one"},
		{name: "all, by CDI", change: gives(Device, []string{"nvidia.com/gpu=all"}), says: "not nvidia.com/gpu=all"},
		{name: "the whole directory", change: gives(Device, []string{"/dev/dri"}), says: "not /dev/dri"},
		{name: "one", change: gives(Gpus, []string{"device=0"}), verdict: audit.Pass},
		{name: "AMD's, all", change: gives(Device, []string{"/dev/kfd", "/dev/dri"}), says: "not /dev/dri"},
		{name: "AMD's, none named", change: gives(Device, []string{"/dev/kfd"}), says: "as /dev/dri/renderD128"},
		{name: "AMD's, one", change: gives(Device, []string{"/dev/kfd", "/dev/dri/renderD128"}), verdict: audit.Pass},
	},
	"ZL-607": {
		{name: "a class", change: gives(DeviceCgroupRule, []string{"c *:* rwm"}), says: "device_cgroup_rule must be empty"},
	},
	"ZL-608": {
		{name: "always", also: []string{"ZL-814"}, change: gives(Systemd, "always"), says: `systemd must be "false"`},
		{name: "the default", change: gives(Systemd, "true"), says: "waits for systemd"},
		{name: "descriptors", change: gives(PreserveFds, int64(2)), says: "preserve_fds must be 0"},
		{name: "with its reason", also: []string{"ZL-814"}, verdict: audit.Pass, change: func(s *Spec) { Systemd.Set(s, "always", Mark{Evidence: Planned, Why: "it is the image's init"}) }},
	},
	"ZL-609": {
		{name: "in a pod that was read", change: then(gives(Pod, "web"), gives(PodKnown, true)), verdict: audit.Pass},
		{name: "not known", raw: true, change: unknown(Pod), verdict: audit.Open},
	},
}
