package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The control of an engine's socket in the container.

var noEngineSocket = &Control{
	ID: "ZL-102", Name: "no-engine-socket", Title: "No engine socket inside the container", Severity: Critical,
	Why:    "an engine's socket is its whole API: who may write to it starts a container with any mount, and read-only does not help",
	Fix:    "leave --volume of the socket, and of any directory that holds one, away",
	Breaks: "helpers that start sibling containers; no model server is one",
	Refs: []string{"OWASP #1", "CIS 5.32", "PSS baseline", "KSV-0006", "CKV_K8S_27", "kubesec DockerSock", "NIST 3.4.3", "CWE-668",
		"IBM L140-144"},
	Reads: []container.Row{container.VolumeAt, container.EnvNames, container.MountOther, container.VolumesFrom, container.Rootfs},
	Judge: judgeNoEngineSocket,
	Mend:  mendNoEngineSocket,
}

func judgeNoEngineSocket(k *Case) {
	for _, p := range hostPaths(k) {
		switch {
		case p.reachesEngine():
			k.Fail(p.at, "%s must not come from %s: an engine's API socket is, or lies, there", p.what, p.said)
		case p.open != "" && couldHoldSocket(p.said) && (p.mount != nil || p.use == sentTo):
			k.Open(p.at, "which path %s is, is not known", p.said)
		}
	}
	moreMounts(k)
	if from := peek(k, container.VolumesFrom); len(from) > 0 {
		k.Open(at(container.VolumesFrom), "what %s mounts is not known", quoted(from))
	}
	for _, name := range peek(k, container.EnvNames) {
		if name == "DOCKER_HOST" || name == "CONTAINER_HOST" {
			k.FailAs(Medium, elem(container.Env, name), "env %s must be left away: it tells the workload where an engine's API is", name)
		}
	}
}

// couldHoldSocket tells whether what a shell makes of a source could be such a path: its
// last part is open, or a name that occurs above sockets.
func couldHoldSocket(source string) bool {
	last := path.Base(path.Clean(source))
	return strings.ContainsAny(last, "$`*?[{~") || slices.Contains([]string{"run", "user", "podman", "docker", "containerd", "crio", "buildkit"}, last)
}

func mendNoEngineSocket(s *container.Spec, p container.Path) {
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

// reachesEngine tells whether a path is an engine's socket, or brings one along.
func (p *hostPath) reachesEngine() bool {
	if p.mount == nil && p.use != logged && p.use != sentTo {
		return p.open == "" && slices.Contains(engineSockets, path.Base(p.path))
	}
	if p.open != "" && p.mount != nil && slices.ContainsFunc(engineSockets, func(s string) bool { return strings.Contains(p.said, s) }) {
		return true // ${SOCK:-/var/run/docker.sock}: what it is for is said, whatever it is
	}
	return p.open == "" && p.path != "" && holdsEngineSocket(p.path) || p.mount != nil && p.mount.glob && globsSocket(p.said)
}

// globsSocket tells whether a pattern matches all of a directory above a socket, or
// a socket there.
func globsSocket(pattern string) bool {
	dir, last := path.Split(path.Clean(pattern))
	return holdsEngineSocket(dir) && (last == "*" || slices.ContainsFunc(engineSockets, func(s string) bool {
		ok, _ := path.Match(last, s)
		return ok
	}))
}

// engineSockets are the names under which engines listen (ZL-102).
var engineSockets = []string{"docker.sock", "podman.sock", "containerd.sock", "containerd.sock.ttrpc", "crio.sock", "buildkitd.sock", "docker-containerd.sock"}

// holdsEngineSocket tells whether a path of the host is an engine's socket or a
// directory above one.
func holdsEngineSocket(source string) bool {
	if dir, ok := container.Spelled(source); ok {
		source = dir
	}
	clean := path.Clean(source)
	return slices.Contains(engineSockets, path.Base(clean)) || socketDirs().MatchString(clean)
}

// socketDirs matches the directories that hold one of them; /var/run is a link to
// /run on every host.
var socketDirs = lazyregexp.New(`^(/|(/var)?/run(/user(/[0-9]+)?)?(/(podman|docker|containerd|crio|buildkit|docker/containerd))?)$`)
