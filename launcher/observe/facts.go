package observe

import (
	"fmt"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// DefaultMasks lists the paths that Podman 4.3 to 5.8 masks or makes read-only in
// every container.
func DefaultMasks() []string { return slices.Concat(maskedEverywhere, readOnlyEverywhere) }

// fillOCIFacts sets what an audit wants of the configuration beside the plan's
// rows.
func fillOCIFacts(s *container.Spec, c *specs.Spec) {
	mark := seen(container.OCI)
	missing := []string{}
	for _, p := range maskedEverywhere {
		if !slices.Contains(c.Linux.MaskedPaths, p) {
			missing = append(missing, p)
		}
	}
	for _, p := range readOnlyEverywhere {
		if !slices.Contains(c.Linux.ReadonlyPaths, p) {
			missing = append(missing, p)
		}
	}
	container.MissingMasks.Set(s, missing, mark)
	container.ProcOpts.Set(s, procOpts(c.Mounts), mark)
	container.DeviceCgroupRule.Set(s, deviceRules(c.Linux), mark)
	level, role := labelParts(c.Process.SelinuxLabel)
	if role != "" {
		container.WorkloadLevel.Set(s, level, mark)
		container.WorkloadRole.Set(s, role, mark)
	}
}

// plainNodes are the devices every runtime makes (runtime-spec, config-linux.md).
var plainNodes = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx"}

// procOpts are the options of /proc beside those it always has.
func procOpts(mounts []specs.Mount) string {
	var out []string
	for _, m := range mounts {
		if cleanTarget(m.Destination) != "/proc" || m.Type != "proc" {
			continue
		}
		for _, o := range m.Options {
			if !slices.Contains([]string{"nosuid", "noexec", "nodev", "rw", "private", "rprivate"}, o) {
				out = append(out, o)
			}
		}
	}
	return strings.Join(out, ",")
}

// deviceRules are the rules that allow what no device of the configuration needs,
// as --device-cgroup-rule takes them.
func deviceRules(l *specs.Linux) []string {
	if l.Resources == nil {
		return nil
	}
	number := func(n *int64) string {
		if n == nil || *n < 0 {
			return "*"
		}
		return fmt.Sprint(*n)
	}
	var out []string
	for _, r := range l.Resources.Devices {
		own := slices.ContainsFunc(l.Devices, func(d specs.LinuxDevice) bool {
			return r.Major != nil && r.Minor != nil && d.Major == *r.Major && d.Minor == *r.Minor
		})
		if r.Allow && !own {
			kind := r.Type
			if kind == "" {
				kind = "a"
			}
			out = append(out, fmt.Sprintf("%s %s:%s %s", kind, number(r.Major), number(r.Minor), r.Access))
		}
	}
	return out
}

// labelParts are the level and the "user:role" of an SELinux label.
func labelParts(label string) (level, role string) {
	parts := strings.SplitN(strings.Trim(label, "\x00\n "), ":", 4)
	if len(parts) < 3 {
		return "", ""
	}
	if len(parts) == 4 {
		level = parts[3]
	}
	return level, parts[0] + ":" + parts[1]
}

// fillKernelFacts sets what an audit wants of the kernel's record beside the
// plan's rows.
func fillKernelFacts(s *container.Spec, st *status, rec Record, in *Context) {
	mark := seen(container.Kernel)
	fillUserns(s, rec, in)
	if _, _, known := container.Pid.Get(s); !known && st.nspid > 0 {
		container.Pid.Set(s, map[bool]string{true: "host", false: "private"}[st.nspid == 1], mark)
	}
	level, role := labelParts(rec.AttrCurrent)
	if role != "" {
		container.WorkloadLevel.Set(s, level, mark)
		container.WorkloadRole.Set(s, role, mark)
	}
	if self, err := readStatus(in.Self.Status); err == nil && in.Started {
		// --privileged leaves no filter and everything its caller may hold
		container.Privileged.Set(s, st.seccomp != 2 && self.capabilities&^st.capabilities == 0, mark)
	}
	if rec.MaskPaths != nil {
		fillMissingMasks(s, rec, in)
	}
}

// fillMissingMasks lists the paths the host has and no mask of the container
// covers.
func fillMissingMasks(s *container.Spec, rec Record, in *Context) {
	entries, err := readMountinfo(rec.Mountinfo)
	if err != nil {
		return
	}
	covered := map[string]bool{}
	for _, m := range kernelMounts(entries) {
		covered[m.target] = masked(&m, in) || readOnlyAgain(&m, in)
	}
	granted, _ := planned(in, container.MissingMasks) // a mask that the container made itself it can take away
	missing := []string{}
	for _, p := range rec.MaskPaths {
		if !covered[p] || slices.Contains(granted, p) {
			missing = append(missing, p)
		}
	}
	container.MissingMasks.Set(s, missing, seen(container.Kernel))
}

// fillUserns names the user namespace by whom it gives the caller's id to, in the
// words of --userns; which of nomap and auto it is, the maps do not tell.
func fillUserns(s *container.Spec, rec Record, in *Context) {
	uids, err := readIDMap(rec.UidMap)
	gids, err2 := readIDMap(rec.GidMap)
	self, err3 := readStatus(in.Self.Status)
	if err != nil || err2 != nil || err3 != nil {
		return
	}
	want, _ := planned(in, container.Userns)
	u, here := uids.inner(self.uid)
	g, hereToo := gids.inner(self.gid)
	v := "nomap"
	switch {
	case foreignNamespace(want):
		v = want
	case here && u == 0:
		v = "host"
	case here && hereToo:
		v = fmt.Sprintf("keep-id:uid=%d,gid=%d", u, g)
		if want == "keep-id" && u == self.uid && g == self.gid {
			v = want
		}
	case strings.HasPrefix(want, "auto"):
		v = want
	}
	container.Userns.Set(s, v, seen(container.Kernel))
}
