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

func engineVariable(name, value string) func(*Spec) {
	return func(s *Spec) { EngineVars.Set(s, name, value, by) }
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
			VolumeAt.Set(s, "/models", Volume{Source: "$XDG_RUNTIME_DIR/podman", Open: true, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
		}, says: "socket", also: []string{"ZL-511"}},
		{name: "a variable alone", change: func(s *Spec) {
			VolumeAt.Set(s, "/models", Volume{Source: "$DIR", Open: true, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
		}, verdict: audit.Open, also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-522"}},
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
		{name: "module", change: func(s *Spec) { Modules.Set(s, []string{"lax"}, by) }, says: "--module"},
		{name: "CONTAINERS_CONF", change: gives(Modules, []string{"/tmp/c"}), says: "CONTAINERS_CONF"},
		{name: "an empty CONTAINERS_CONF", change: gives(Modules, []string{"/dev/null"}), verdict: audit.Pass},
		{name: "storage elsewhere", change: file("--root", "/srv/storage", "write"), says: "--root must be left away"},
		{name: "another directory of configuration", change: engineVariable("XDG_CONFIG_HOME", "/tmp/e"), says: "XDG_CONFIG_HOME must not be set"},
		{name: "a storage driver", change: gives(EngineOpts, []string{"--storage-driver=vfs"}), says: "storage.conf"},
		{name: "an option that needs no judge", change: gives(EngineOpts, []string{"--log-level=debug"}), verdict: audit.Pass},
		{name: "containers.conf adds a device", change: func(s *Spec) { Device.Set(s, []string{"/dev/fuse"}, fromHost) }, says: "containers.conf",
			also: []string{"ZL-605"}},
	},
	"ZL-108": {
		{name: "runtime", change: func(s *Spec) { Runtime.Set(s, "/opt/x/crun", by) }, says: "crun or runc"},
		{name: "runtime flag", change: func(s *Spec) { RuntimeOpt.Set(s, []string{"debug"}, by) }, says: "--runtime-flag"},
		{name: "a preloaded library", change: engineVariable("LD_PRELOAD", "/tmp/e.so"), says: "LD_PRELOAD must not be set"},
		{name: "programs before the system's", change: engineVariable("PATH", "/tmp/e:/usr/bin"), says: "PATH must not be set"},
		{name: "a program that mounts", change: gives(EngineOpts, []string{"--storage-opt=overlay.mount_program=/tmp/e"}), says: "the engine runs /tmp/e"},
		{name: "fuse-overlayfs of the distribution", change: gives(EngineOpts, []string{"--storage-opt=overlay.mount_program=/usr/bin/fuse-overlayfs"}), verdict: audit.Pass},
		{name: "CDI specifications of the caller", change: file("--cdi-spec-dir", "/home/u/cdi", "run"), says: "--cdi-spec-dir must be left away"},
		{name: "CDI specifications of root", change: file("--cdi-spec-dir", "/etc/cdi", "run"), verdict: audit.Pass},
		{name: "a runtime beside the line", change: gives(Runtime, "./crun"), says: "outside of any container"},
		{name: "a directory that a descriptor leads to", change: gives(Workdir, "/proc/self/fd/8"), says: "CVE-2024-21626"},
		{name: "gVisor", change: gives(Runtime, "runsc"), verdict: audit.Pass},
		{name: "hooks", change: func(s *Spec) { HooksDir.Set(s, []string{"/tmp/hooks"}, by) }, says: "--hooks-dir"},
		{name: "annotation", change: func(s *Spec) { Annotation.Set(s, "run.oci.handler", "krun", by) }, says: "run.oci.handler"},
		{name: "conmon", change: file("--conmon", "/home/u/conmon", "run"), says: "--conmon must be left away: the engine runs /home/u/conmon as you"},
		{name: "conmon of the distribution", change: file("--conmon", "/usr/bin/conmon", "run"), verdict: audit.Pass},
		{name: "conmon by a variable", change: file("--conmon", "$X/conmon", "run"), verdict: audit.Open},
		{name: "crun by its path", change: func(s *Spec) { Runtime.Set(s, "/usr/bin/crun", by) }, verdict: audit.Pass},
	},
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
