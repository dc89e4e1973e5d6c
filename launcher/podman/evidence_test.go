package podman

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"encoding/json"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// An initialised container shows its configuration and the kernel's record
// before its workload has run.
func TestEvidenceBeforeStart(t *testing.T) {
	ctx, e := realEngine(t)
	for name, more := range map[string]map[string]any{
		"default mapping": nil,
		"keep-id":         {"userns": map[string]string{"nsmode": "keep-id", "value": "uid=1000,gid=1000"}, "user": "1000:1000"},
	} {
		id := bare(t, e, []string{"/bin/sleep", "60"}, more)
		if c, err := e.Containers.Inspect(ctx, id); err != nil {
			t.Fatal(err)
		} else if _, err := e.Evidence.OCIConfig(ctx, c); !errors.Is(err, ErrNoEvidence) {
			t.Errorf("%s: before init: %v", name, err)
		}
		if err := e.Containers.Init(ctx, id); err != nil {
			t.Fatal(err)
		}
		c, err := e.Containers.Inspect(ctx, id)
		if err != nil || c.State.Status != "initialized" {
			t.Fatalf("%s: %+v, %v", name, c.State, err)
		}
		data, err := e.Evidence.OCIConfig(ctx, c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var s specs.Spec
		if err := json.Unmarshal(data, &s); err != nil || !s.Process.NoNewPrivileges || s.Linux.Seccomp == nil {
			t.Errorf("%s: no_new_privileges %t, seccomp %t, %v", name, s.Process.NoNewPrivileges, s.Linux.Seccomp != nil, err)
		}
		_, direct := os.ReadFile(c.OCIConfigPath)
		t.Logf("%s: direct read: %v", name, direct)
		checkRuntimeConfig(t, e, c)
		r, err := e.Evidence.Kernel(c)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.Status, "CapBnd:\t0000000000000000") || !strings.Contains(r.Status, "NoNewPrivs:\t1") {
			t.Errorf("%s: the kernel shows\n%s", name, r.Status)
		}
		if r.UidMap == "" || r.GidMap == "" || r.Mountinfo == "" || r.Cgroup == "" || r.Limits == "" || !strings.HasPrefix(r.Namespaces["user"], "user:[") {
			t.Errorf("%s: incomplete: %+v", name, r)
		}
		t.Logf("%s: cgroup %q files %v", name, r.Cgroup, r.CgroupFiles)
	}
}

func checkRuntimeConfig(t *testing.T, e *Engine, c *Container) {
	t.Helper()
	data, err := e.Evidence.RuntimeConfig(t.Context(), c)
	info, ierr := e.Info(t.Context())
	if ierr != nil {
		t.Fatal(ierr)
	}
	if info.Runtime.Name == "crun" && (err != nil || !json.Valid(data)) {
		t.Errorf("crun keeps no configuration: %v", err)
	}
	if info.Runtime.Name != "crun" && !errors.Is(err, ErrNoEvidence) {
		t.Errorf("%s: %v", info.Runtime.Name, err)
	}
}

// A process that is not the container's is no evidence, and neither is anything
// of an engine elsewhere.
func TestNoEvidence(t *testing.T) {
	c := &Container{ID: strings.Repeat("a", 64), State: State{Pid: os.Getpid()}, OCIConfigPath: "/etc/passwd"}
	local := &Evidence{local: true}
	if _, err := local.Kernel(c); !errors.Is(err, ErrNoEvidence) {
		t.Errorf("another process: %v", err)
	}
	if _, err := local.Kernel(&Container{ID: c.ID}); !errors.Is(err, ErrNoEvidence) {
		t.Errorf("no process: %v", err)
	}
	if _, err := local.OCIConfig(t.Context(), &Container{ID: "../../etc", OCIConfigPath: "/etc/passwd"}); !errors.Is(err, ErrNoEvidence) {
		t.Errorf("an ID that is a path: %v", err)
	}
	far := &Evidence{}
	if _, err := far.OCIConfig(t.Context(), c); !errors.Is(err, ErrNoEvidence) {
		t.Errorf("a remote engine: %v", err)
	}
	if _, err := far.Kernel(c); !errors.Is(err, ErrNoEvidence) {
		t.Errorf("a remote engine: %v", err)
	}
}

func TestKernelRecord(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("needs Linux's /proc: ", err)
	}
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r, err := KernelRecord(cmd.Process.Pid)
	if err != nil || !strings.Contains(r.Status, "Pid:\t"+strconv.Itoa(cmd.Process.Pid)+"\n") {
		t.Errorf("%v:\n%s", err, r.Status)
	}
	cmd.Process.Kill()
	within(t, 5e9, "a zombie is no evidence", func() bool { _, err := KernelRecord(cmd.Process.Pid); return err != nil })
	if !Ended(cmd.Process.Pid) || Ended(os.Getpid()) {
		t.Error("a zombie has not ended, or this test has")
	}
	cmd.Wait()
	for _, pid := range []int{cmd.Process.Pid, 0, -1, 1} {
		if _, err := KernelRecord(pid); err == nil || pid != 1 && !Ended(pid) {
			t.Errorf("pid %d has a record", pid)
		}
	}
}

func TestCgroupMounts(t *testing.T) {
	v2 := cgroupMounts("30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n")
	hybrid := cgroupMounts("31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n" +
		"35 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
		"36 30 0:32 /lxc/a /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n")
	tests := []struct {
		m    cgroupMount
		path string
		want string
	}{
		{v2[""], "/user.slice/libpod-x.scope/container", "/sys/fs/cgroup/user.slice/libpod-x.scope/container"},
		{v2[""], "/", "/sys/fs/cgroup"},
		{v2[""], "/../outside", ""},
		{v2[""], "relative", ""},
		{hybrid["memory"], "/a", "/sys/fs/cgroup/memory/a"},
		{hybrid["cpu"], "/lxc/a/b", "/sys/fs/cgroup/cpu,cpuacct/b"},
		{hybrid["cpu"], "/lxc/ab", ""},
		{hybrid["cpu"], "/elsewhere", ""},
		{hybrid["pids"], "/a", ""},
	}
	for _, tt := range tests {
		got, ok := tt.m.dir(tt.path)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%+v %s: %q %t", tt.m, tt.path, got, ok)
		}
	}
}

func TestReadLimits(t *testing.T) {
	top := t.TempDir()
	leaf := top + "/user.slice/libpod-x.scope/container"
	os.MkdirAll(leaf, 0o755)
	os.WriteFile(leaf+"/memory.max", []byte("max\n"), 0o644)
	os.WriteFile(top+"/user.slice/libpod-x.scope/memory.max", []byte("1048576\n"), 0o644)
	os.WriteFile(top+"/memory.max", []byte("never read\n"), 0o644)
	out := map[string]string{}
	readLimits(out, top, leaf, []string{"memory.max"})
	if len(out) != 2 || out["memory.max"] != "max\n" || out["../memory.max"] != "1048576\n" {
		t.Errorf("%q", out)
	}
}

func FuzzCgroupFiles(f *testing.F) {
	f.Add("0::/a\n4:memory:/b\n", "30 23 0:26 / /nowhere rw - cgroup2 c rw\n35 30 0:31 / /none rw - cgroup c rw,memory\n")
	f.Fuzz(func(t *testing.T, cgroup, mountinfo string) {
		for _, m := range cgroupMounts(mountinfo) {
			if dir, ok := m.dir(cgroup); ok && strings.Contains(dir+"/", "/../") {
				t.Errorf("%q leads to %q", cgroup, dir)
			}
		}
	})
}

// A reader made ahead of time gives what one made on the spot does, and one that
// is not needed ends with the engine.
func TestPrepared(t *testing.T) {
	ctx, e := realEngine(t)
	if _, err := e.Info(ctx); err != nil { // the pause process is there
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, []byte("what it holds\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e.Evidence.Prepare(ctx)
	r := e.Evidence.standby.Swap(nil)
	if r == nil {
		t.Fatal("no reader was made")
	}
	if data, err := r.read(file); err != nil || string(data) != "what it holds\n" {
		t.Errorf("%q, %v", data, err)
	}
	for _, name := range []string{file + ".none", "/etc/passwd\n" + file} {
		e.Evidence.Prepare(ctx)
		if data, err := e.Evidence.standby.Swap(nil).read(name); err == nil {
			t.Errorf("%q: %q", name, data)
		}
	}
	e.Evidence.Prepare(ctx)
	last := e.Evidence.standby.Load().cmd
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if last.ProcessState == nil {
		t.Error("the reader outlives the engine")
	}
}
