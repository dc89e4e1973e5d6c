package command

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// mount is a mount while it is read: the fields of all kinds.
type mount struct {
	kind   string
	source Value
	target string
	volume container.Volume
	tmpfs  container.Tmpfs
	other  bool // an option that no row holds
	why    string
}

func readVolume(r *reader, v Value) {
	parts := v.split(':')
	m := &mount{kind: "volume", source: Value{w: &Word{}}}
	target := parts[0]
	switch len(parts) {
	case 1:
	case 2, 3:
		m.source, target = parts[0], parts[1]
	default:
		r.wrong(PathOf(container.VolumeAt), "%q is not SOURCE:TARGET[:OPTIONS]", v.shown())
		return
	}
	if len(parts) > 1 && m.source.Text == "" {
		m.why = "it has no source"
	}
	if !targeted(r, m, target, container.VolumeAt) {
		return
	}
	if len(parts) == 3 {
		for _, o := range parts[2].split(',') {
			readMountOption(r, m, o)
		}
	}
	putMount(r, m)
}

// targeted takes the target, or leaves the row open where a shell decides it.
func targeted(r *reader, m *mount, target Value, row container.Row) bool {
	if what := target.Open(); what != "" {
		r.leave(PathOf(row), what)
		return false
	}
	m.target = target.Text
	if strings.HasPrefix(m.target, "/") {
		m.target = path.Clean(m.target)
	}
	return true
}

// readMountOption reads one option that --volume, --tmpfs and --mount share.
func readMountOption(r *reader, m *mount, o Value) {
	if what := o.Open(); what != "" {
		r.leave(m.path(), what)
		return
	}
	if key, val, _ := strings.Cut(o.Text, "="); key == "bind-recursive" && val == "writable" {
		r.note(form.Open{At: m.path(), Word: r.word(), Why: r.opt.dashed + ": bind-recursive=writable leaves what is mounted below it writable"})
		return
	}
	if !r.docker && m.maybeWritable(o.Text) {
		m.volume.ReadOnly, m.tmpfs.ReadOnly, m.volume.Misread = false, false, true
		r.note(form.Open{At: m.path(), Word: r.word(), Why: r.opt.dashed + ": not every Podman makes the mount read-only by " + Clip(o.Text)})
		return
	}
	if key, _, _ := strings.Cut(o.Text, "="); slices.Contains(harmless, key) {
		aside(r, m.path(), "the mount option "+Clip(o.Text)+" has no setting")
	}
	if !m.option(o.Text) {
		m.other = true
		r.wrong(m.path(), "zlaunch knows no mount option %q", Clip(o.Text))
	}
}

// maybeWritable tells an option that one Podman takes for read-only and another does
// not: 4.3 reads no value but those of a bind mount, and 5.8 no word but true and false.
func (m *mount) maybeWritable(opt string) bool {
	key, val, has := strings.Cut(opt, "=")
	switch {
	case !has || !slices.Contains([]string{"ro", "readonly", "rw", "readwrite"}, key):
		return false
	case strings.EqualFold(val, "true"):
		return false
	case strings.EqualFold(val, "false"):
		return strings.HasPrefix(key, "rw") && m.kind != "bind"
	}
	return true
}

func (m *mount) path() container.Path {
	if m.kind == "tmpfs" {
		return elem(container.TmpfsAt, m.target)
	}
	return elem(container.VolumeAt, m.target)
}

// idle are options that change nothing: what they say holds by itself, or on a Mac alone.
var idle = []string{"", "rbind", "bind", "copy", "tmpcopyup", "cached", "delegated", "consistent", "consistency"}

// harmless are options that change nothing the audit judges.
var harmless = []string{"nocopy", "notmpcopyup", "idmap", "no-dereference", "subpath", "volume-subpath", "volume-nocopy", "noswap", "nr_inodes", "uid", "gid", "noatime", "relatime", "sync",
	"async", "bind-nonrecursive", "bind-recursive", "bind-create-src", "volume-label", "volume-driver", "huge", "mpol", "bind-create-mountpoint"}

var propagations = []string{"shared", "rshared", "private", "rprivate", "slave", "rslave", "unbindable", "runbindable"}

func (m *mount) option(opt string) bool {
	key, val, has := strings.Cut(opt, "=")
	v, t := &m.volume, &m.tmpfs
	switch key {
	case "ro", "rw", "readonly", "readwrite":
		m.readOnly(key == "ro" || key == "readonly", val, has)
	case "nosuid", "suid":
		v.NoSuid, t.Suid = key == "nosuid", key == "suid"
	case "nodev", "dev":
		v.NoDev, t.Dev = key == "nodev", key == "dev"
	case "noexec", "exec":
		v.NoExec, t.Exec = key == "noexec", key == "exec"
	case "z", "Z":
		v.Relabel = key
	case "U", "chown":
		v.Chown = !has || strings.EqualFold(val, "true") || val == ""
	case "O":
		v.Overlay = true
	case "upperdir":
		v.Upper = val
	case "workdir":
		v.Work = val
	case "size", "tmpfs-size":
		m.size(val)
	case "mode", "tmpfs-mode":
		m.mode(val)
	default:
		if slices.Contains(propagations, key) && !has {
			v.Propagation = propagation(key)
			return true
		}
		return slices.Contains(idle, key) || slices.Contains(harmless, key)
	}
	return true
}

// propagation: rprivate is what a mount has anyway.
func propagation(p string) string {
	if p == "rprivate" {
		return ""
	}
	return p
}

func (m *mount) readOnly(on bool, val string, has bool) {
	if has {
		b, err := strconv.ParseBool(val)
		if err != nil {
			m.why = "it is neither true nor false: " + Clip(val)
		}
		on = on == b
	}
	m.volume.ReadOnly, m.tmpfs.ReadOnly = on, on
}

func (m *mount) size(val string) {
	n, ok := sizeOf(val)
	if !ok && !strings.HasSuffix(val, "%") { // a share of the memory is a bound too, and not known here
		m.why = "size is not a number of bytes: " + Clip(val)
	}
	if !ok {
		n = 0
	}
	m.tmpfs.Size = n
}

func (m *mount) mode(val string) {
	n, err := strconv.ParseUint(val, 8, 12)
	if err != nil {
		m.why = "mode is not octal: " + Clip(val)
	}
	m.tmpfs.Mode = uint32(n)
}

func readTmpfs(r *reader, v Value) {
	target, opts, has := v.Cut(':')
	m := &mount{kind: "tmpfs", tmpfs: newTmpfs(r)}
	if !targeted(r, m, target, container.TmpfsAt) {
		return
	}
	if has {
		opts, _, _ = opts.Cut(':') // Podman drops what follows
		for _, o := range opts.split(',') {
			readMountOption(r, m, o)
		}
	}
	putMount(r, m)
}

// newTmpfs is one without options: Podman's may hold programs, Docker's none.
func newTmpfs(r *reader) container.Tmpfs {
	return container.Tmpfs{Exec: !r.docker}
}

// putMount sets the row. Of two at one target the second counts, though the engine
// would refuse the line.
func putMount(r *reader, m *mount) {
	switch {
	case m.why == "" && m.target == "":
		m.why = "it has no target"
	case m.why == "" && !strings.HasPrefix(m.target, "/"):
		m.why = "the target is no absolute path: " + Clip(m.target)
	}
	if m.why != "" {
		r.wrong(m.path(), "%s", m.why)
	}
	if m.target == "" {
		return
	}
	r.decides(m.path())
	if m.kind == "tmpfs" {
		container.TmpfsAt.Set(r.spec, m.target, m.tmpfs, r.mark)
		return
	}
	m.volume.Source, m.volume.Open = m.source.Text, m.source.home()
	if what := m.source.Open(); what != "" {
		m.volume.Open = true
		if !m.source.spelledOut() {
			r.leave(m.path(), what)
		}
	}
	m.volume.Spelled = m.volume.Open && !m.source.moved()
	container.VolumeAt.Set(r.spec, m.target, m.volume, r.mark)
}
