package report

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Run is a launch as its report tells of it.
type Run struct {
	Name, Profile string
	Stack         string // that it is a member of; "" none
	Image         string // reference
	ImageID       string
	UID           int // the caller's, on the host
	Proved        []observe.Proved
	Unproved      []observe.Unproved
	Waivers       []audit.Waiver
	Notes         []string // what stands against the run and no control judges, each with its next step
	Effective     *container.Spec
	URLs          []record.URL
}

// Text writes the report: what runs, as whom, what was proved, what was waived,
// what could not be proved, who else can reach it, and what to type next.
func (r Run) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{means: true}, {wraps: true}}}
	line := func(name, text string) {
		if text != "" {
			t.add(name, text)
		}
	}
	line("run", r.Name+", profile "+r.Profile)
	line("image", strings.TrimSuffix(r.Image+", id "+shortID(r.ImageID), ", id "))
	line("identity", identity(r.Effective, r.UID))
	line("proved", provedBefore(r.Proved))
	for _, u := range grouped(r.Unproved) {
		line("unproved", u)
	}
	for _, l := range waiverLines(r.Waivers) {
		line("waived", l)
	}
	for _, n := range r.Notes {
		line("note", n)
	}
	line("reach", reach(r.Effective))
	for _, u := range r.URLs {
		line("url", u.URL+" ("+u.Name+")")
	}
	next := "zlaunch stop " + r.Name
	if r.Stack != "" {
		next = "zlaunch down " + r.Stack
	}
	line("next", "zlaunch logs -f "+r.Name+"; "+next)
	return t.write(w, on)
}

func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	return id[:min(12, len(id))]
}

// identity says who the workload is on the host: "uid 1000 in the container =
// you, uid 1001".
func identity(s *container.Spec, caller int) string {
	m, _, ok := container.UidMap.Get(s)
	in, out, split := strings.Cut(m, "=")
	if !ok || !split {
		user, _, known := container.User.Get(s)
		if !known {
			return ""
		}
		return "uid:gid " + user + " in the container; its uid on the host is not known here"
	}
	who := "uid " + out
	if out == strconv.Itoa(caller) {
		who = "you, " + who
	}
	return "uid " + in + " in the container = " + who + " on this host"
}

// provedBefore counts by evidence, the strongest first: "41 settings: 18 by the
// kernel, 15 by the OCI configuration".
func provedBefore(in []observe.Proved) string {
	if len(in) == 0 {
		return "nothing: see unproved"
	}
	return fmt.Sprintf("%d settings before the workload ran: %s", len(in), provedBy(in))
}

// provedBy is how many settings each rung shows: "18 by the kernel, 15 by inspection".
func provedBy(in []observe.Proved) string {
	names := map[container.Evidence]string{
		container.Kernel: "by the kernel", container.OCI: "by the OCI configuration",
		container.Inspected: "by inspection", container.Created: "by the create request",
	}
	var parts []string
	for e := container.Kernel; e > container.Planned; e-- {
		n := 0
		for _, p := range in {
			if p.Evidence == e {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, names[e]))
		}
	}
	return strings.Join(parts, ", ")
}

// grouped puts settings with the same reason on one line, in order of the first.
func grouped(in []observe.Unproved) []string {
	var whys []string
	by := map[string][]string{}
	for _, u := range in {
		if !slices.Contains(whys, u.Why) {
			whys = append(whys, u.Why)
		}
		by[u.Why] = append(by[u.Why], u.Setting.String())
	}
	var out []string
	for _, why := range whys {
		out = append(out, strings.TrimSuffix(strings.Join(by[why], ", ")+": "+why, ": "))
	}
	return out
}

// reach says who but the caller can talk to the published ports.
func reach(s *container.Spec) string {
	var loopback, wide []string
	for _, key := range container.Publish.Keys(s) {
		p, _, _ := container.Publish.Get(s, key)
		port := strconv.Itoa(int(p.HostPort))
		if a, err := netip.ParseAddr(p.HostIP); err == nil && a.IsLoopback() {
			loopback = append(loopback, port)
		} else {
			wide = append(wide, port)
		}
	}
	var parts []string
	if len(loopback) > 0 {
		parts = append(parts, "every local user of this host can reach port "+strings.Join(loopback, ", "))
	}
	if len(wide) > 0 {
		parts = append(parts, "everyone whose packets reach this host can reach port "+strings.Join(wide, ", "))
	}
	if len(parts) == 0 {
		return "no port is published"
	}
	return strings.Join(parts, "; ")
}
