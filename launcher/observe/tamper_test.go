package observe_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// Each change to the configuration of a hardened container is a difference at
// the named setting.
func TestTamperedConfig(t *testing.T) {
	bind := func(source, target string, opts ...string) func(*specs.Spec) {
		return func(c *specs.Spec) {
			c.Mounts = append(c.Mounts, specs.Mount{Destination: target, Type: "bind", Source: source, Options: append(opts, "rbind")})
		}
	}
	replace := func(target string, m specs.Mount) func(*specs.Spec) {
		return func(c *specs.Spec) {
			for i := range c.Mounts {
				if c.Mounts[i].Destination == target {
					m.Destination = target
					c.Mounts[i] = m
				}
			}
		}
	}
	for _, c := range []struct {
		want   string
		tamper func(*specs.Spec)
	}{
		{"volume[/canary]", bind("/home/zl/canary", "/canary", "rw")},
		{"volume[/etc/hosts]", bind("/home/zl/hosts", "/etc/hosts", "ro")},
		{"volume[/run/.containerenv]", bind("/home/zl/userdata/.containerenv", "/run/.containerenv", "ro")},
		{"volume[/dev/shm]", bind("/dev/shm", "/dev/shm", "nosuid", "nodev", "noexec")},
		{"volume[/proc]", bind("/proc", "/proc")},
		{"volume[/sys]", bind("/sys", "/sys", "ro")},
		{"volume[/dev]", bind("/dev", "/dev")},
		{"volume[/]", bind("/home/zl", "/.//..")},
		{"device", bind("/dev/kvm", "/dev/kvm")},
		{"volume[/models]", func(c *specs.Spec) {
			for i, m := range c.Mounts {
				if m.Destination == "/models" {
					c.Mounts[i].Options = []string{"rw", "rbind", "nosuid", "nodev"}
				}
			}
		}},
		{"volume[/run/podman-init]", bind("/home/zl/init", "/run/podman-init", "ro")},
		{"tmpfs[/scratch]", func(c *specs.Spec) {
			c.Mounts = append(c.Mounts, specs.Mount{Destination: "/scratch", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "nodev"}})
		}},
		{"tmpfs[/tmp]", replace("/tmp", specs.Mount{Type: "tmpfs", Source: "tmpfs", Options: []string{"size=256m", "mode=1777", "nosuid", "nodev"}})},
		{"tmpfs[/tmp]", replace("/tmp", specs.Mount{Type: "tmpfs", Source: "tmpfs", Options: []string{"mode=1777", "nosuid", "nodev", "noexec"}})},
		{"volume[/tmp]", replace("/tmp", specs.Mount{Type: "tmpfs", Source: "tmpfs", Options: []string{"size=256m", "mode=1777", "nodev", "noexec"}})},
		{"tmpfs[/run]", replace("/run", specs.Mount{Type: "tmpfs", Source: "tmpfs", Options: []string{"size=1k%", "nosuid", "nodev", "noexec"}})},
		{"seccomp_filter", func(c *specs.Spec) { c.Linux.Seccomp = nil }},
		{"seccomp_filter", func(c *specs.Spec) { c.Linux.Seccomp.DefaultAction = specs.ActAllow }},
		{"seccomp_filter", func(c *specs.Spec) {
			c.Linux.Seccomp.Syscalls = append(c.Linux.Seccomp.Syscalls, specs.LinuxSyscall{Names: []string{"kexec_load"}, Action: specs.ActAllow})
		}},
		{"no_new_privileges", func(c *specs.Spec) { c.Process.NoNewPrivileges = false }},
		{"capabilities", func(c *specs.Spec) {
			c.Process.Capabilities = &specs.LinuxCapabilities{Ambient: []string{"CAP_SYS_ADMIN"}}
		}},
		{"read_only", func(c *specs.Spec) { c.Root.Readonly = false }},
		{"ipc", func(c *specs.Spec) { dropNamespace(c, specs.IPCNamespace) }},
		{"pid", func(c *specs.Spec) { dropNamespace(c, specs.PIDNamespace) }},
		{"uts", func(c *specs.Spec) { dropNamespace(c, specs.UTSNamespace) }},
		{"network", func(c *specs.Spec) { dropNamespace(c, specs.NetworkNamespace) }},
		{"pid", func(c *specs.Spec) { c.Linux.Namespaces[0].Path = "/proc/1/ns/pid" }},
		{"env[LD_PRELOAD]", func(c *specs.Spec) { c.Process.Env = append(c.Process.Env, "LD_PRELOAD=/x.so") }},
		{"env[HOSTNAME]", func(c *specs.Spec) { c.Process.Env = append(c.Process.Env, "HOSTNAME=other") }},
		{"args", func(c *specs.Spec) { c.Process.Args = []string{"sh"} }},
		{"user", func(c *specs.Spec) { c.Process.User.UID = 0 }},
		{"group_add", func(c *specs.Spec) { c.Process.User.AdditionalGids = []uint32{1000, 27} }},
		{"uid_map", func(c *specs.Spec) {
			c.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 1000, HostID: 0, Size: 1}}
		}},
		{"unmask", func(c *specs.Spec) { c.Linux.MaskedPaths = c.Linux.MaskedPaths[1:] }},
		{"unmask", func(c *specs.Spec) { c.Linux.ReadonlyPaths = nil }},
		{"mask", func(c *specs.Spec) { c.Linux.MaskedPaths = append(c.Linux.MaskedPaths, "/proc/self") }},
		{"sysctl[net.ipv4.ping_group_range]", func(c *specs.Spec) { c.Linux.Sysctl["net.ipv4.ping_group_range"] = "0 1" }},
		{"ulimit[core]", func(c *specs.Spec) { c.Process.Rlimits = nil }},
		{"ulimit[memlock]", func(c *specs.Spec) {
			c.Process.Rlimits = append(c.Process.Rlimits, specs.POSIXRlimit{Type: "RLIMIT_MEMLOCK", Hard: 1<<64 - 1, Soft: 0})
		}},
		{"umask", func(c *specs.Spec) { u := uint32(0); c.Process.User.Umask = &u }},
		{"tty", func(c *specs.Spec) { c.Process.Terminal = true }},
		{"annotation[run.oci.handler]", func(c *specs.Spec) { c.Annotations["run.oci.handler"] = "krun" }},
		{"annotation[run.oci.handler]", func(c *specs.Spec) { c.Annotations["run.oci.handler"] = "" }},
		{"annotation[org.opencontainers.image.title]", func(c *specs.Spec) { c.Annotations["org.opencontainers.image.title"] = "another" }},
		{"memory", func(c *specs.Spec) { c.Linux.Resources = nil }},
		{"apparmor_profile", func(c *specs.Spec) { c.Process.ApparmorProfile = "unconfined" }},
		{"process_label", func(c *specs.Spec) { c.Process.SelinuxLabel = "system_u:system_r:spc_t:s0" }},
	} {
		got := config(t, "podman5-crun", "hardened")
		c.tamper(got)
		b, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		plan := hardened(t, "podman5-crun")
		in := context(t, "podman5-crun", "hardened", plan)
		if c.want == "uid_map" {
			in.Self.Status = strings.ReplaceAll(in.Self.Status, "Uid:\t1000\t1000", "Uid:\t1007\t1007")
		}
		s, _, err := observe.OCI(b, in)
		expect(t, c.want, plan, s, err)
	}
}

func dropNamespace(c *specs.Spec, kind specs.LinuxNamespaceType) {
	kept := c.Linux.Namespaces[:0]
	for _, n := range c.Linux.Namespaces {
		if n.Type != kind {
			kept = append(kept, n)
		}
	}
	c.Linux.Namespaces = kept
}

func expect(t *testing.T, want string, plan, got *container.Spec, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", want, err)
		return
	}
	var found []string
	for _, d := range container.Diff(plan, got) {
		found = append(found, d.Path.String())
		if d.Path.String() == want {
			return
		}
	}
	t.Errorf("no difference at %s, only %q", want, found)
}

// What no row holds is in the notes.
func TestNotes(t *testing.T) {
	c := config(t, "podman4-runc", "hardened")
	c.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: "/opt/hook"}}}
	c.Linux.RootfsPropagation = "rshared"
	c.Mounts = append(c.Mounts, specs.Mount{Destination: "/x", Type: "bind", Source: "/x", Options: []string{"rbind", "rshared"}})
	c.Process.Env = append(c.Process.Env, "MODE=y")
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	b = []byte(strings.Replace(string(b), `{"ociVersion"`, `{"newField":1,"ociVersion"`, 1))
	_, notes, err := observe.OCI(b, observe.Context{})
	want := []string{`unknown field "newField"`, "hook createRuntime /opt/hook", "environment variable twice: MODE",
		"root propagates: rshared", "mount /x propagates: rshared"}
	if got := strings.Join(notes, "\n"); err != nil || got != strings.Join(want, "\n") {
		t.Errorf("got %q, %v", notes, err)
	}
}

// Each change to the kernel's record of a hardened container is a difference at
// the named setting.
func TestTamperedRecord(t *testing.T) {
	line := func(l string) func(*observe.Record) {
		return func(r *observe.Record) { r.Mountinfo += l + "\n" }
	}
	swap := func(at func(*observe.Record) *string, old, text string) func(*observe.Record) {
		return func(r *observe.Record) {
			p := at(r)
			if !strings.Contains(*p, old) {
				t.Errorf("fixture has no %q", old)
			}
			*p = strings.ReplaceAll(*p, old, text)
		}
	}
	mounts := func(r *observe.Record) *string { return &r.Mountinfo }
	status := func(r *observe.Record) *string { return &r.Status }
	host := func(name string) func(*observe.Record) {
		return func(r *observe.Record) { r.Namespaces[name] = record(t, "podman5-crun", "self.json").Namespaces[name] }
	}
	for _, c := range []struct {
		want   string
		tamper func(*observe.Record)
	}{
		{"volume[/canary]", line("900 208 254:0 /home/zuser/canary /canary rw,nosuid,nodev - ext4 /dev/vda rw")},
		{"volume[/]", line("900 208 254:0 /home/zuser / ro - ext4 /dev/vda rw")},
		{"volume[/models/sub]", line("900 202 0:77 / /models/sub rw,relatime - tmpfs O-sub rw,size=64k")},
		{"tmpfs[/models/sub]", line("900 202 0:77 / /models/sub rw,nosuid,nodev,noexec - tmpfs O-sub rw,size=64k")},
		{"volume[/models]", line(`900 202 254:0 /home/zuser/o\040ther /models ro,nosuid,nodev - ext4 /dev/vda rw`)},
		{"volume[/etc/hosts]", line("900 208 254:0 /home/zuser/hosts /etc/hosts ro - ext4 /dev/vda rw")},
		{"volume[/dev/null]", line("900 213 254:0 /home/zuser/null /dev/null rw - ext4 /dev/vda rw")},
		{"volume[/dev/zero]", line("900 213 0:32 /zero /dev/zero rw - tmpfs tmpfs rw")}, // the host's /tmp
		{"volume[/proc/acpi]", line("900 212 0:32 /null /proc/acpi rw - tmpfs tmpfs rw")},
		{"volume[/proc/fs]", line("900 212 0:23 /fs /proc/fs ro - proc proc rw")},
		{"device", line("900 213 0:6 /kvm /dev/kvm rw,nosuid,noexec - devtmpfs udev rw")},
		{"volume[/proc]", line("900 208 0:23 / /proc rw,nosuid,nodev,noexec - proc proc rw")},
		{"volume[/proc/sys]", line("900 212 0:49 /sys /proc/sys rw - proc proc rw")},
		{"volume[/sys/fs/cgroup]", line("900 210 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw")},
		{"volume[/sys]", swap(mounts, " /sys ro,", " /sys rw,")},
		{"volume[/dev/shm]", line("900 213 0:26 / /dev/shm rw,nosuid,nodev,noexec - tmpfs tmpfs rw")},
		{"shm_size", swap(mounts, "size=65536k,uid", "size=65540k,uid")},
		{"read_only", swap(mounts, " / / ro,", " / / rw,")},
		{"volume[/models]", swap(mounts, "/models ro,", "/models rw,")},
		{"tmpfs[/tmp]", swap(mounts, "/tmp rw,nosuid,nodev,noexec", "/tmp rw,nosuid,nodev")},
		{"tmpfs[/tmp]", swap(mounts, "size=262144k", "inode64")},
		{"volume[/tmp]", swap(mounts, "/tmp rw,nosuid,nodev", "/tmp rw,nodev")},
		{"tmpfs[/tmp]", func(r *observe.Record) { r.TmpfsModes = map[string]uint32{"/tmp": 0o4755} }},
		{"tmpfs[/tmp]", func(r *observe.Record) { r.TmpfsModes = map[string]uint32{"/tmp": 0o777} }},
		{"no_new_privileges", swap(status, "NoNewPrivs:\t1", "NoNewPrivs:\t0")},
		{"capabilities", swap(status, "CapAmb:\t0000000000000000", "CapAmb:\t0000000000200000")},
		{"user", swap(status, "Uid:\t1000\t1000", "Uid:\t1000\t100000")},
		{"group_add", swap(status, "Groups:\t1000 ", "Groups:\t1000 100026")},
		{"group_add", swap(status, "Groups:\t1000 ", "Groups:\t1000 27")},
		{"seccomp_filter", func(r *observe.Record) {
			r.Status = strings.ReplaceAll(r.Status, "Name:\tcrun", "Name:\trunc:[2:INIT]")
		}},
		{"uid_map", func(r *observe.Record) { r.UidMap = "0 100000 1000\n1000 101000 1\n" }},
		{"uid_map", func(r *observe.Record) { r.UidMap = "0 1000 1\n" }},
		{"gid_map", func(r *observe.Record) { r.GidMap = "0 1 4294967294\n" }},
		{"ipc", host("ipc")}, {"pid", host("pid")}, {"uts", host("uts")}, {"cgroupns", host("cgroup")}, {"network", host("net")},
		{"process_label", func(r *observe.Record) { r.AttrExec = "" }},
		{"process_label", func(r *observe.Record) { r.AttrExec = "system_u:system_r:spc_t:s0" }},
		{"memory", func(r *observe.Record) {
			r.CgroupFiles["memory.max"], r.CgroupFiles["../memory.max"] = "max\n", "max\n"
		}},
		{"memory", func(r *observe.Record) { r.CgroupFiles = map[string]string{} }},
		{"memory_swap", func(r *observe.Record) {
			r.CgroupFiles["memory.swap.max"], r.CgroupFiles["../memory.swap.max"] = "max\n", "max\n"
		}},
		{"pids_limit", func(r *observe.Record) { delete(r.CgroupFiles, "pids.max"); delete(r.CgroupFiles, "../pids.max") }},
		{"cpus", func(r *observe.Record) { r.CgroupFiles["cpu.max"], r.CgroupFiles["../cpu.max"] = "max 100000\n", "" }},
		{"ulimit[core]", func(r *observe.Record) {
			r.Limits = strings.ReplaceAll(r.Limits, "Max core file size        0                    0", "Max core file size        unlimited            unlimited")
		}},
	} {
		plan := hardened(t, "podman5-crun")
		rec := record(t, "podman5-crun", "hardened", "init.json")
		c.tamper(&rec)
		s, err := observe.Kernel(rec, context(t, "podman5-crun", "hardened", plan))
		expect(t, c.want, plan, s, err)
	}
}

// The mode a tmpfs has is no difference where it allows no more than planned, and
// what allows less is told.
func TestTmpfsModes(t *testing.T) {
	plan, rec := hardened(t, "podman5-crun"), record(t, "podman5-crun", "hardened", "init.json")
	if got := observe.UnprovedTmpfs(rec, plan)["/tmp"]; got != "its mode cannot be read here" {
		t.Errorf("what was not read is told as %q", got)
	}
	for mode, narrow := range map[uint32]bool{0o1777: false, 0o755: true, 0: true} {
		rec.TmpfsModes = map[string]uint32{"/tmp": mode, "/models": 0o700}
		s, err := observe.Kernel(rec, context(t, "podman5-crun", "hardened", plan))
		if err != nil {
			t.Fatal(err)
		}
		if d := container.Diff(plan, s); len(d) > 0 {
			t.Errorf("%04o: %v", mode, d)
		}
		if got, told := observe.UnprovedTmpfs(rec, plan)["/tmp"]; told != narrow || told && !strings.Contains(got, fmt.Sprintf("%04o", mode)) {
			t.Errorf("%04o is told: %q", mode, got)
		}
	}
	if got := observe.TmpfsTargets(rec.Mountinfo); !slices.Contains(got, "/tmp") || slices.Contains(got, "/models") {
		t.Errorf("tmpfs at %q", got)
	}
}

// A record that lacks what counts is an error, never a pass.
func TestBrokenRecord(t *testing.T) {
	for name, tamper := range map[string]func(*observe.Record){
		"status":       func(r *observe.Record) { r.Status = "" },
		"no seccomp":   func(r *observe.Record) { r.Status = strings.ReplaceAll(r.Status, "Seccomp:", "X:") },
		"capabilities": func(r *observe.Record) { r.Status = strings.ReplaceAll(r.Status, "CapBnd:\t", "CapBnd:\tz") },
		"uid_map":      func(r *observe.Record) { r.UidMap = "" },
		"mountinfo":    func(r *observe.Record) { r.Mountinfo += "x\n" },
		"no root":      func(r *observe.Record) { r.Mountinfo = "" },
		"size":         func(r *observe.Record) { r.Mountinfo = strings.Repeat("\n", 5<<20) },
	} {
		rec := record(t, "podman4-runc", "hardened", "init.json")
		tamper(&rec)
		if _, err := observe.Kernel(rec, observe.Context{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Only crun has no filter before the start; afterwards none is none.
func TestSeccompFilterKnown(t *testing.T) {
	for _, c := range []struct {
		engine, file string
		started      bool
		known        bool
	}{
		{"podman4-runc", "init.json", false, false},
		{"podman5-crun", "init.json", false, false},
		{"podman5-crun", "init.json", true, true},
		{"podman5-crun", "run.json", true, false},
	} {
		rec := record(t, c.engine, "hardened", c.file)
		in := context(t, c.engine, "hardened", nil)
		in.Started = c.started
		s, err := observe.Kernel(rec, in)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, known := container.SeccompFilter.Get(s); known != c.known {
			t.Errorf("%+v: known %v", c, known)
		}
	}
}

// The files of cgroup v1 and v2 give the same rows; of a chain of cgroups the
// tightest limit holds.
func TestCgroupFiles(t *testing.T) {
	for name, c := range map[string]struct {
		files              map[string]string
		memory, swap, pids int64
		cpus               float64
	}{
		"v1": {map[string]string{"memory.limit_in_bytes": "268435456\n", "memory.memsw.limit_in_bytes": "536870912\n",
			"pids.max": "100\n", "cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n"}, 256 << 20, 512 << 20, 100, 0.5},
		"v1 unlimited": {map[string]string{"memory.limit_in_bytes": "9223372036854771712\n", "memory.memsw.limit_in_bytes": "9223372036854710272",
			"pids.max": "max", "cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, 0, 0, 0, 0},
		"v2 parent": {map[string]string{"memory.max": "max", "../memory.max": "268435456", "../../memory.max": "1073741824",
			"../memory.swap.max": "0", "cpu.max": "max 100000", "../cpu.max": "200000 100000", "pids.max": "0"}, 256 << 20, 256 << 20, 1, 2},
		"hostile": {map[string]string{"memory.max": "-5", "pids.max": "99999999999999999999", "cpu.max": "", "../cpu.max": "1 0"}, 0, 0, 0, 0.00001},
	} {
		rec := record(t, "podman4-runc", "hardened", "run.json")
		rec.CgroupFiles = c.files
		s, err := observe.Kernel(rec, observe.Context{})
		if err != nil {
			t.Fatal(err)
		}
		if s.Memory != c.memory || s.MemorySwap != c.swap || s.PidsLimit != c.pids || s.Cpus != c.cpus {
			t.Errorf("%s: got %d %d %d %g", name, s.Memory, s.MemorySwap, s.PidsLimit, s.Cpus)
		}
	}
}

// What the host limits above the container's cgroup is no difference.
func TestHostsLimits(t *testing.T) {
	plan := hardened(t, "podman5-crun")
	rec := record(t, "podman5-crun", "hardened", "init.json")
	rec.CgroupFiles["../../memory.max"], rec.CgroupFiles["../../../pids.max"] = "1048576", "7"
	s, err := observe.Kernel(rec, context(t, "podman5-crun", "hardened", plan))
	check(t, "kernel", plan, s, err)
}

// Of equal readings the plan's is taken: rounded sizes, other names of a
// directory, options a bind inherits, Podman's spelling of a log size.
func TestPlansReading(t *testing.T) {
	plan := hardened(t, "podman5-crun")
	m := planMark()
	container.Memory.Set(plan, 256<<20-1000, m)
	container.Cpus.Set(plan, 1.5000001, m)
	container.Ipc.Set(plan, "shareable", m)
	container.TmpfsAt.Set(plan, "/run", container.Tmpfs{Size: 16<<20 - 1}, m)
	container.VolumeAt.Set(plan, "/models", container.Volume{Source: "/srv/models", ReadOnly: true, NoDev: true}, m)
	in := context(t, "podman5-crun", "hardened", plan)
	in.Self.Mountinfo += "900 28 254:0 /home/zuser/t-models /srv/models rw,nosuid,noatime - ext4 /dev/vda rw\n"
	s, err := observe.Kernel(record(t, "podman5-crun", "hardened", "init.json"), in)
	container.MemorySwap.Clear(plan)
	check(t, "kernel", plan, s, err)
}

// Inspect gives both versions' spellings one value, and the plan's secrets their
// targets.
func TestInspect(t *testing.T) {
	plan, m := &container.Spec{}, planMark()
	container.SecretOf.Set(plan, "t-sec", container.Secret{Type: "mount", Target: "tok", Mode: 0o400}, m)
	container.SecretOf.Set(plan, "t-env", container.Secret{Type: "env", Target: "TOK"}, m)
	for _, engine := range engines {
		if engine == "podman4-runc" {
			container.Labels.Clear(plan)
		} else {
			container.Labels.Set(plan, "zl.test", "1", m) // the image's
		}
		s, err := observe.Inspect(file(t, engine, "extras", "inspect.json"), observe.Context{Planned: plan})
		check(t, engine, plan, s, err)
	}
	raw := `{"ImageName":"h/r:1","ImageDigest":"sha256:aa","HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"},{"HostIp":"::","HostPort":"1"}]}}}`
	container.Image.Set(plan, "h/r@sha256:aa", m)
	s, err := observe.Inspect([]byte(raw), observe.Context{Planned: plan})
	if err != nil {
		t.Fatal(err)
	}
	if s.Image != "h/r@sha256:aa" || s.Publish["80/tcp"].HostIP != "0.0.0.0" || s.Publish["80/tcp@:::1"].HostPort != 1 || s.Restart != "no" {
		t.Errorf("got %+v", s)
	}
}

// A file that the engine writes is the engine's own where it lies in the directory of
// this container, and somebody's choice anywhere else.
func TestChosenFiles(t *testing.T) {
	for text, own := range map[string]bool{
		"/s/overlay-containers/ab/userdata/ctr.log": true, "/s/vfs-containers/ab/userdata/x/../pidfile": true, "": true,
		"/s/vfs-containers/cd/userdata/ctr.log": false, "/s/vfs-containers/ab/userdata/../../../.bashrc": false, "/home/u/.bashrc": false,
	} {
		raw, err := json.Marshal(map[string]any{"Id": "ab", "PidFile": text, "HostConfig": map[string]any{"LogConfig": map[string]string{"Path": text}}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := observe.Inspect(raw, observe.Context{Audit: true})
		if err != nil {
			t.Fatal(err)
		}
		if path, _, _ := container.LogOpt.Get(s, "path"); (path == "") != own {
			t.Errorf("log %q: %q", text, path)
		}
		if f, _, _ := container.HostFiles.Get(s, "--pidfile"); (f.Path == "") != own {
			t.Errorf("pid %q: %+v", text, f)
		}
	}
}

// The better rung counts, and where the lower one claims otherwise is told.
func TestSettle(t *testing.T) {
	low, high := &container.Spec{}, &container.Spec{}
	container.Memory.Set(low, 8<<30, container.Mark{Evidence: container.Inspected})
	container.Name.Set(low, "n", container.Mark{Evidence: container.Inspected})
	container.UlimitOf.Set(low, "nofile", container.Ulimit{Soft: 1, Hard: 1}, container.Mark{Evidence: container.OCI})
	container.Memory.Set(high, 0, container.Mark{Evidence: container.Kernel})
	container.UlimitOf.Set(high, "core", container.Ulimit{}, container.Mark{Evidence: container.Kernel})
	s, differences := observe.Settle(high, nil, low)
	if s.Memory != 0 || s.Name != "n" || len(s.Ulimit) != 2 {
		t.Fatalf("got %+v", s)
	}
	if len(differences) != 1 || differences[0].Path.Key != "memory" || differences[0].Evidence != container.Kernel {
		t.Errorf("differences %v", differences)
	}
	if s, differences := observe.Settle(nil); len(container.Settings(s)) != 0 || differences != nil {
		t.Errorf("of nothing comes %+v", s)
	}
}

// An empty description of the image, which one Podman passes on and another does
// not, is no difference.
func TestEmptyDescription(t *testing.T) {
	c := config(t, "podman5-crun", "hardened")
	c.Annotations["org.opencontainers.image.base.name"] = ""
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := observe.OCI(b, observe.Context{Planned: &container.Spec{}})
	if _, _, seen := container.Annotation.Get(s, "org.opencontainers.image.base.name"); err != nil || seen {
		t.Errorf("seen: %t, %v", seen, err)
	}
}
