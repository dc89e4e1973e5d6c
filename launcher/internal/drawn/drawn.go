// Package drawn makes specs by lot, for tests of what writes and reads them, and says how often
// a test tries its luck.
package drawn

import (
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/container"
)

var mark = container.From(container.Origin{Layer: container.LayerCommandLine, Key: "--podman-arg"})

// Times is how often a test does what it does by lot: so often, or as many times more as
// $ZLAUNCH_DRAWS says, which is 10 for the long way.
func Times(few int) int {
	if n, err := strconv.Atoi(os.Getenv("ZLAUNCH_DRAWS")); err == nil && n > 0 {
		return n * few
	}
	return few
}

// Spec is a spec that can be stated to Podman, in which each row of a plan is set with
// even chances. text stands wherever a row takes free text.
func Spec(r *rand.Rand, text string) *container.Spec {
	s := &container.Spec{}
	container.Image.Set(s, "localhost/a@sha256:0", mark)
	for _, set := range setters(r, text) {
		if r.IntN(2) == 0 {
			set(s)
		}
	}
	return s
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func one[T any](f container.Field[T], v T) func(*container.Spec) {
	return func(s *container.Spec) { f.Set(s, v, mark) }
}

func at[T any](m container.Map[T], key string, v T) func(*container.Spec) {
	return func(s *container.Spec) { m.Set(s, key, v, mark) }
}

func setters(r *rand.Rand, text string) []func(*container.Spec) {
	yes := func() bool { return r.IntN(2) == 0 }
	size := func() int64 { return r.Int64N(1 << 53) }
	return append([]func(*container.Spec){
		one(container.Pull, pick(r, "missing", "never", "newer", "always")),
		one(container.Name, "name-1"),
		one(container.Entrypoint, pick(r, []string{}, []string{text}, []string{"a", text, ""})),
		one(container.Args, pick(r, []string{text}, []string{"-x", "--", text})),
		one(container.Workdir, "/w"),
		at(container.Env, "A", text), at(container.Env, "B.c", ""),
		at(container.SecretOf, "s", container.Secret{Type: "mount", Target: "/run/" + pick(r, "a", text), Mode: uint32(r.IntN(0o1000))}),
		at(container.SecretOf, "t", container.Secret{Type: "env"}),
		one(container.User, pick(r, "1000:1000", "me")),
		one(container.GroupAdd, []string{"5", "video"}[:1+r.IntN(2)]),
		one(container.Userns, pick(r, "keep-id", "keep-id:uid=1,gid=2", "auto:size=9", "nomap", "host", "container:x")),
		one(container.Privileged, yes()), one(container.CapDrop, pick(r, []string{"all"}, []string{"all"}, []string{"audit_write", "net_raw"}, []string{"mknod"})), one(container.CapAdd, []string{"chown", "kill"}),
		one(container.NoNewPrivileges, yes()), one(container.SeccompProfile, pick(r, "unconfined", "/p/"+"a=b:c")),
		one(container.SecurityLabel, []string{"disable", "type:a:b=c"}), one(container.Apparmor, pick(r, "a", "b:c=d")),
		one(container.Mask, []string{"/a", "/b"}), one(container.Unmask, pick(r, []string{"ALL"}, []string{"/a", "/proc/b"})),
		one(container.ReadOnly, yes()), one(container.ReadOnlyTmpfs, yes()), one(container.ImageVolume, pick(r, "ignore", "tmpfs", "anonymous")),
		at(container.TmpfsAt, pick(r, "/t", "/t:u", "/t,\"v"), container.Tmpfs{Size: size(), Mode: uint32(r.IntN(0o2000)), Exec: yes()}),
		at(container.VolumeAt, pick(r, "/v", "/v:w", "/x y"), container.Volume{Source: pick(r, "/s", "/s:t", "/s,\"q\"'=z", "/s"+"/é")}),
		at(container.VolumeAt, "/n", container.Volume{Source: "vol", ReadOnly: yes(), Relabel: pick(r, "", "z", "Z"), NoSuid: yes(), NoDev: yes(), NoExec: yes()}),
		at(container.VolumeAt, "/anonymous", container.Volume{}),
		one(container.ShmSize, size()), one(container.Device, []string{"/dev/a", "/dev/b:/dev/c:rw", "nvidia.com/gpu=GPU-1a:2"}),
	}, surroundings(r, text, yes, size)...)
}

func surroundings(r *rand.Rand, text string, yes func() bool, size func() int64) []func(*container.Spec) {
	return []func(*container.Spec){
		one(container.Network, pick(r, []string{"none"}, []string{"a", "b"}, []string{"a"}, []string{"container:c"}, []string{"private"})),
		at(container.Publish, "1/tcp", container.Port{HostIP: pick(r, "", "127.0.0.1", "::1"), HostPort: uint16(r.IntN(65536))}),
		at(container.Publish, "2/udp", container.Port{}),
		one(container.Hostname, "h"), one(container.Ipc, pick(r, "private", "host", "none")), one(container.Pid, pick(r, "private", "host", "container:x")),
		one(container.Uts, pick(r, "private", "host", "container:x")), one(container.Cgroupns, pick(r, "private", "host", "container:x")),
		at(container.Sysctl, "net.a", "1,2"), at(container.Sysctl, "kernel.sem", "1 2 \"3"),
		one(container.Memory, size()), one(container.MemorySwap, size()), one(container.Cpus, r.Float64()*100),
		one(container.PidsLimit, r.Int64N(1000)-1),
		at(container.UlimitOf, "nofile", container.Ulimit{Soft: r.Int64N(100), Hard: pick(r, int64(-1), 100+r.Int64N(1<<62))}),
		one(container.Rm, yes()), one(container.Restart, pick(r, "no", "no", "always", "on-failure:3")), one(container.Init, yes()),
		one(container.StopTimeout, r.Int64N(1000)), one(container.Systemd, pick(r, "false", "true")), one(container.NoHealthcheck, yes()),
		one(container.Interactive, yes()), one(container.Tty, yes()), one(container.LogDriver, pick(r, "none", "k8s-file", "json-file", "journald")),
		at(container.LogOpt, "max-size", "10mb"), at(container.LogOpt, "tag", "a=b"), one(container.Umask, pick(r, "0027", "0022")),
		one(container.HttpProxy, yes()), at(container.Labels, "l", text), at(container.Annotation, "a.b/c", "x=y z"),
	}
}
