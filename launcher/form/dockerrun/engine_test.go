package dockerrun_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/dockerrun"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// dockerd is Docker's engine, of $ZLAUNCH_TEST_DOCKERD, and an image of it whose program
// stays: "unix:///PATH IMAGE ARG...". Its processes are of other users: only root looks.
func dockerd(t *testing.T) (host, image string, args []string) {
	t.Helper()
	words := strings.Fields(os.Getenv("ZLAUNCH_TEST_DOCKERD"))
	if len(words) < 2 || os.Getuid() != 0 {
		t.Skip("DOCKER LINES NOT RUN: as root, ZLAUNCH_TEST_DOCKERD='unix:///PATH IMAGE ARG...' names an engine of Docker; " +
			"TestClientReads holds them against its client alone, and TestRoundTrip against our reader")
	}
	return words[0], words[1], words[2:]
}

// What Docker's own engine makes of the lines is, to the kernel, what an audit reads in
// them with Docker's defaults, over runs drawn by lot.
func TestEngineRuns(t *testing.T) {
	host, image, args := dockerd(t)
	docker := func(words ...string) string {
		cmd := exec.Command("docker", words...)
		cmd.Env = append(os.Environ(), "DOCKER_HOST="+host)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v: %s", words, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	target := dockerrun.Targets[0]
	if major, _, _ := strings.Cut(docker("version", "--format", "{{.Server.Version}}"), "."); len(major) == 2 && major >= "28" {
		target = dockerrun.Targets[1]
	}
	compared := 0
	for seed := range uint64(80) {
		s := runnable(rand.New(rand.NewPCG(seed, 3)), t.TempDir())
		container.Image.Set(s, image, container.Mark{})
		container.Args.Set(s, args, container.Mark{})
		line, err := dockerrun.Write(form.Run{Name: "run", Spec: s, Judged: s}, target)
		if err != nil {
			t.Fatal(err)
		}
		read, err := command.Read(line.Words)
		if err != nil {
			t.Fatal(err)
		}
		id := docker(line.Words[1:]...)
		want := effective.Complete(read.Spec, effective.Engine{Kind: "docker"})
		got, err := seen(docker("inspect", "--format", "{{.State.Pid}}", id), want)
		docker("rm", "--force", id)
		if err != nil {
			t.Fatalf("%q: %v", line.Words, err)
		}
		for _, row := range []container.Row{container.Capabilities, container.NoNewPrivileges, container.ReadOnly, container.TmpfsAt, container.VolumeAt,
			container.ShmSize, container.Ipc, container.Pid, container.Uts, container.UlimitOf, container.User, container.Memory, container.PidsLimit} {
			off, n := apart(row, want, got)
			if off != "" {
				t.Errorf("seed %d: %s\n%.2000q", seed, off, line.Words)
			}
			compared += n
		}
	}
	t.Logf("%d settings compared", compared)
	if compared < 800 {
		t.Error("the kernel showed next to nothing")
	}
}

// apart tells of a row that the kernel shows otherwise than a line says it, and how many
// settings of it were compared.
func apart(row container.Row, want, got *container.Spec) (off string, compared int) {
	if v, _, _ := container.Privileged.Get(want); v && row.Key() == container.Capabilities.Key() {
		return "", 0 // all that this kernel and this Docker know
	}
	part, seen := &container.Spec{}, &container.Spec{}
	row.Copy(part, want)
	row.Copy(seen, got)
	for _, at := range container.VolumeAt.Keys(seen) {
		if dockers.MatchString(at) {
			container.VolumeAt.Delete(seen, at)
		}
	}
	for _, name := range container.UlimitOf.Keys(seen) { // the engine's own
		if _, _, planned := container.UlimitOf.Get(want, name); !planned {
			container.UlimitOf.Delete(seen, name)
		}
	}
	if off := container.Diff(part, seen); len(off) > 0 {
		return fmt.Sprintf("%s: %v", row.Key(), off), 0
	}
	return "", len(row.Settings(seen))
}

// dockers are the mounts of every container of Docker's, which differ from Podman's.
var dockers = regexp.MustCompile(`^(/etc/(hosts|hostname|resolv\.conf)|/dev/shm|/(proc|sys)(/.*)?)$`)

// seen is what the kernel shows of a process, in the words of what was wanted.
func seen(pid string, want *container.Spec) (*container.Spec, error) {
	n, err := strconv.Atoi(pid)
	if err != nil {
		return nil, err
	}
	rec, err := podman.KernelRecord(n)
	if err != nil {
		return nil, err
	}
	self, err := podman.KernelRecord(os.Getpid())
	if err != nil {
		return nil, err
	}
	return observe.Kernel(rec, observe.Context{Self: self, Started: true, Planned: want, ID: strings.Repeat("0", 64)})
}

// runnable is a spec by lot that can be run anywhere: what it names is there.
func runnable(r *rand.Rand, dir string) *container.Spec {
	s, m := &container.Spec{}, container.Mark{}
	yes := func() bool { return r.IntN(2) == 0 }
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	if yes() {
		container.User.Set(s, pick("0:0", "1000:1000", "4000000:7"), m)
	}
	container.Privileged.Set(s, r.IntN(8) == 0, m)
	container.CapDrop.Set(s, [][]string{nil, {"all"}, {"net_raw", "mknod"}, {"chown"}}[r.IntN(4)], m)
	container.CapAdd.Set(s, [][]string{nil, nil, {"kill"}, {"sys_ptrace", "net_admin"}}[r.IntN(4)], m)
	container.NoNewPrivileges.Set(s, yes(), m)
	container.ReadOnly.Set(s, yes(), m)
	container.SeccompProfile.Set(s, pick("default", "unconfined"), m)
	for _, at := range []string{"/tmp", "/run", "/var/tmp", "/t:u"} {
		if t := (container.Tmpfs{Size: int64(1+r.IntN(64)) << 20, Mode: 0o1777, Exec: yes()}); yes() {
			t.Exec = t.Exec && at != "/t:u"
			container.TmpfsAt.Set(s, at, t, m)
		}
	}
	for i, at := range []string{"/models", "/output", "/a:b", "/x y"} {
		if source := filepath.Join(dir, fmt.Sprintf("s%d:", i)[:2+r.IntN(2)]); yes() && os.Mkdir(source, 0o755) == nil {
			container.VolumeAt.Set(s, at, container.Volume{Source: source, ReadOnly: yes()}, m)
		}
	}
	if yes() {
		container.ShmSize.Set(s, int64(1+r.IntN(64))<<20, m)
	}
	container.Ipc.Set(s, pick("private", "host", "none", "shareable"), m)
	container.Pid.Set(s, pick("private", "private", "host"), m)
	container.Uts.Set(s, pick("private", "private", "host"), m)
	container.Network.Set(s, []string{pick("none", "none", "host")}, m)
	if yes() {
		container.UlimitOf.Set(s, "nofile", container.Ulimit{Soft: 300, Hard: 300}, m)
		container.UlimitOf.Set(s, "core", container.Ulimit{}, m)
	}
	if yes() {
		container.Memory.Set(s, int64(64+r.IntN(64))<<20, m)
		container.PidsLimit.Set(s, 10+r.Int64N(100), m)
	}
	container.Rm.Set(s, false, m)
	container.Init.Set(s, false, m)
	return s
}
