package podman

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// subject is a spec to compare the two renderers on.
type subject struct {
	name string
	spec *container.Spec
}

var planned = container.From(container.Origin{Layer: container.LayerCommandLine, Key: "test"})

func put[T any](s *container.Spec, f container.Field[T], v T) { f.Set(s, v, planned) }

func putAll[T any](s *container.Spec, m container.Map[T], v map[string]T) {
	for k, e := range v {
		m.Set(s, k, e, planned)
	}
}

func written() []subject {
	return []subject{{"bare", bareSpec()}, {"hardened", hardenedSpec()}, {"loose", looseSpec()}, {"odd", oddSpec()}}
}

// mixtures take each row from one of the written plans, or leave it unknown;
// they are the same in every run.
func mixtures(t *testing.T) []subject {
	t.Helper()
	random, from := rand.New(rand.NewPCG(1, 2)), written()
	var out []subject
	for i := range 24 {
		s := &container.Spec{}
		for _, r := range container.Rows {
			if n := random.IntN(len(from) + 1); n < len(from) {
				r.Copy(s, from[n].spec)
			}
		}
		put(s, container.Image, "localhost/mix")
		if err := podmanrun.Check(s); err != nil {
			t.Logf("mixture %d left out: %v", i, err)
			continue
		}
		out = append(out, subject{fmt.Sprintf("mixture %d", i), s})
	}
	if len(out) < 12 {
		t.Errorf("only %d mixtures can be stated", len(out))
	}
	return out
}

// bareSpec states what must be stated and nothing else.
func bareSpec() *container.Spec {
	s := &container.Spec{}
	put(s, container.Image, "localhost/bare")
	return s
}

func hardenedSpec() *container.Spec {
	s := &container.Spec{}
	put(s, container.Image, "icr.io/ibmz/demo@sha256:"+fmt.Sprintf("%064d", 7))
	put(s, container.Pull, "never")
	put(s, container.Name, "zlaunch-demo")
	put(s, container.Entrypoint, []string{"/bin/server", "--name=a b", `"quoted"`, "<&>"})
	put(s, container.Args, []string{"--port", "8000", "", "--", "--help", "ä\n\t$(x)"})
	put(s, container.Workdir, "/work")
	putAll(s, container.Env, map[string]string{"A": "1", "B_TOKEN": "x=y,z \"\n$HOME", "EMPTY": ""})
	putAll(s, container.SecretOf, map[string]container.Secret{
		"token": {Type: "mount", Target: "/run/zl/token", Mode: 0o400}, "key": {Type: "env", Target: "API_KEY"},
	})
	put(s, container.User, "1000:1000")
	put(s, container.GroupAdd, []string{"5", "video"})
	put(s, container.Userns, "keep-id:uid=1000,gid=1000")
	hardenedPrivilege(s)
	hardenedFiles(s)
	hardenedSurroundings(s)
	return s
}

func hardenedPrivilege(s *container.Spec) {
	put(s, container.Privileged, false)
	put(s, container.CapDrop, []string{"all"})
	put(s, container.CapAdd, []string{"net_bind_service", "chown"})
	put(s, container.NoNewPrivileges, true)
	put(s, container.SeccompProfile, "/usr/share/zl/a=b:c.json")
	put(s, container.SecurityLabel, []string{"type:container_t", "level:s0:c1-c2"})
	put(s, container.Apparmor, "zl-profile")
	put(s, container.Mask, []string{"/proc/a", "/sys/b c"})
	put(s, container.Unmask, []string{"/proc/acpi"})
}

func hardenedFiles(s *container.Spec) {
	put(s, container.ReadOnly, true)
	put(s, container.ReadOnlyTmpfs, false)
	putAll(s, container.TmpfsAt, map[string]container.Tmpfs{
		"/tmp": {Size: 1 << 26, Mode: 0o1777}, "/run": {Size: 4096}, "/cache": {Size: 1 << 33, Mode: 0o700, Exec: true},
	})
	putAll(s, container.VolumeAt, map[string]container.Volume{
		"/models": {Source: "/srv/models", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true},
		"/out":    {Source: "results", NoSuid: true, NoDev: true, NoExec: true},
		"/own":    {Source: "/srv/a b,c", Relabel: "Z"},
	})
	put(s, container.ImageVolume, "ignore")
	put(s, container.ShmSize, 1<<30)
	put(s, container.Device, []string{"/dev/nnpa", "/dev/null:/dev/x:r"})
}

func hardenedSurroundings(s *container.Spec) {
	put(s, container.Network, []string{"zlaunch-demo", "second"})
	putAll(s, container.Publish, map[string]container.Port{
		"8000/tcp": {HostIP: "127.0.0.1", HostPort: 8000}, "8001/udp": {HostIP: "::1", HostPort: 9001}, "9/tcp": {HostIP: "127.0.0.1"},
	})
	put(s, container.Hostname, "demo")
	put(s, container.Ipc, "private")
	put(s, container.Pid, "private")
	put(s, container.Uts, "private")
	put(s, container.Cgroupns, "private")
	putAll(s, container.Sysctl, map[string]string{"net.core.somaxconn": "1024", "net.ipv4.ip_local_port_range": "1024,2048"})
	put(s, container.Memory, 8<<30)
	put(s, container.MemorySwap, 8<<30)
	put(s, container.Cpus, 2.333333)
	put(s, container.PidsLimit, 512)
	putAll(s, container.UlimitOf, map[string]container.Ulimit{"nofile": {Soft: 1024, Hard: 2048}, "core": {}, "memlock": {Soft: -1, Hard: -1}})
	put(s, container.Rm, true)
	put(s, container.Restart, "no")
	put(s, container.Init, true)
	put(s, container.StopTimeout, 5)
	put(s, container.Systemd, "false")
	put(s, container.NoHealthcheck, true)
	put(s, container.Interactive, true)
	put(s, container.Tty, true)
	put(s, container.LogDriver, "k8s-file")
	putAll(s, container.LogOpt, map[string]string{"max-size": "10mb"})
	put(s, container.Umask, "0027")
	put(s, container.HttpProxy, false)
	putAll(s, container.Labels, map[string]string{"io.zlaunch.profile": "demo", "json": `{"a": ["b,c"], "d": "e=f"}`})
	putAll(s, container.Annotation, map[string]string{"org.example.note": "a b=c"})
}

// looseSpec is the opposite of hardenedSpec wherever there is one.
func looseSpec() *container.Spec {
	s := &container.Spec{}
	put(s, container.Image, "localhost/loose")
	put(s, container.Pull, "newer")
	put(s, container.Name, "loose")
	put(s, container.Entrypoint, []string{})
	put(s, container.Args, []string{"/bin/sh"})
	put(s, container.Workdir, "/")
	putAll(s, container.Env, map[string]string{"A": "2"})
	putAll(s, container.SecretOf, map[string]container.Secret{"plain": {}, "variable": {Type: "env"}})
	put(s, container.User, "root")
	put(s, container.GroupAdd, []string{"6"})
	put(s, container.Userns, "auto:size=70000")
	put(s, container.Privileged, true)
	put(s, container.CapDrop, []string{"mknod"})
	put(s, container.CapAdd, []string{"sys_ptrace"})
	put(s, container.NoNewPrivileges, false)
	put(s, container.SeccompProfile, "unconfined")
	put(s, container.SecurityLabel, []string{"disable"})
	put(s, container.Apparmor, "unconfined")
	put(s, container.Mask, []string{"/proc/c"})
	put(s, container.Unmask, []string{"ALL"})
	put(s, container.ReadOnly, false)
	put(s, container.ReadOnlyTmpfs, true)
	putAll(s, container.TmpfsAt, map[string]container.Tmpfs{"/t:u": {Size: 5, Mode: 0o755}})
	putAll(s, container.VolumeAt, map[string]container.Volume{
		"/a": {Source: "/src:1,\"q\"", ReadOnly: true, Relabel: "z"}, "/b:c": {Source: "named", NoExec: true}, "/anonymous": {},
		"/d": {Source: "/x=y:z"},
	})
	put(s, container.ImageVolume, "tmpfs")
	put(s, container.ShmSize, 1<<20)
	put(s, container.Device, []string{"/dev/fuse", "nvidia.com/gpu=0"})
	put(s, container.Network, []string{"host"})
	putAll(s, container.Publish, map[string]container.Port{"80/tcp": {}, "81/sctp": {HostPort: 81}, "82/tcp": {HostIP: "0.0.0.0", HostPort: 82}})
	looseSurroundings(s)
	return s
}

func looseSurroundings(s *container.Spec) {
	put(s, container.Hostname, "other")
	put(s, container.Ipc, "host")
	put(s, container.Pid, "host")
	put(s, container.Uts, "host")
	put(s, container.Cgroupns, "host")
	putAll(s, container.Sysctl, map[string]string{"net.ipv4.ping_group_range": "0 0"})
	put(s, container.Memory, 1<<30)
	put(s, container.Cpus, 0.5)
	put(s, container.PidsLimit, -1)
	putAll(s, container.UlimitOf, map[string]container.Ulimit{"nproc": {Soft: 10, Hard: -1}})
	put(s, container.Rm, false)
	put(s, container.Restart, "on-failure:3")
	put(s, container.Init, false)
	put(s, container.StopTimeout, 0)
	put(s, container.Systemd, "always")
	put(s, container.NoHealthcheck, false)
	put(s, container.Interactive, false)
	put(s, container.Tty, false)
	put(s, container.LogDriver, "journald")
	putAll(s, container.LogOpt, map[string]string{"tag": "a b", "max-size": "5"})
	put(s, container.Umask, "0000")
	put(s, container.HttpProxy, true)
	putAll(s, container.Labels, map[string]string{"empty": ""})
	putAll(s, container.Annotation, map[string]string{"run.oci.note": ""})
}

// oddSpec holds the values that need a branch of their own.
func oddSpec() *container.Spec {
	s := &container.Spec{}
	put(s, container.Image, "localhost/odd")
	put(s, container.Entrypoint, []string{"one word"})
	put(s, container.Userns, "nomap")
	put(s, container.ReadOnly, true)
	put(s, container.ReadOnlyTmpfs, true)
	putAll(s, container.TmpfsAt, map[string]container.Tmpfs{"/run": {Size: 100}})
	putAll(s, container.VolumeAt, map[string]container.Volume{"/tmp": {Source: "scratch"}})
	put(s, container.Network, []string{"none"})
	put(s, container.Ipc, "container:other")
	put(s, container.Pid, "host")
	put(s, container.Memory, 0)
	put(s, container.MemorySwap, 1<<31)
	put(s, container.Cpus, 0.0)
	put(s, container.SeccompProfile, "default")
	return s
}
