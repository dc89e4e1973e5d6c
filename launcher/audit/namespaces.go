package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

var namespaces = []*Control{
	{ID: "ZL-601", Name: "private-pid", Severity: High, Why: "the host's processes of the same user are seen, signalled and read; SELinux goes off as a side effect", Refs: []string{"IBM L90"}, Reads: []container.Row{container.Pid}, Judge: old(private(container.Pid, "pid must be private"))},
	{ID: "ZL-602", Name: "private-ipc", Severity: Medium, Why: "host shared memory is readable and writable; shareable lets other containers join", Refs: nil, Reads: []container.Row{container.Ipc}, Judge: old(private(container.Ipc, "ipc must be private", "none"))},
	{ID: "ZL-603", Name: "private-uts", Severity: Low, Why: "the host's name is the host's", Refs: nil, Reads: []container.Row{container.Uts}, Judge: old(private(container.Uts, "uts must be private"))},
	{ID: "ZL-604", Name: "own-cgroup", Severity: Medium, Why: "the host's control group tree stays out of sight", Refs: []string{"IBM L100"}, Reads: []container.Row{container.Cgroupns}, Judge: old(private(container.Cgroupns, "cgroupns must be private"))},
	{ID: "ZL-605", Name: "no-devices", Severity: High, Why: "raw devices pass by every file check", Refs: []string{"IBM L146-148"}, Reads: []container.Row{container.Device}, Judge: old(noDevices)},
	{ID: "ZL-608", Name: "no-systemd-mode", Severity: Low, Why: "systemd mode mounts file systems and makes control groups writable", Refs: []string{"IBM L128-129"}, Reads: []container.Row{container.Systemd}, Judge: old(oldClaims(container.Systemd, "false", `systemd must be "false"`))},
}
