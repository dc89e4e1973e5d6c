package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

var mac = []*Control{
	{ID: "ZL-401", Name: "selinux-on", Severity: Critical, Why: "the wall that still stands when namespaces, capabilities or the runtime fail", Refs: []string{"IBM L94-98"}, Reads: []container.Row{container.SecurityLabel, container.ProcessLabel}, Judge: old(labelled)},
	{ID: "ZL-407", Name: "apparmor-kept", Severity: High, Why: "AppArmor confines where it applies; rootless Podman cannot ask for a profile", Refs: []string{"IBM L94-98"}, Reads: []container.Row{container.Apparmor}, Judge: old(not(container.Apparmor, "apparmor_profile must not be unconfined", "unconfined"))},
}
