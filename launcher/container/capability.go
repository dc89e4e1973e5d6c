package container

import (
	"slices"
	"strings"
)

// Capabilities of the kernel by number (linux/capability.h), as a spec names them.
var kernelCapabilities = strings.Fields(`chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap
	linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot
	sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write
	audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf
	checkpoint_restore`)

// CapabilityName is the name of a capability by its number; "" of one newer than these.
func CapabilityName(number int) string {
	if number < 0 || number >= len(kernelCapabilities) {
		return ""
	}
	return kernelCapabilities[number]
}

// IsCapability tells whether an engine knows the name, written as in [Spec.CapDrop]: a
// capability, or all of them.
func IsCapability(name string) bool {
	return name == "all" || slices.Contains(kernelCapabilities, name)
}
