package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of capabilities. They judge what the options come to; one option alone proves
// nothing.

var CapDropAll = &Control{
	ID: "ZL-203", Name: "cap-drop-all", Title: "All capabilities are dropped", Severity: High,
	Why:    "a bug in the server cannot become raw sockets, chown, setuid or file-permission bypass",
	Fix:    "--cap-drop=all",
	Breaks: "entrypoints that chown or change the user: start as the final user; a compile job writes to an output directory of its own",
	Refs: []string{"OWASP #3", "CIS 5.4", "PSS restricted", "KSV-0003", "KSV-0106", "CKV_K8S_37", "CKV_K8S_28", "kubesec CapDropAll",
		"NIST 4.4.3", "CWE-250", "IBM L146-148", "IBM L244-248"},
	Reads: []container.Row{container.CapDrop, container.Capabilities},
	Judge: judgeCapDropAll,
	Mend:  dropAll,
}

// judgeCapDropAll looks at the bounding set alone: the options say too little,
// and of a process that is not root the effective set is empty in any case.
func judgeCapDropAll(k *Case) {
	caps, ok := boundingSet(k)
	if !ok {
		k.Open(at(container.Capabilities), "the bounding set is not known: it depends on the engine's default; --cap-drop=all makes it certain")
		return
	}
	add, _ := addedCaps(k)
	left := slices.DeleteFunc(caps, func(c string) bool { return c != "all" && (c == "net_bind_service" || slices.Contains(add, c)) })
	p := decided(k, container.CapDrop)
	switch {
	case len(left) == 0:
	case p.Key == container.Privileged.Key():
		k.Fail(p, "privileged must be false: it keeps all capabilities, whatever cap_drop says")
	case slices.Contains(left, "all"):
		k.Fail(p, `cap_drop must be ["all"] and cap_add must not hold "all"`)
	default:
		k.Fail(p, `cap_drop must be ["all"]: %d capabilities are left, %s`, len(left), firstFew(left))
	}
}

var noDangerousCap = &Control{
	ID: "ZL-204", Name: "no-dangerous-cap", Title: "No dangerous capability is added", Severity: Critical,
	Why:    "each of these is a known route to the host or to other processes",
	Fix:    "leave --cap-add of it away",
	Breaks: "profilers want SYS_PTRACE or PERFMON: give them a profile of their own",
	Refs: []string{"OWASP #3", "CIS 5.4", "PSS baseline", "KSV-0005", "KSV-0022", "KSV-0120", "CKV_K8S_25", "CKV_K8S_39", "kubesec CapSysAdmin",
		"CWE-250", "IBM L146-148"},
	Reads: []container.Row{container.CapAdd},
	Judge: judgeNoDangerousCap,
	Mend:  mendNoDangerousCap,
}

// judgeNoDangerousCap judges what was added; of an observed set, what no engine grants
// by itself.
func judgeNoDangerousCap(k *Case) {
	add, addKnown := addedCaps(k)
	set, setKnown := boundingSet(k)
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
	if slices.ContainsFunc(found, func(c string) bool { return slices.Contains(criticalCaps, c) }) {
		severity = Critical
	}
	switch {
	case len(found) == 1 && found[0] == "dac_override":
		k.Review(p, "cap_add holds dac_override, which passes by the permissions of every file the container can reach: is it needed?")
	case len(found) > 0:
		k.FailAs(severity, p, "cap_add must not hold %s", firstFew(found))
	}
}

func harmlessCap(c string) bool { return !slices.Contains(dangerousCaps, c) }

// dangerousCaps are those that are a known route to the host or to other
// processes (ZL-204). dac_override is for a person to judge:
// the engines grant it by default.
var dangerousCaps = append([]string{"audit_control", "checkpoint_restore", "dac_override", "mac_admin", "mac_override", "mknod", "net_admin",
	"perfmon", "setfcap", "sys_boot", "sys_ptrace", "sys_time", "syslog"}, criticalCaps...)

// criticalCaps are the dangerous capabilities that reach the host by themselves.
var criticalCaps = []string{"all", "bpf", "dac_read_search", "sys_admin", "sys_module", "sys_rawio"}

func mendNoDangerousCap(s *container.Spec, _ container.Path) { keepAdded(s, harmlessCap) }

// keepAdded leaves in --cap-add what keep allows.
func keepAdded(s *container.Spec, keep func(string) bool) {
	if v, _, ok := container.CapAdd.Get(s); ok {
		container.CapAdd.Set(s, slices.DeleteFunc(capNames(v), func(c string) bool { return !keep(c) }), mended)
	}
}

var noNetRaw = &Control{
	ID: "ZL-205", Name: "no-net-raw", Title: "NET_RAW is absent", Severity: Medium,
	Why:    "raw sockets forge ARP and DNS answers inside a shared network",
	Fix:    "--cap-drop=all; docker and Podman before 4.4 grant it by default",
	Breaks: "ping in a health check: ask the port instead",
	Refs:   []string{"PSS baseline", "KSV-0119", "CKV_K8S_28", "CIS 5.4", "CWE-250", "IBM L146-148"},
	Reads:  []container.Row{container.Capabilities},
	Judge:  judgeNoNetRaw,
	Mend:   dropAll,
}

func judgeNoNetRaw(k *Case) {
	caps, ok := boundingSet(k)
	add, _ := addedCaps(k)
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

var noAddedCap = &Control{
	ID: "ZL-206", Name: "no-added-cap", Title: "No capability is added", Severity: Medium,
	Why:    "least privilege is written down, not accumulated: the list of added capabilities is empty unless a waiver says why",
	Fix:    "leave --cap-add away, or waive this control with the reason",
	Breaks: "a container port below 1024 needs --sysctl net.ipv4.ip_unprivileged_port_start=0, no capability",
	Refs:   []string{"OWASP #3", "CIS 5.4", "PSS restricted", "KSV-0106", "CWE-250", "IBM L146-148"},
	Reads:  []container.Row{container.CapAdd},
	Judge:  judgeNoAddedCap,
	Mend:   set(container.CapAdd, nil),
}

// judgeNoAddedCap allows no capability: what is needed is waived with its reason.
func judgeNoAddedCap(k *Case) {
	add, known := addedCaps(k)
	set, setKnown := boundingSet(k)
	switch {
	case len(add) > 0:
		k.Fail(at(container.CapAdd), "cap_add must be empty, it holds %s", firstFew(add))
	case known:
	case !setKnown:
		k.Open(at(container.CapAdd), "the added capabilities are not known")
	case !peek(k, container.Privileged):
		beyond := slices.DeleteFunc(set, func(c string) bool { return slices.Contains(defaultCaps, c) })
		if len(beyond) > 0 {
			k.Fail(at(container.Capabilities), "no capability must be added, the process has %s", firstFew(beyond))
		}
	}
}

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

// addedCaps are the capabilities that --cap-add names.
func addedCaps(k *Case) (caps []string, known bool) {
	v, _, known := container.CapAdd.Get(k.Spec)
	return capNames(v), known
}

// boundingSet is the bounding set, or what is known of it: "all" for the whole.
func boundingSet(k *Case) (caps []string, known bool) {
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

// defaultCaps are what an engine grants without being asked: Docker's set, which
// holds Podman's (containers.conf, dockerd 28).
var defaultCaps = []string{"audit_write", "chown", "dac_override", "fowner", "fsetid", "kill", "mknod", "net_bind_service", "net_raw", "setfcap",
	"setgid", "setpcap", "setuid", "sys_chroot"}

func dropAll(s *container.Spec, p container.Path) {
	if p.Key == container.Privileged.Key() {
		container.Privileged.Set(s, false, mended)
	}
	container.CapDrop.Set(s, []string{"all"}, mended)
	keepAdded(s, func(c string) bool { return c != "all" && c != "net_raw" })
}
