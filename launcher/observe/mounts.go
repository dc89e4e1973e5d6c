package observe

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// mount is one mount of a container, from the OCI configuration or the kernel.
type mount struct {
	target string
	fstype string   // "bind" in the OCI configuration where the kernel shows the real one
	root   string   // the directory of the file system; the OCI configuration's source
	source string   // the host's path of a bind, "" where there is none
	dev    string   // major:minor; "" in the OCI configuration
	tags   []string // how it propagates, as mountinfo or the OCI configuration says
	opts   container.Volume
	size   int64  // of a tmpfs; 0 is none given
	mode   uint32 // of a tmpfs; 0 is none given
	again  bool   // it covers another at the same target
}

// MountsConf is the source of a volume that Podman copied from the host because
// of an entry in mounts.conf: the copy's path has the container's id and cannot
// be planned.
const MountsConf = "mounts.conf"

// fillMounts sets tmpfs, volume, device and shm_size from the mounts of a
// container, of which the first three are then complete.
func fillMounts(s *container.Spec, mounts []mount, in *Context, e container.Evidence) {
	devices := []string{}
	for _, m := range mounts {
		switch {
		case isShm(&m, in):
			if m.dev != "" || m.size > 0 {
				container.ShmSize.Set(s, m.size, seen(e))
			}
		case isEngines(&m, in), cameAlong(&m, in):
		case isTmpfs(&m, in):
			container.TmpfsAt.Set(s, m.target, m.tmpfs(in), seen(e))
		case isDevice(&m, in):
			if n, ok := boundNode(&m, in); ok {
				container.DeviceNodeAt.Set(s, m.target, n, seen(e))
				continue
			}
			devices = append(devices, m.device())
		default:
			container.VolumeAt.Set(s, m.target, m.volume(in), seen(e))
		}
	}
	container.TmpfsAt.SetComplete(s, seen(e))
	container.VolumeAt.SetComplete(s, seen(e))
	container.Device.Set(s, likePlanned(devices, in), seen(e))
	if injects(in) {
		container.DeviceNodeAt.SetComplete(s, seen(e))
	}
}

// isTmpfs tells a tmpfs of the container's own from a bind of one of the host's.
// Only one that is nosuid and nodev can be written as --tmpfs in a Spec; any
// other is listed as a volume.
func isTmpfs(m *mount, in *Context) bool {
	if in.Audit {
		return m.fstype == "tmpfs" && (m.dev == "" || m.root == "/" && !in.host().known(m.dev))
	}
	return m.fstype == "tmpfs" && m.opts.NoSuid && m.opts.NoDev && !m.opts.ReadOnly &&
		(m.dev == "" || m.root == "/" && !in.host().known(m.dev))
}

// tmpfs gives the mount's options. Mode 1777 is tmpfs's own default, which the
// kernel does not print, and 0 in a plan leaves the mode to the runtime.
func (m *mount) tmpfs(in *Context) container.Tmpfs {
	t := container.Tmpfs{Size: m.size, Mode: m.mode, Exec: !m.opts.NoExec, Suid: !m.opts.NoSuid, Dev: !m.opts.NoDev, ReadOnly: m.opts.ReadOnly}
	want, known := plannedAt(in, container.TmpfsAt, m.target)
	if m.dev == "" {
		return t
	}
	if !known {
		if t.Mode == 0o1777 {
			t.Mode = 0
		}
		return t
	}
	if want.Mode == 0 || want.Mode == 0o1777 && t.Mode == 0 || narrower(t.Mode, want.Mode) {
		t.Mode = want.Mode
	}
	if sameSize(want.Size, t.Size) {
		t.Size = want.Size
	}
	return t
}

// volume gives the mount's source and options as a plan would write them.
func (m *mount) volume(in *Context) container.Volume {
	v := m.opts
	v.Source = m.hostSource(in)
	m.inherit(&v, in)
	if name, ok := userdata(m, in); ok && "/"+name == m.target {
		v.Source = MountsConf
	}
	v.Source = volumeName(v.Source, in)
	if in.Audit {
		v.Propagation = propagation(m.tags)
		m.overlaid(&v, in)
	}
	return v
}

// propagation is podman's word for what mountinfo's tags or the OCI options say;
// "" is rprivate.
func propagation(tags []string) string {
	for _, t := range tags {
		switch kind, _, _ := strings.Cut(t, ":"); kind {
		case "shared", "rshared":
			return "rshared"
		case "master", "slave", "rslave":
			return "rslave"
		case "unbindable", "runbindable":
			return "unbindable"
		}
	}
	return ""
}

// overlaid tells a mount with O: the kernel and the configuration show the
// overlay, and only the words of the command its lower tree.
func (m *mount) overlaid(v *container.Volume, in *Context) {
	if m.fstype != "overlay" {
		return
	}
	v.Overlay = true
	if want, ok := plannedAt(in, container.VolumeAt, m.target); ok && want.Overlay {
		v.Source, v.Upper = want.Source, want.Upper
	}
}

// hostSource is the host's path of what is mounted, the planned one where it has
// several; else the type of file system, or its number and the path in it.
func (m *mount) hostSource(in *Context) string {
	if m.source != "" {
		return m.source
	}
	names := in.host().paths(m.dev, m.root)
	want, _ := plannedAt(in, container.VolumeAt, m.target)
	switch {
	case slices.Contains(names, want.Source):
		return want.Source
	case len(names) > 0:
		return names[0]
	case m.fstype == "tmpfs" || m.fstype == "overlay":
		return m.fstype
	}
	return m.dev + ":" + m.root
}

// inherit takes away options that the host's own mount of the source has and the
// plan does not ask for: a bind cannot drop them, so they say nothing of it.
func (m *mount) inherit(v *container.Volume, in *Context) {
	want, known := plannedAt(in, container.VolumeAt, m.target)
	from, ok := in.host().covering(v.Source)
	if !known || !ok {
		return
	}
	has := func(o string) bool { return slices.Contains(from.Options, o) }
	v.NoSuid = v.NoSuid && (want.NoSuid || !has("nosuid"))
	v.NoDev = v.NoDev && (want.NoDev || !has("nodev"))
	v.NoExec = v.NoExec && (want.NoExec || !has("noexec"))
}

func volumeName(source string, in *Context) string {
	for _, dir := range in.VolumeDirs {
		if rest, ok := strings.CutPrefix(source, path.Clean(dir)+"/"); ok {
			if name, ok := strings.CutSuffix(rest, "/_data"); ok && !strings.Contains(name, "/") {
				return name
			}
		}
	}
	return source
}

// sameSize tells whether got is want rounded to pages, at most 64 KiB large.
func sameSize(want, got int64) bool {
	const page = 64 << 10
	diff := got - want
	return diff == 0 || got%4096 == 0 && want > 0 && -page < diff && diff < page
}

// readSize reads a size with the suffixes tmpfs knows. A percentage or anything
// else it cannot read gives -1, which no plan has.
func readSize(s string) int64 {
	shift := 0
	for i, unit := range []string{"k", "m", "g", "t"} {
		if t, ok := strings.CutSuffix(strings.ToLower(s), unit); ok {
			s, shift = t, 10*(i+1)
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > (1<<62)>>shift {
		return -1
	}
	return n << shift
}

func readMode(s string) uint32 {
	n, err := strconv.ParseUint(s, 8, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
