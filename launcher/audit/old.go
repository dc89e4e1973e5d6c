package audit

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// old adapts a judge of one obligation.
func old(judge func(*container.Spec) string) func(*Case) {
	return func(k *Case) {
		if o := judge(k.Spec); o != "" {
			k.Fail(at(k.control.Reads[0]), "%s", o)
		}
	}
}

func oldClaims[T comparable](row container.Field[T], want T, obligation string) func(*container.Spec) string {
	return func(s *container.Spec) string {
		if v, _, ok := row.Get(s); ok && v == want {
			return ""
		}
		return obligation
	}
}

// not is a judge that forbids values of one row; an unknown row passes.
func not(row container.Field[string], obligation string, forbidden ...string) func(*container.Spec) string {
	return func(s *container.Spec) string {
		if v, _, _ := row.Get(s); slices.Contains(forbidden, v) {
			return obligation
		}
		return ""
	}
}

// private is a judge that allows a namespace of the container's own, in the words
// that mean one, and nothing else.
func private(row container.Field[string], obligation string, words ...string) func(*container.Spec) string {
	return func(s *container.Spec) string {
		if v, _, ok := row.Get(s); !ok || v == "private" || slices.Contains(words, v) {
			return ""
		}
		return obligation
	}
}

// positive is a judge that demands a limit.
func positive[T int64 | float64](row container.Field[T], obligation string) func(*container.Spec) string {
	return func(s *container.Spec) string {
		if v, _, ok := row.Get(s); ok && v > 0 {
			return ""
		}
		return obligation
	}
}

func capDropAll(s *container.Spec) string {
	drop, _, _ := container.CapDrop.Get(s)
	if slices.ContainsFunc(drop, func(c string) bool { return strings.EqualFold(c, "all") }) {
		return ""
	}
	return `cap_drop must be ["all"]`
}

// dangerous are the capabilities each of which is a known route to the host or
// to other processes (controls reference, ZL-204).
var dangerous = []string{"all", "audit_control", "bpf", "checkpoint_restore", "dac_override", "dac_read_search",
	"mac_admin", "mac_override", "mknod", "net_admin", "perfmon", "setfcap", "sys_admin", "sys_boot", "sys_module",
	"sys_ptrace", "sys_rawio", "sys_time", "syslog"}

func noDangerousCap(s *container.Spec) string {
	add, _, _ := container.CapAdd.Get(s)
	for _, c := range add {
		if slices.Contains(dangerous, strings.TrimPrefix(strings.ToLower(c), "cap_")) {
			return fmt.Sprintf("cap_add must not hold %q", c)
		}
	}
	return ""
}

func noAddedCap(s *container.Spec) string {
	add, _, _ := container.CapAdd.Get(s)
	if len(add) == 0 {
		return ""
	}
	return fmt.Sprintf("cap_add must be empty, it holds %q", add)
}

func nonRoot(s *container.Spec) string {
	user, _, ok := container.User.Get(s)
	uid, _, _ := strings.Cut(user, ":")
	if ok && (uid == "0" || uid == "root" || uid == "") {
		return `user must not be root: name the image's own user, as "1000:1000"`
	}
	return ""
}

func pinnedUserns(s *container.Spec) string {
	userns, _, ok := container.Userns.Get(s)
	user, _, _ := container.User.Get(s)
	if !ok || strings.HasPrefix(userns, "keep-id:uid=") || userns == "nomap" || strings.HasPrefix(userns, "auto") {
		return ""
	}
	if strings.HasPrefix(user, "0:") || user == "0" {
		return "" // judged as root
	}
	return `userns must pin the image's user: keep-id:uid=UID,gid=GID`
}

func noKeepGroups(s *container.Spec) string {
	groups, _, _ := container.GroupAdd.Get(s)
	if slices.Contains(groups, "keep-groups") {
		return "group_add must not hold keep-groups"
	}
	return ""
}

func labelled(s *container.Spec) string {
	opts, _, _ := container.SecurityLabel.Get(s)
	for _, o := range opts {
		if o != "type:container_t" {
			return fmt.Sprintf("security_label must not be %q", o)
		}
	}
	return ""
}

func masksKept(s *container.Spec) string {
	if paths, _, _ := container.Unmask.Get(s); len(paths) > 0 {
		return fmt.Sprintf("unmask must be empty, it holds %q", paths)
	}
	return ""
}

func noDevices(s *container.Spec) string {
	if d, _, _ := container.Device.Get(s); len(d) > 0 {
		return fmt.Sprintf("device must be empty, it holds %q", d)
	}
	return ""
}

func loopbackPorts(s *container.Spec) string {
	for _, k := range container.Publish.Keys(s) {
		p, _, _ := container.Publish.Get(s, k)
		if a, err := netip.ParseAddr(p.HostIP); err != nil || !a.IsLoopback() {
			return fmt.Sprintf("publish %s must name the loopback address, as 127.0.0.1:%d", k, p.HostPort)
		}
	}
	return ""
}

func namedNetwork(s *container.Spec) string {
	nets, _, _ := container.Network.Get(s)
	for _, n := range nets {
		mode, _, _ := strings.Cut(n, ":")
		if slices.Contains([]string{"bridge", "default", "private", "slirp4netns", "pasta"}, mode) {
			return fmt.Sprintf("network must be a named one or none, not %q", n)
		}
	}
	return ""
}

func ownNetwork(s *container.Spec) string {
	nets, _, _ := container.Network.Get(s)
	for _, n := range nets {
		if mode, _, _ := strings.Cut(n, ":"); mode == "host" || mode == "container" || mode == "ns" {
			return fmt.Sprintf("network must not be %q", n)
		}
	}
	return ""
}

func tmpfsBounded(s *container.Spec) string {
	for _, at := range container.TmpfsAt.Keys(s) {
		t, m, _ := container.TmpfsAt.Get(s, at)
		if t.Size <= 0 {
			return fmt.Sprintf("tmpfs %s must have a size", at)
		}
		if t.Exec && m.Why == "" {
			return fmt.Sprintf("tmpfs %s is executable: give its why", at)
		}
	}
	return ""
}

func volumesReadOnly(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if !v.ReadOnly && m.Why == "" && !hostMade(m) {
			return fmt.Sprintf("volume %s must be read-only, or say why it is written", at)
		}
	}
	return ""
}

func volumesInert(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if !hostMade(m) && (!v.NoSuid || !v.NoDev) {
			return fmt.Sprintf("volume %s must be nosuid,nodev", at)
		}
	}
	return ""
}

func volumesLabelled(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if !hostMade(m) && strings.HasPrefix(v.Source, "/") && v.Relabel == "" && !v.Labelled {
			return fmt.Sprintf("volume %s must carry z or Z", at)
		}
	}
	return ""
}

// sensitive are host trees whose content gives persistence or escape, and the
// directories that hold engine sockets (controls reference, ZL-102 and ZL-506).
var sensitive = []string{"/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/dev", "/proc", "/sys", "/root",
	"/run", "/var/run", "/var/lib/containers", "/var/lib/docker"}

func noSensitivePath(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		src := path.Clean(v.Source)
		if hostMade(m) || !strings.HasPrefix(src, "/") {
			continue
		}
		if src == "/" || src == "/home" || src == "/var" || strings.HasSuffix(src, ".sock") || beneathAny(src, sensitive) {
			return fmt.Sprintf("volume %s must not come from %s", at, src)
		}
	}
	return ""
}

func noShadowing(s *container.Spec) string {
	system := []string{"/usr", "/lib", "/lib64", "/etc", "/bin", "/sbin", "/proc", "/sys", "/dev"}
	for _, at := range append(container.VolumeAt.Keys(s), container.TmpfsAt.Keys(s)...) {
		if at != "/dev/shm" && (at == "/" || beneathAny(at, system)) {
			return fmt.Sprintf("the mount at %s must not cover a system path of the image", at)
		}
	}
	return ""
}

func beneathAny(p string, roots []string) bool {
	for _, r := range roots {
		if p == r || strings.HasPrefix(p, r+"/") {
			return true
		}
	}
	return false
}
