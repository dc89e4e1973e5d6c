package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// critical are the dangerous capabilities that reach the host by themselves.
var critical = []string{"all", "bpf", "dac_read_search", "sys_admin", "sys_module", "sys_rawio"}

// dangerousCaps are those that are a known route to the host or to other
// processes (controls reference, ZL-204). dac_override is for a person to judge:
// the engines grant it by default.
var dangerousCaps = append([]string{"audit_control", "checkpoint_restore", "dac_override", "mac_admin", "mac_override", "mknod", "net_admin",
	"perfmon", "setfcap", "sys_boot", "sys_ptrace", "sys_time", "syslog"}, critical...)

// defaultCaps are what an engine grants without being asked: Docker's set, which
// holds Podman's (containers.conf, dockerd 28).
var defaultCaps = []string{"audit_write", "chown", "dac_override", "fowner", "fsetid", "kill", "mknod", "net_bind_service", "net_raw", "setfcap",
	"setgid", "setpcap", "setuid", "sys_chroot"}

// capNames writes names as the spec does: "CAP_NET_RAW" and "net_raw" are one.
func capNames(in []string) []string {
	out := make([]string, 0, len(in))
	for _, c := range in {
		c = strings.ToLower(strings.TrimSpace(c))
		if c != "cap_all" { // no capability, and not all of them: the engines refuse it
			c = strings.TrimPrefix(c, "cap_")
		}
		out = append(out, c)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// added are the capabilities that --cap-add names.
func added(k *Case) (caps []string, known bool) {
	v, _, known := container.CapAdd.Get(k.Spec)
	return capNames(v), known
}

// bounding is the bounding set, or what is known of it: "all" for the whole.
func bounding(k *Case) (caps []string, known bool) {
	v, _, known := container.Capabilities.Get(k.Spec)
	return capNames(v), known
}

// decided is the place that made the bounding set what it is: the option, unless
// it was observed.
func decided(k *Case, option container.Row) container.Path {
	if m, ok := k.Spec.MarkOf(at(container.Capabilities)); ok && m.Evidence > container.Created {
		return at(container.Capabilities)
	}
	if peek(k, container.Privileged) {
		return at(container.Privileged)
	}
	return at(option)
}

// judgeBoundingSet looks at the bounding set alone: the options say too little,
// and of a process that is not root the effective set is empty in any case.
func judgeBoundingSet(k *Case) {
	caps, ok := bounding(k)
	if !ok {
		k.Open(at(container.Capabilities), "the bounding set is not known: it depends on the engine's default; --cap-drop=all makes it certain")
		return
	}
	add, _ := added(k)
	left := slices.DeleteFunc(caps, func(c string) bool { return c != "all" && (c == "net_bind_service" || slices.Contains(add, c)) })
	p := decided(k, container.CapDrop)
	switch {
	case len(left) == 0:
	case p.Key == container.Privileged.Key():
		k.Fail(p, "privileged must be false: it keeps all capabilities, whatever cap_drop says")
	case slices.Contains(left, "all"):
		k.Fail(p, `cap_drop must be ["all"] and cap_add must not hold "all"`)
	default:
		k.Fail(p, `cap_drop must be ["all"]: %d capabilities are left, %s`, len(left), few(left))
	}
}

// few lists the first of many.
func few(in []string) string {
	const most = 5
	if len(in) > most {
		return strings.Join(in[:most], ", ") + ", …"
	}
	return strings.Join(in, ", ")
}

// judgeDangerous judges what was added; of an observed set, what no engine grants
// by itself.
func judgeDangerous(k *Case) {
	add, addKnown := added(k)
	set, setKnown := bounding(k)
	if !addKnown && !setKnown {
		k.Open(at(container.Capabilities), "neither the added capabilities nor the bounding set is known")
		return
	}
	if peek(k, container.Privileged) {
		set = nil // judged as a whole by ZL-201
	}
	p := at(container.CapAdd)
	found := slices.DeleteFunc(add, harmlessCap)
	if len(found) == 0 {
		p = decided(k, container.CapAdd)
		found = slices.DeleteFunc(set, func(c string) bool { return harmlessCap(c) || slices.Contains(defaultCaps, c) })
	}
	severity := High
	if slices.ContainsFunc(found, func(c string) bool { return slices.Contains(critical, c) }) {
		severity = Critical
	}
	switch {
	case len(found) == 1 && found[0] == "dac_override":
		k.Review(p, "cap_add holds dac_override, which passes by the permissions of every file the container can reach: is it needed?")
	case len(found) > 0:
		k.FailAs(severity, p, "cap_add must not hold %s", few(found))
	}
}

func harmlessCap(c string) bool { return !slices.Contains(dangerousCaps, c) }

func judgeNetRaw(k *Case) {
	caps, ok := bounding(k)
	add, _ := added(k)
	switch {
	case !ok && slices.Contains(add, "net_raw"):
		k.Fail(at(container.CapAdd), "cap_add must not hold net_raw")
	case !ok:
		k.Open(at(container.Capabilities), "whether the bounding set holds net_raw is not known: it depends on the engine's default")
	case slices.Contains(add, "net_raw") || slices.Contains(add, "all"):
		k.Fail(decided(k, container.CapAdd), "cap_add must not bring net_raw")
	case slices.Contains(caps, "net_raw") || slices.Contains(caps, "all"):
		k.Fail(decided(k, container.CapDrop), "net_raw must be dropped: it is in the bounding set without being asked for")
	}
}

// judgeAdded allows no capability: what is needed is waived with its reason.
func judgeAdded(k *Case) {
	add, known := added(k)
	set, setKnown := bounding(k)
	switch {
	case len(add) > 0:
		k.Fail(at(container.CapAdd), "cap_add must be empty, it holds %s", few(add))
	case known:
	case !setKnown:
		k.Open(at(container.CapAdd), "the added capabilities are not known")
	case !peek(k, container.Privileged):
		beyond := slices.DeleteFunc(set, func(c string) bool { return slices.Contains(defaultCaps, c) })
		if len(beyond) > 0 {
			k.Fail(at(container.Capabilities), "no capability must be added, the process has %s", few(beyond))
		}
	}
}

func dropAll(s *container.Spec, p container.Path) {
	if p.Key == container.Privileged.Key() {
		container.Privileged.Set(s, false, mended)
	}
	container.CapDrop.Set(s, []string{"all"}, mended)
	keepAdded(s, func(c string) bool { return c != "all" && c != "net_raw" })
}

func withoutDangerous(s *container.Spec, _ container.Path) { keepAdded(s, harmlessCap) }

// keepAdded leaves in --cap-add what keep allows.
func keepAdded(s *container.Spec, keep func(string) bool) {
	if v, _, ok := container.CapAdd.Get(s); ok {
		container.CapAdd.Set(s, slices.DeleteFunc(capNames(v), func(c string) bool { return !keep(c) }), mended)
	}
}
