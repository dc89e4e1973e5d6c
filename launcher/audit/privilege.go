package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

var privilege = []*Control{
	{ID: "ZL-201", Name: "not-privileged", Severity: Critical, Why: "one word adds all capabilities and switches seccomp, SELinux and the masks off", Refs: []string{"IBM L146-148"}, Reads: []container.Row{container.Privileged}, Judge: old(func(s *container.Spec) string {
		if v, _, _ := container.Privileged.Get(s); v {
			return "privileged must be false"
		}
		return ""
	})},
	{ID: "ZL-203", Name: "cap-drop-all", Severity: High, Why: "a bug in the server cannot become raw sockets, chown, setuid or file-permission bypass", Refs: []string{"IBM L146-148"}, Reads: []container.Row{container.CapDrop, container.Capabilities}, Judge: old(capDropAll)},
	{ID: "ZL-204", Name: "no-dangerous-cap", Severity: Critical, Why: "each of these is a known route to the host or to other processes", Refs: []string{"IBM L146-148"}, Reads: []container.Row{container.CapAdd}, Judge: old(noDangerousCap)},
	{ID: "ZL-206", Name: "no-added-cap", Severity: Medium, Why: "least privilege is written down, not accumulated", Refs: []string{"IBM L146-148"}, Reads: []container.Row{container.CapAdd}, Judge: old(noAddedCap)},
	{ID: "ZL-207", Name: "no-new-privileges", Severity: High, Why: "setuid binaries and file capabilities cannot raise privilege after start", Refs: []string{"IBM L115-118"}, Reads: []container.Row{container.NoNewPrivileges}, Judge: old(oldClaims(container.NoNewPrivileges, true, "no_new_privileges must be true"))},
	{ID: "ZL-208", Name: "seccomp-on", Severity: Critical, Why: "without the filter every syscall is reachable, those behind most escapes included", Refs: []string{"IBM L104-106"}, Reads: []container.Row{container.SeccompProfile, container.SeccompFilter}, Judge: old(not(container.SeccompProfile, "seccomp_profile must not be unconfined", "unconfined"))},
	{ID: "ZL-211", Name: "masks-kept", Severity: High, Why: "/proc/kcore, /proc/keys, /sys/firmware and their like leak host state", Refs: []string{"IBM L104-106"}, Reads: []container.Row{container.Unmask, container.Mask}, Judge: old(masksKept)},
}
