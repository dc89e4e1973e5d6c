package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of the control group.

var ownCgroup = &Control{
	ID: "ZL-604", Name: "own-cgroup", Severity: Medium,
	Title:  "Own cgroup, own cgroup namespace",
	Why:    "without a control group no limit holds; the host's namespace shows the host's tree",
	Fix:    "leave --cgroups, --cgroupns and --cgroup-parent away",
	Breaks: "monitors that read the whole tree",
	Refs:   []string{"IBM L100", "CIS 5.25", "CWE-770"},
	Reads:  []container.Row{container.Cgroupns, container.Cgroups, container.CgroupParent},
	Judge:  judgeOwnCgroup,
	Mend:   mendOwnCgroup,
}

// judgeOwnCgroup judges the control group itself and what is seen of the tree.
func judgeOwnCgroup(k *Case) {
	if mode, ok := read(k, container.Cgroups); ok && mode == "disabled" {
		k.Fail(at(container.Cgroups), "cgroups must be enabled: without a control group no limit holds")
	}
	if dir, m, ok := container.CgroupParent.Get(k.Spec); !ok {
		k.Open(at(container.CgroupParent), "%s is not known", container.CgroupParent.Key())
	} else if dir != "" && m.Why == "" {
		k.Fail(at(container.CgroupParent), "cgroup_parent must be left away, or say why it is %s", dir)
	}
	ns, m, ok := container.Cgroupns.Get(k.Spec)
	version, _, known := container.CgroupVersion.Get(k.Spec)
	switch {
	case !ok:
		k.Open(at(container.Cgroupns), "%s is not known", container.Cgroupns.Key())
	case version == 1 && k.silent():
		k.NA("on cgroup v1 the namespace is always the host's")
	case version == 1 || ns == "private" || ns == "":
	case !known && m.Evidence >= container.Inspected:
		k.Open(at(container.CgroupVersion), "whether the host has cgroup v1, where cgroupns is always host, is not known")
	default:
		k.Fail(at(container.Cgroupns), "cgroupns must be private, not %s", ns)
	}
}

func mendOwnCgroup(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.Cgroups.Key():
		container.Cgroups.Set(s, "enabled", mended)
	case container.CgroupParent.Key():
		container.CgroupParent.Set(s, "", mended)
	default:
		container.Cgroupns.Set(s, "private", mended)
	}
}
