package observe

import (
	"errors"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/mountinfo"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// Kernel reads the kernel's record of a container's process at
// [container.Kernel]. A container that is initialised and not started shows its
// final capabilities, no_new_privs, ids, mounts and namespaces already, under
// runc and crun alike; the seccomp filter only under runc (see [Context]).
//
// Status, UidMap, GidMap and Mountinfo must be there; of an empty other text
// nothing is concluded. A mount below a planned one is an element of its own, and
// so is a bind whose file system the host does not know.
func Kernel(rec Record, in Context) (*container.Spec, error) {
	st, err := readStatus(rec.Status)
	if err != nil {
		return nil, err
	}
	entries, err := readMountinfo(rec.Mountinfo)
	if err != nil {
		return nil, err
	}
	with, err := in.with(joinedNow(rec, in.Self))
	if err != nil {
		return nil, err
	}
	if err := bounded("limits and id maps", len(rec.Limits)+len(rec.UidMap)+len(rec.GidMap), maxText); err != nil {
		return nil, err
	}
	s := &container.Spec{}
	container.Capabilities.Set(s, names(st.capabilities), seen(container.Kernel))
	container.NoNewPrivileges.Set(s, st.noNewPrivs, seen(container.Kernel))
	if err := fillIdentity(s, st, rec, with); err != nil {
		return nil, err
	}
	if err := fillRoot(s, entries); err != nil {
		return nil, err
	}
	fillSeccomp(s, st, with)
	mounts := kernelMounts(entries)
	if in.Audit || !in.Started { // root of the container may change them once it runs
		withModes(mounts, rec.TmpfsModes)
	}
	fillMounts(s, mounts, with, container.Kernel)
	fillNamespaces(s, rec, with)
	fillLabel(s, rec, with)
	fillLimits(s, rec.Limits, with)
	fillCgroup(s, rec, with)
	if in.Started && rec.Stray != "" { // before, it is the runtime that has what it needs
		seesHost(s, container.Mark{Evidence: container.Kernel, By: rec.Stray})
	}
	if in.Started && rec.HostSockets > 0 {
		container.PreserveFds.Set(s, int64(rec.HostSockets), seen(container.Kernel))
	}
	if in.Audit {
		fillKernelFacts(s, st, rec, with)
	}
	return s, nil
}

// seesHost says what holds for a process that is not kept to the container's mounts.
func seesHost(s *container.Spec, m container.Mark) {
	container.VolumeAt.Set(s, "/", container.Volume{Source: "/"}, m)
}

// fillSeccomp marks the row only where there is no filter: the kernel does not
// tell what a filter holds. Until the start, crun's own process has none.
func fillSeccomp(s *container.Spec, st *status, in *Context) {
	if st.seccomp == 0 && (in.Started || st.name != "crun") {
		container.SeccompFilter.Set(s, seccomp.None, seen(container.Kernel))
	}
}

// fillRoot sets read_only from the last mount on "/".
func fillRoot(s *container.Spec, entries []mountinfo.Mount) error {
	for _, e := range slices.Backward(entries) {
		if e.Target == "/" {
			container.ReadOnly.Set(s, e.ReadOnly(), seen(container.Kernel))
			return nil
		}
	}
	return errors.New("reading mountinfo: no root")
}

// kernelMounts keeps of several mounts at one target the last, which covers the
// others.
func kernelMounts(entries []mountinfo.Mount) []mount {
	var out []mount
	at := map[string]int{}
	for _, e := range entries {
		m := kernelMount(e)
		if i, again := at[m.target]; again {
			m.again = true
			out[i] = m
			continue
		}
		at[m.target] = len(out)
		out = append(out, m)
	}
	return out
}

func kernelMount(e mountinfo.Mount) mount {
	has := func(o string) bool { return slices.Contains(e.Options, o) }
	m := mount{target: e.Target, fstype: e.FSType, root: e.Root, dev: e.Dev, tags: e.Tags, opts: container.Volume{
		ReadOnly: e.ReadOnly(),
		NoSuid:   has("nosuid"),
		NoDev:    has("nodev"),
		NoExec:   has("noexec"),
	}}
	if v, ok := option(e.Super, "size"); ok {
		m.size = readSize(v)
	}
	if v, ok := option(e.Super, "mode"); ok {
		m.mode = readMode(v)
	}
	return m
}

// kernelNames are the names of /proc/PID/ns for podman's options.
var kernelNames = map[string]string{"ipc": "ipc", "pid": "pid", "uts": "uts", "cgroupns": "cgroup", "network": "net"}

// joinedNow tells which namespaces the process shares with the observer.
func joinedNow(rec, self Record) map[string]bool {
	out := map[string]bool{}
	for option, name := range kernelNames {
		out[option] = rec.Namespaces[name] != "" && rec.Namespaces[name] == self.Namespaces[name]
	}
	return out
}

// fillNamespaces sets "host" or "private"; which foreign namespace it is, where
// it is one, the kernel does not name.
func fillNamespaces(s *container.Spec, rec Record, in *Context) {
	for option, row := range namespaceRows {
		name := kernelNames[option]
		if rec.Namespaces[name] == "" || in.Self.Namespaces[name] == "" {
			continue
		}
		v := "private"
		want, _ := planned(in, row)
		switch {
		case in.joined[option]:
			v = "host"
		case want == "shareable" || want == "none":
			v = want
		case in.Audit && foreignNamespace(want):
			v = want
		}
		row.Set(s, v, seen(container.Kernel))
	}
	if in.joined["network"] {
		container.Network.Set(s, []string{"host"}, seen(container.Kernel))
	}
}

// fillLabel sets the SELinux type: before the start that of the coming execve,
// which is how an initialised container shows it, else the present one. Where not
// even the observer has a label there is no SELinux. A process that was given no
// label shows the one of whoever started it, unconfined_t or spc_t: that is none
// of its own.
func fillLabel(s *container.Spec, rec Record, in *Context) {
	label := rec.AttrCurrent
	if !in.Started && labelType(rec.AttrExec) != "" {
		label = rec.AttrExec
	}
	if label == "" && (in.Self.Status == "" || in.Self.AttrCurrent != "") {
		return
	}
	kind := labelType(label)
	level, _ := labelParts(label)
	if given, known := planned(in, container.ProcessLabel); known && given == "" && !strings.Contains(level, ",") {
		kind = ""
	}
	container.ProcessLabel.Set(s, kind, seen(container.Kernel))
}
