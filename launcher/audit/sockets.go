package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// engineSockets are the names under which engines listen (controls reference,
// ZL-102).
var engineSockets = []string{"docker.sock", "podman.sock", "containerd.sock", "containerd.sock.ttrpc", "crio.sock", "buildkitd.sock", "docker-containerd.sock"}

// socketDirs matches the directories that hold one of them; /var/run is a link to
// /run on every host.
var socketDirs = pattern(`^(/|(/var)?/run(/user(/[0-9]+)?)?(/(podman|docker|containerd|crio|buildkit|docker/containerd))?)$`)

// runtimeDir is what a shell puts for the caller's own runtime directory.
var runtimeDir = pattern(`^\$(XDG_RUNTIME_DIR\b|\{XDG_RUNTIME_DIR[^}]*\})`)

// holdsSocket tells whether a path of the host is an engine's socket or a
// directory above one.
func holdsSocket(source string) bool {
	source = runtimeDir().ReplaceAllString(source, "/run/user/0")
	source = strings.Replace(source, "%t", "/run/user/0", 1) // systemd's word for it
	clean := path.Clean(source)
	return slices.Contains(engineSockets, path.Base(clean)) || socketDirs().MatchString(clean)
}

// hides tells whether what a shell makes of a source could be such a path: its
// last part is open, or a name that occurs above sockets.
func hides(source string) bool {
	last := path.Base(path.Clean(source))
	return strings.ContainsAny(last, "$`*?[{~") || slices.Contains([]string{"run", "user", "podman", "docker", "containerd", "crio", "buildkit"}, last)
}

func judgeEngineSocket(k *Case) {
	each(k, container.VolumeAt, func(p container.Path, target string, v container.Volume, _ container.Mark) {
		switch {
		case holdsSocket(v.Source) && (v.Bind() || v.Open):
			k.Fail(p, "volume %s must not come from %s: an engine's API socket is, or lies, there", target, v.Source)
		case v.Device != "" && holdsSocket(v.Device):
			k.Fail(p, "volume %s must not bind %s: an engine's API socket is, or lies, there", target, v.Device)
		case v.Open && hides(v.Source):
			k.Open(p, "which path %s is, is not known", v.Source)
		}
	})
	for _, m := range peek(k, container.MountOther) {
		source := mountSource(m)
		switch glob := globbed(m); {
		case strings.HasPrefix(source, "/") && (holdsSocket(source) || glob != nil && globsSocket(source)):
			k.Fail(at(container.MountOther), "mount must not come from %s: an engine's API socket is, or lies, there", source)
		case glob != nil && hides(source):
			k.Open(at(container.MountOther), "which paths %s matches is not known", source)
		}
	}
	if root := bareRoot(k); root != nil && holdsSocket(root.sources[0].path) && root.sources[0].open == "" {
		k.Fail(root.at, "rootfs must not be %s: an engine's API socket is, or lies, there", root.Source)
	} else if root != nil && root.Open && hides(root.Source) {
		k.Open(root.at, "which path %s is, is not known", root.Source)
	}
	if from := peek(k, container.VolumesFrom); len(from) > 0 {
		k.Open(at(container.VolumesFrom), "what %s mounts is not known", quoted(from))
	}
	for _, name := range peek(k, container.EnvNames) {
		if name == "DOCKER_HOST" || name == "CONTAINER_HOST" {
			k.FailAs(Medium, elem(container.Env, name), "env %s must be left away: it tells the workload where an engine's API is", name)
		}
	}
}

// mountSource is the source of a --mount as it was written.
func mountSource(mount string) string {
	for _, part := range strings.Split(mount, ",") {
		if name, value, _ := strings.Cut(part, "="); name == "src" || name == "source" {
			return value
		}
	}
	return ""
}

// globsSocket tells whether a pattern matches all of a directory above a socket, or
// a socket there.
func globsSocket(pattern string) bool {
	dir, last := path.Split(path.Clean(pattern))
	return holdsSocket(dir) && (last == "*" || slices.ContainsFunc(engineSockets, func(s string) bool {
		ok, _ := path.Match(last, s)
		return ok
	}))
}

func withoutSocket(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.VolumeAt.Key():
		container.VolumeAt.Delete(s, p.Elem)
	case container.Env.Key():
		container.Env.Delete(s, p.Elem)
	case container.VolumesFrom.Key():
		container.VolumesFrom.Clear(s)
	case container.MountOther.Key():
		container.MountOther.Clear(s)
	}
}
