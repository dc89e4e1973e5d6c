package command

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// dockerNatures are the values that a run of docker has where no option says otherwise,
// of the rows for which docker has no option that says so: it refuses --pid=private
// ("invalid PID mode", docker/cli 20.10.24 and 28.2.2).
var dockerNatures = map[string]string{
	container.SeccompProfile.Key(): "default",
	container.Userns.Key():         "host", // that of dockerd, or what its daemon.json maps
	container.ReadOnlyTmpfs.Key():  "false",
	container.ImageVolume.Key():    "anonymous",
	container.Pid.Key():            "private",
	container.Uts.Key():            "private",
	container.Systemd.Key():        "false",
	container.Umask.Key():          "0022",
	container.HttpProxy.Key():      "false",
}

// Nature is the value of a row that an engine gives without an option, and by none; "" is
// that there is no such value.
func Nature(row container.Row, engine string) string {
	if engine != docker.String() {
		return ""
	}
	return dockerNatures[row.Key()]
}

// natural tells that a spec states of a row what the engine does without an option, or
// nothing: an empty text or list. An empty entrypoint is something.
func natural(row container.Row, s *container.Spec, engine string) bool {
	set := row.Settings(s)
	if len(set) != 1 || set[0].Path.Elem != "" {
		return false
	}
	v := fmt.Sprint(set[0].Value)
	return v == "" || v == Nature(row, engine) || v == "[]" && row.Key() != container.Entrypoint.Key()
}

// dockerRows are those of which Docker reads another spelling than Podman: it has no JSON
// in --entrypoint, no list in --sysctl and no unmask=, and other words in --mount.
var dockerRows = map[string]writer{
	container.Entrypoint.Key(): dockerEntrypoint,
	container.Unmask.Key():     dockerUnmask,
	container.TmpfsAt.Key():    each(container.TmpfsAt, dockerTmpfs),
	container.VolumeAt.Key():   each(container.VolumeAt, dockerVolume),
	container.Sysctl.Key(): each(container.Sysctl, func(k, v string) (Option, error) {
		return Option{Name: "sysctl", Value: k + "=" + v}, nil
	}),
}

// dockerEntrypoint writes the one word that Docker takes; "" takes the image's away.
func dockerEntrypoint(s *container.Spec) ([]Option, error) {
	v, _, _ := container.Entrypoint.Get(s)
	if len(v) > 1 || len(v) == 1 && v[0] == "" {
		return nil, hint.Errorf("write one word; the image's arguments take the others", "docker's --entrypoint is one word, and is not empty")
	}
	return []Option{{Name: "entrypoint", Value: strings.Join(v, "")}}, nil
}

func dockerUnmask(s *container.Spec) ([]Option, error) {
	v, _, _ := container.Unmask.Get(s)
	switch {
	case len(v) == 0:
		return nil, nil
	case len(v) > 1 || v[0] != "ALL":
		return nil, NoOption(docker.String(), []string{container.Unmask.Key()})
	}
	return []Option{{Name: "security-opt", Value: "systempaths=unconfined"}}, nil
}

// dockerTmpfs: --mount takes a size and a mode, and what is mounted so runs no programs.
func dockerTmpfs(target string, t container.Tmpfs) (Option, error) {
	if !strings.Contains(target, ":") {
		return tmpfsOption(target, t)
	}
	if t.Exec || t.Suid || t.Dev || t.ReadOnly {
		return Option{}, hint.Errorf("take the colon out of its path", "docker's --mount has no options of a tmpfs but size and mode")
	}
	fields := []string{"type=tmpfs", "dst=" + target}
	if t.Size > 0 {
		fields = append(fields, fmt.Sprintf("tmpfs-size=%d", t.Size))
	}
	if t.Mode != 0 {
		fields = append(fields, fmt.Sprintf("tmpfs-mode=%04o", t.Mode))
	}
	return mountOption(fields), nil
}

// dockerVolume writes -v, which alone relabels, or --mount where a colon stands in a path.
func dockerVolume(target string, v container.Volume) (Option, error) {
	switch {
	case v.NoSuid || v.NoDev || v.NoExec || v.Chown || v.Overlay || v.Upper != "":
		return Option{}, hint.Errorf("docker volume create --opt o=… makes a volume with them", "docker has no volume that is %s", v)
	case v.Source == "" || v.Open || v.Backed() || !strings.Contains(v.Source+target, ":"):
		return volumeOption(target, v)
	case v.Relabel != "":
		return Option{}, hint.Errorf("take the colon out of its path", "docker's --mount has no relabel")
	}
	return BindOption(target, v), nil
}

// BindOption is the --mount of a volume for docker. Of a bind whose source is missing it is
// refused, where --volume makes a directory of root's (docker/docs, storage/bind-mounts).
func BindOption(target string, v container.Volume) Option {
	kind := "volume"
	if v.Bind() {
		kind = "bind"
	}
	fields := []string{"type=" + kind, "src=" + v.Source, "dst=" + target}
	if v.ReadOnly {
		fields = append(fields, "readonly")
	}
	if v.Propagation != "" {
		fields = append(fields, "bind-propagation="+v.Propagation)
	}
	o := mountOption(fields)
	o.At = elem(container.VolumeAt, target)
	return o
}

func mountOption(fields []string) Option {
	return Option{Name: "mount", Value: podmanrun.MountFields(fields)}
}
