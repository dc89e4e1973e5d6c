package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// facts are what a person wants to know first of a host; the home directory is
// written as ~, for reports get pasted in public.
func (e *examination) facts(std *stdio) []report.Fact {
	h := e.host
	var out []report.Fact
	fact := func(name, format string, args ...any) {
		if v := fmt.Sprintf(format, args...); v != "" {
			out = append(out, report.Fact{Name: name, Value: v})
		}
	}
	fact("platform", "%s/%s", h.OS, h.Arch)
	fact("caller", "uid %d, gid %d", h.UID, h.GID)
	fact("sub-ids", "%d uids, %d gids", h.SubUIDs.Count(), h.SubGIDs.Count())
	fact("cgroups", "%s", cgroups(h.Cgroup))
	fact("selinux", "%s", h.SELinux.Mode)
	fact("apparmor", "%s", enabled(h.AppArmor))
	fact("nnpa", "%s", nnpa(h))
	for _, a := range accelerators(h, e.engine.Version) {
		fact("accelerator", "%s", a)
	}
	if e.engine.Version != "" {
		fact("engine", "podman %s, rootless %s, runtime %s, cgroup manager %s", e.engine.Version, strconv.FormatBool(e.engine.Rootless), e.engine.Runtime, e.engine.CgroupManager)
		fact("storage", "%s at %s", e.engine.GraphDriver, std.tilde(e.engine.GraphRoot))
	}
	if len(e.controls) > 0 {
		fact("controls held", "%s", e.passed())
	}
	for _, m := range h.Mounts {
		fact("host adds", "mount %s at %s (%s)", m.Source, m.Target, m.File)
	}
	return out
}

func enabled(on bool) string {
	if on {
		return "enabled"
	}
	return "not enabled"
}

func cgroups(c host.Cgroup) string {
	if c.Version == host.CgroupUnknown {
		return "not known"
	}
	delegated := "no controller is yours to limit with"
	if len(c.Controllers) > 0 {
		delegated = "yours: " + strings.Join(c.Controllers, " ")
	}
	return string(c.Version) + ", " + delegated
}

func nnpa(h *host.Facts) string {
	out := string(h.NNPA.State)
	if h.NNPA.Machine != "" {
		out += ", machine type " + h.NNPA.Machine
	}
	if h.NNPA.Family != "" {
		out += ", " + h.NNPA.Family
	}
	return out
}
