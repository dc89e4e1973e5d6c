package podmanrun

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// TmpfsOptions are the mount options of a tmpfs, in the order in which every
// form of a run states them.
func TmpfsOptions(t container.Tmpfs) []string {
	opts := []string{"rw", "nosuid", "nodev", "noexec"}
	for i, o := range []struct {
		on   bool
		name string
	}{{t.ReadOnly, "ro"}, {t.Suid, "suid"}, {t.Dev, "dev"}, {t.Exec, "exec"}} {
		if o.on {
			opts[i] = o.name
		}
	}
	if t.Size > 0 {
		opts = append(opts, "size="+strconv.FormatInt(t.Size, 10))
	}
	if t.Mode != 0 {
		opts = append(opts, fmt.Sprintf("mode=%04o", t.Mode))
	}
	return opts
}

// VolumeOptions are the mount options of a volume, in order. An anonymous volume
// has none.
func VolumeOptions(v container.Volume) []string {
	if v.Source == "" {
		return nil
	}
	opts := []string{"rw"}
	if v.ReadOnly {
		opts[0] = "ro"
	}
	if v.Relabel != "" {
		opts = append(opts, v.Relabel)
	}
	for _, o := range []struct {
		set  bool
		name string
	}{{v.NoSuid, "nosuid"}, {v.NoDev, "nodev"}, {v.NoExec, "noexec"}} {
		if o.set {
			opts = append(opts, o.name)
		}
	}
	return opts
}

// Bind tells whether v is a bind of a host path, not a named or anonymous volume.
func Bind(v container.Volume) bool { return strings.HasPrefix(v.Source, "/") }

const shmTarget = "/dev/shm"

// Shm returns the tmpfs that has to stand at /dev/shm beside shm_size, if any.
// Podman 5 mounts its own /dev/shm read-only once the root file system is
// read-only without Podman's implicit tmpfs (libpod, container_internal_common.go,
// measured on 5.4.2); Podman 4.3 leaves it writable. Both put a tmpfs that was
// asked for in its place, and --shm-size stays for podman-inspect(1) to tell.
func Shm(s *container.Spec) (container.Tmpfs, bool) {
	n, _, known := container.ShmSize.Get(s)
	readOnly, _, _ := container.ReadOnly.Get(s)
	implicit, _, stated := container.ReadOnlyTmpfs.Get(s)
	ipc, _, _ := container.Ipc.Get(s)
	own := ipc == "" || ipc == "private" || ipc == "shareable"
	if !known || !readOnly || !stated || implicit || !own {
		return container.Tmpfs{}, false
	}
	return container.Tmpfs{Size: n, Mode: 0o1777}, true
}

func writeShmSize(s *container.Spec) []string {
	out := known(container.ShmSize, func(n int64) []string {
		return []string{option("shm-size", strconv.FormatInt(n, 10)+"b")}
	})(s)
	if t, ok := Shm(s); ok {
		out = append(out, tmpfsArg(shmTarget, t))
	}
	return out
}

func writeTmpfs(s *container.Spec) []string { return elements(container.TmpfsAt, tmpfsArg)(s) }

// tmpfsArg uses --mount where a colon in the target would end it in --tmpfs.
func tmpfsArg(target string, t container.Tmpfs) string {
	opts := TmpfsOptions(t)
	if !strings.Contains(target, ":") {
		return option("tmpfs", target+":"+strings.Join(opts, ","))
	}
	fields := []string{"type=tmpfs", "dst=" + target}
	for _, o := range opts {
		if strings.HasPrefix(o, "size=") || strings.HasPrefix(o, "mode=") {
			o = "tmpfs-" + o
		}
		fields = append(fields, o)
	}
	return mountArg(fields)
}

func writeVolumes(s *container.Spec) []string { return elements(container.VolumeAt, volumeArg)(s) }

func volumeArg(target string, v container.Volume) string {
	opts := VolumeOptions(v)
	if !strings.Contains(v.Source+target, ":") {
		if v.Source == "" {
			return option("volume", target)
		}
		return option("volume", v.Source+":"+target+":"+strings.Join(opts, ","))
	}
	fields := []string{"type=volume"}
	if Bind(v) {
		fields[0] = "type=bind"
	}
	if v.Source != "" {
		fields = append(fields, "src="+v.Source)
	}
	fields = append(fields, "dst="+target)
	for _, o := range opts {
		fields = append(fields, longRelabel(o))
	}
	return mountArg(fields)
}

// longRelabel: Podman 4.3 knows only this spelling in --mount.
func longRelabel(opt string) string {
	switch opt {
	case "z":
		return "relabel=shared"
	case "Z":
		return "relabel=private"
	}
	return opt
}

func mountArg(fields []string) string { return option("mount", MountFields(fields)) }

// MountFields writes the value of --mount, which both engines read as a list with commas.
func MountFields(fields []string) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = quoteCSV(f)
	}
	return strings.Join(out, ",")
}
