package podmanrun

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// mount is a mount while it is read: the fields of all kinds.
type mount struct {
	kind, source, target string
	volume               container.Volume
	tmpfs                container.Tmpfs
}

// set takes one option that --volume, --tmpfs and --mount share. nosuid and
// nodev always hold for a tmpfs.
func (m *mount) set(opt string) error {
	switch opt {
	case "ro", "rw":
		m.volume.ReadOnly = opt == "ro"
	case "nosuid", "suid":
		m.volume.NoSuid = opt == "nosuid"
	case "nodev", "dev":
		m.volume.NoDev = opt == "nodev"
	case "noexec", "exec":
		m.volume.NoExec, m.tmpfs.Exec = opt == "noexec", opt == "exec"
	case "z", "Z":
		m.volume.Relabel = opt
	case "rbind", "rprivate": // what Podman does anyway
	default:
		return fmt.Errorf("zlaunch has no setting for the mount option %q", opt)
	}
	return nil
}

func readVolume(r *reading, v string) error {
	m := mount{kind: "volume"}
	parts := strings.Split(v, ":")
	switch len(parts) {
	case 1:
		m.target = parts[0]
	case 2, 3:
		m.source, m.target = parts[0], parts[1]
	default:
		return fmt.Errorf("%q is not SOURCE:TARGET[:OPTIONS]; with a colon in a path write --mount", v)
	}
	if len(parts) > 1 && m.source == "" {
		return fmt.Errorf("%q has no source", v)
	}
	if len(parts) == 3 {
		for _, o := range strings.Split(parts[2], ",") {
			if err := m.set(o); err != nil {
				return err
			}
		}
	}
	return m.into(r)
}

func readTmpfs(r *reading, v string) error {
	target, opts, has := strings.Cut(v, ":")
	m := mount{kind: "tmpfs", target: target}
	m.tmpfs.Exec = true // Podman's default for a tmpfs
	if !has {
		return m.into(r)
	}
	for _, o := range strings.Split(opts, ",") {
		if err := m.setTmpfs(o); err != nil {
			return err
		}
	}
	return m.into(r)
}

func (m *mount) setTmpfs(opt string) error {
	key, val, _ := strings.Cut(opt, "=")
	switch key {
	case "ro", "suid", "dev", "z", "Z", "rbind":
		return fmt.Errorf("zlaunch has no setting for %q of a tmpfs", opt)
	case "size":
		n, err := bytes(val)
		m.tmpfs.Size = n
		return err
	case "mode":
		n, err := strconv.ParseUint(val, 8, 12)
		if err != nil {
			return fmt.Errorf("mode %q is not octal", val)
		}
		m.tmpfs.Mode = uint32(n)
		return nil
	case "tmpcopyup": // what Podman does anyway
		return nil
	}
	return m.set(opt)
}

// readMount reads --mount into the row of its type.
func readMount(r *reading, v string) error {
	fields, err := splitCSV(v)
	if err != nil {
		return err
	}
	m := mount{}
	m.tmpfs.Exec = true
	for _, f := range fields {
		if t, ok := strings.CutPrefix(f, "type="); ok {
			m.kind = t
		}
	}
	if m.kind != "bind" && m.kind != "volume" && m.kind != "tmpfs" {
		return fmt.Errorf("type %q is not bind, volume or tmpfs", m.kind)
	}
	for _, f := range fields {
		if err := m.setField(f); err != nil {
			return err
		}
	}
	if m.kind == "bind" && m.source == "" {
		m.source = m.target // as Podman does
	}
	return m.into(r)
}

func (m *mount) setField(field string) error {
	key, val, has := strings.Cut(field, "=")
	if has && val == "" {
		return fmt.Errorf("%q has no value", key)
	}
	switch key {
	case "type":
	case "src", "source":
		m.source = val
	case "dst", "dest", "destination", "target":
		m.target = val
	case "ro", "readonly", "rw":
		return m.setReadOnly(key != "rw", val, has)
	case "relabel":
		long := map[string]string{"shared": "z", "private": "Z"}[val]
		if long == "" {
			return fmt.Errorf("relabel %q is neither shared nor private", val)
		}
		m.volume.Relabel = long
	case "tmpfs-size", "tmpfs-mode":
		return m.setTmpfs(strings.TrimPrefix(field, "tmpfs-"))
	default:
		if m.kind == "tmpfs" {
			return m.setTmpfs(field)
		}
		return m.set(field)
	}
	return nil
}

func (m *mount) setReadOnly(readOnly bool, val string, has bool) error {
	on := true
	if has {
		var err error
		if on, err = strconv.ParseBool(val); err != nil {
			return fmt.Errorf("%q is neither true nor false", val)
		}
	}
	m.volume.ReadOnly = readOnly == on
	if m.kind == "tmpfs" && m.volume.ReadOnly {
		return fmt.Errorf("zlaunch has no setting for a read-only tmpfs")
	}
	return nil
}

// into sets the row, once for each target.
func (m *mount) into(r *reading) error {
	if m.target == "" {
		return fmt.Errorf("the mount has no target")
	}
	_, _, tmpfs := container.TmpfsAt.Get(r.spec, m.target)
	_, _, volume := container.VolumeAt.Get(r.spec, m.target)
	if tmpfs || volume {
		return fmt.Errorf("two mounts at %q", m.target)
	}
	if m.kind == "tmpfs" {
		if m.source != "" {
			return fmt.Errorf("a tmpfs has no source")
		}
		container.TmpfsAt.Set(r.spec, m.target, m.tmpfs, r.mark)
		return nil
	}
	m.volume.Source = m.source
	container.VolumeAt.Set(r.spec, m.target, m.volume, r.mark)
	return nil
}
