package audit_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// fromHost marks what containers.conf decides.
var fromHost = From(Origin{Layer: LayerHost, File: "/etc/containers/containers.conf"})

func bind(source string) func(*Spec) {
	return func(s *Spec) {
		VolumeAt.Set(s, "/models", Volume{Source: source, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
	}
}

var hostFixtures = map[string][]fixture{
	"ZL-101": {
		{name: "rootful", change: func(s *Spec) { Rootless.Set(s, false, by) }, says: "ordinary user", also: []string{"ZL-303", "ZL-309"}},
		{name: "sudo", raw: true, change: func(s *Spec) {
			Prefix.Set(s, []string{"sudo"}, by)
			Rootless.Set(s, false, by)
		}, says: "sudo must not", also: []string{"ZL-303", "ZL-309"}},
		{name: "not known", raw: true, change: Rootless.Clear, verdict: audit.Open, also: []string{"ZL-104", "ZL-309"}},
	},
	"ZL-102": {
		{name: "the socket, read-only", change: bind("/run/user/1001/podman/podman.sock"), says: "socket", also: []string{"ZL-511"}},
		{name: "/run instead of the socket", change: bind("/var/run/"), says: "/var/run", also: []string{"ZL-506", "ZL-511"}},
		{name: "through a variable", change: func(s *Spec) {
			VolumeAt.Set(s, "/models", Volume{Source: "$XDG_RUNTIME_DIR/podman", Open: true, Spelled: true, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
		}, says: "socket", also: []string{"ZL-511"}},
		{name: "a variable alone", change: func(s *Spec) {
			VolumeAt.Set(s, "/models", Volume{Source: "$DIR", Open: true, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
		}, verdict: audit.Open, also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-522"}},
		{name: "a variable whose default is one", change: func(s *Spec) {
			VolumeAt.Set(s, "/models", Volume{Source: "${SOCK:-/var/run/docker.sock}", Open: true, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
		}, says: "docker.sock", also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-522"}},
		{name: "named volume with o=bind", change: func(s *Spec) {
			VolumeAt.Set(s, "/models", Volume{Source: "v", Device: "/run/docker.sock", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
		}, says: "docker.sock", also: []string{"ZL-511", "ZL-518"}},
		{name: "another mount type", change: func(s *Spec) { MountOther.Set(s, []string{"type=glob,src=/run/podman,dst=/x"}, by) }, says: "/run/podman", also: []string{"ZL-505", "ZL-515"}},
		{name: "globbed", change: gives(MountOther, []string{"type=glob,src=/run/user/1001/podman/*,dst=/x"}), says: "podman/*",
			also: []string{"ZL-505", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-510", "ZL-515", "ZL-522"}},
		{name: "globbed sockets", change: gives(MountOther, []string{"type=glob,src=/run/*/*.sock,dst=/x"}), verdict: audit.Open, says: "*.sock",
			also: []string{"ZL-505", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-510", "ZL-515", "ZL-522"}},
		{name: "the host as the root", change: gives(Rootfs, "/"), says: "rootfs must not come from /", also: bareRoot("ZL-506", "ZL-507")},
		{name: "DOCKER_HOST", change: func(s *Spec) { Env.Set(s, "DOCKER_HOST", "unix:///x", by) }, says: "DOCKER_HOST"},
	},
	"ZL-103": {
		{name: "listens on TCP", change: func(s *Spec) { EngineAPI.Set(s, "tcp://0.0.0.0:2375", by) }, says: "Unix socket"},
		{name: "called by TCP", change: func(s *Spec) { Remote.Set(s, "tcp://z:2375", by) }, says: "ssh://"},
		{name: "not known", raw: true, change: EngineAPI.Clear, verdict: audit.Open},
		{name: "ssh", raw: true, change: func(s *Spec) { Remote.Set(s, "ssh://z/run/podman.sock", by) }, verdict: audit.Pass},
	},
	"ZL-104": {
		{name: "cgroup v1", change: func(s *Spec) { CgroupVersion.Set(s, 1, by) }, says: "memory, memory_swap, cpus, pids_limit cannot", also: []string{"ZL-604"}},
		{name: "pids not delegated", change: func(s *Spec) { CgroupControllers.Set(s, []string{"cpu", "memory"}, by) }, says: "pids_limit cannot"},
		{name: "not known", raw: true, change: CgroupControllers.Clear, verdict: audit.Open},
	},
	"ZL-106": {
		{name: "nobody mends it", change: func(s *Spec) { EngineVersion.Set(s, "4.2.1", by) }, says: "4.3 or later"},
		{name: "no version", change: func(s *Spec) { EngineVersion.Set(s, "", by) }, verdict: audit.Open},
	},
	"ZL-107": {
		{name: "of the host", change: gives(HostSteers, []string{"ZL-107: it runs /home/ann/conmon"}), says: "/home/ann/conmon"},
		{name: "module", change: func(s *Spec) { Modules.Set(s, []string{"lax"}, by) }, says: "--module"},
		{name: "CONTAINERS_CONF", change: func(s *Spec) { Prefix.Set(s, []string{"env", "CONTAINERS_CONF=/tmp/c"}, by) }, says: "CONTAINERS_CONF"},
		{name: "containers.conf adds a device", change: func(s *Spec) { Device.Set(s, []string{"/dev/fuse"}, fromHost) }, says: "containers.conf",
			also: []string{"ZL-605"}},
	},
	"ZL-108": {
		{name: "of the host", change: gives(HostSteers, []string{"ZL-108: it runs /home/ann/conmon"}), says: "/home/ann/conmon"},
		{name: "a hook of another's", change: brings("/home/ann/hook"), says: "/home/ann/hook"},
		{name: "a hook of root's", change: brings("/usr/bin/nvidia-cdi-hook"), verdict: audit.Review},
		{name: "runtime", change: func(s *Spec) { Runtime.Set(s, "/opt/x/crun", by) }, says: "crun or runc"},
		{name: "runtime flag", change: func(s *Spec) { RuntimeOpt.Set(s, []string{"debug"}, by) }, says: "--runtime-flag"},
		{name: "a directory that a descriptor leads to", change: gives(Workdir, "/proc/self/fd/8"), says: "CVE-2024-21626"},
		{name: "hooks", change: func(s *Spec) { HooksDir.Set(s, []string{"/tmp/hooks"}, by) }, says: "--hooks-dir"},
		{name: "annotation", change: func(s *Spec) { Annotation.Set(s, "run.oci.handler", "krun", by) }, says: "run.oci.handler"},
		{name: "conmon", change: runs("conmon", "/tmp/e"), says: "conmon must be left away"},
		{name: "a library among root's", change: runs("LD_PRELOAD", "/usr/lib/a.so:/tmp/e.so"), says: "/tmp/e.so"},
		{name: "the directory one stands in", change: runs("PATH", "/usr/bin:"), says: "PATH"},
		{name: "not known", change: func(s *Spec) { HostFiles.Set(s, "conmon", HostFile{Path: "$C", Use: "run", Open: true}, by) }, verdict: audit.Open},
		{name: "root's", change: runs("LD_PRELOAD", "/usr/lib/libjemalloc.so"), verdict: audit.Pass},
		{name: "crun by its path", change: func(s *Spec) { Runtime.Set(s, "/usr/bin/crun", by) }, verdict: audit.Pass},
	},
}

func runs(option, file string) func(*Spec) {
	return func(s *Spec) { HostFiles.Set(s, option, HostFile{Path: file, Use: "run"}, by) }
}

// What runs code of a user's choice on the host is critical, and what the
// administrator gave a name is not.
func TestCodeOnTheHostIsCritical(t *testing.T) {
	for _, c := range []struct {
		name, control string
		change        func(*Spec)
		want          audit.Severity
	}{
		{"runtime by path", "ZL-108", func(s *Spec) { Runtime.Set(s, "/tmp/x", by) }, audit.Critical},
		{"runtime by name", "ZL-108", func(s *Spec) { Runtime.Set(s, "youki", by) }, audit.Medium},
		{"runtime by a path with dots", "ZL-108", func(s *Spec) { Runtime.Set(s, "/usr/bin/../../tmp/x", by) }, audit.Critical},
		{"runtime beside", "ZL-108", func(s *Spec) { Runtime.Set(s, "./crun2", by) }, audit.Critical},
		{"hooks", "ZL-108", func(s *Spec) { HooksDir.Set(s, []string{"/tmp/h"}, by) }, audit.Critical},
		{"root's hooks", "ZL-108", func(s *Spec) { HooksDir.Set(s, []string{"/etc/containers/oci/hooks.d"}, by) }, audit.Medium},
		{"conmon", "ZL-108", runs("conmon", "/tmp/e"), audit.Critical},
		{"containers.conf", "ZL-107", func(s *Spec) { Modules.Set(s, []string{"/tmp/c"}, by) }, audit.Critical},
		{"a module", "ZL-107", func(s *Spec) { Modules.Set(s, []string{"lax"}, by) }, audit.High},
		{"ipc", "ZL-602", func(s *Spec) { Ipc.Set(s, "host", by) }, audit.High},
		{"exec", "ZL-212", func(s *Spec) { ExecPrivileged.Set(s, []string{"root sh"}, by) }, audit.High},
	} {
		s := hardened()
		c.change(s)
		if got := verdicts(complete(s))[c.control]; len(got) != 1 || got[0].Verdict != audit.Fail || got[0].Severity != c.want {
			t.Errorf("%s: %v, want %s", c.name, told(got), c.want)
		}
	}
}

// A docker line does not say as whom its engine runs.
func TestDockerIsOpen(t *testing.T) {
	s := &Spec{}
	Image.Set(s, "x", by)
	Subject.Set(s, "line", by)
	for id, want := range map[string]audit.Verdict{"ZL-101": audit.Open, "ZL-205": audit.Fail, "ZL-303": audit.Open, "ZL-106": audit.NotApplicable} {
		if got := verdicts(completeAs(s, "docker"))[id]; len(got) != 1 || got[0].Verdict != want {
			t.Errorf("%s: %v, want %s", id, told(got), want)
		}
	}
}

// brings has a device bring a hook.
func brings(path string) func(*Spec) {
	return func(s *Spec) { HookAt.Set(s, "createContainer 1", Hook{Path: path}, by) }
}
