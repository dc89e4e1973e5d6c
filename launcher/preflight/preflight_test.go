package preflight_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

func mark(l container.Layer) container.Mark { return container.From(container.Origin{Layer: l}) }

// good is a subject with nothing to complain of.
func good() preflight.Subject {
	plan := &container.Spec{}
	m := mark(container.LayerBuiltIn)
	container.Memory.Set(plan, 1<<30, m)
	container.MemorySwap.Set(plan, 1<<30, m)
	container.PidsLimit.Set(plan, 100, m)
	container.Cpus.Set(plan, 2, m)
	container.User.Set(plan, "1000:1000", m)
	container.Userns.Set(plan, "keep-id:uid=1000,gid=1000", m)
	container.VolumeAt.Set(plan, "/models", container.Volume{Source: "/m", ReadOnly: true, Relabel: "z"}, m)
	own := host.SubIDs{File: "/etc/subuid", Exists: true, Own: []host.Range{{Owner: "ann", Start: 100000, Count: 65536}}}
	return preflight.Subject{
		Plan: plan, Kind: "server", Detached: true,
		Host: &host.Facts{
			OS: "linux", Arch: "amd64", UID: 1001, EUID: 1001, Username: "ann", RuntimeDir: host.RuntimeDir{Path: "/run/user/1001"},
			SubUIDs: own, SubGIDs: own, NewUIDMap: host.Helper{Path: "/b", Privileged: true}, NewGIDMap: host.Helper{Path: "/b", Privileged: true},
			Cgroup: host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}, Linger: true, UserSystemd: true,
			SELinux: host.SELinux{Enabled: true, Mode: host.Enforcing},
		},
		Engine: preflight.Engine{Version: "5.4.2", Arch: "amd64", Rootless: true, CgroupVersion: "v2", Controllers: []string{"memory", "pids"},
			CgroupManager: "systemd", Runtime: "crun", GraphDriver: "overlay", GraphRoot: "/g", GraphFree: 1 << 40},
		Image: preflight.Image{Present: true, Ref: "i:1", Arch: "amd64", Size: 1 << 30, UID: 1000},
		Trees: []preflight.Tree{{Target: "/models", Result: &model.Result{Path: "/m"}, Disk: host.Disk{FSType: "xfs"}}},
	}
}

func TestGood(t *testing.T) {
	if got := preflight.Check(good()); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
	if got := preflight.Check(preflight.Subject{}); len(got) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}

// What is meant by a size or a port that cannot be is there to type.
func TestMeant(t *testing.T) {
	for memory, want := range map[int64]string{8: "did you mean 8g?", 512: "did you mean 512m?", 1 << 20: "did you mean 512m?"} {
		s := &container.Spec{}
		container.Memory.Set(s, memory, container.Mark{})
		if got := preflight.Sizes(s); len(got) != 1 || !got[0].Fatal || !strings.Contains(got[0].Hint, want) {
			t.Errorf("%d: %+v", memory, got)
		}
	}
	spec := &container.Spec{}
	container.Memory.Set(spec, 6<<20, container.Mark{})
	container.ShmSize.Set(spec, 64, container.Mark{})
	container.TmpfsAt.Set(spec, "/tmp", container.Tmpfs{Size: 512}, container.Mark{})
	container.TmpfsAt.Set(spec, "/run", container.Tmpfs{}, container.Mark{}) // which another control judges
	if got := preflight.Sizes(spec); len(got) != 2 || got[0].Message != "shm_size is 64 bytes, in which nothing runs" || got[1].Setting.Elem != "/tmp" {
		t.Errorf("%+v", got)
	}
	spec = &container.Spec{}
	container.Memory.Set(spec, 1<<30, container.Mark{})
	container.MemorySwap.Set(spec, 1<<29, container.Mark{})
	container.ShmSize.Set(spec, 8<<30, container.Mark{})
	container.TmpfsAt.Set(spec, "/tmp", container.Tmpfs{Size: 2 << 30}, container.Mark{})
	container.TmpfsAt.Set(spec, "/run", container.Tmpfs{Size: 1 << 30}, container.Mark{})
	if got := preflight.Sizes(spec); len(got) != 3 || !got[0].Fatal || got[1].Fatal || got[2].Fatal ||
		got[0].Message != "memory_swap is 512MiB and counts the memory of 1GiB in: podman refuses less" || got[2].Setting.Elem != "/tmp" {
		t.Errorf("%+v", got)
	}
	s := good()
	s.Host.FirstPort = 1024
	for port, want := range map[uint16]string{80: "-p 8080:8000; or ask root: sysctl net.ipv4.ip_unprivileged_port_start=80", 1024: ""} {
		container.Publish.Set(s.Plan, "8000/tcp", container.Port{HostIP: "127.0.0.1", HostPort: port}, container.Mark{})
		if got := preflight.Check(s); want == "" && len(got) != 0 || want != "" && (len(got) != 1 || got[0].Hint != want) {
			t.Errorf("%d: %+v", port, got)
		}
	}
}

// Each subject has one fault and gives one problem, with a next step.
func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		control string
		fatal   bool
		text    string
		spoil   func(s *preflight.Subject)
	}{
		"root":              {"ZL-101", true, "you are root", func(s *preflight.Subject) { s.Host.EUID, s.Engine.Rootless = 0, false }},
		"root's engine":     {"ZL-101", true, "engine that answers", func(s *preflight.Subject) { s.Engine.Rootless = false }},
		"remote root":       {"ZL-101", true, "its machine", func(s *preflight.Subject) { s.Engine.Rootless, s.Engine.Remote = false, true }},
		"old podman":        {"ZL-304", true, "4.2.0", func(s *preflight.Subject) { s.Engine.Version = "4.2.0" }},
		"userns off":        {"ZL-105", true, "x=0", func(s *preflight.Subject) { s.Host.Userns.Blocked = "x=0" }},
		"userns restricted": {"ZL-105", false, "AppArmor", func(s *preflight.Subject) { s.Host.Userns.AppArmorRestricted = true }},
		"no newuidmap":      {"ZL-105", true, "newuidmap is not", func(s *preflight.Subject) { s.Host.NewUIDMap = host.Helper{} }},
		"plain newgidmap":   {"ZL-105", true, "neither setuid", func(s *preflight.Subject) { s.Host.NewGIDMap.Privileged = false }},
		"no sub-uids":       {"ZL-105", true, "no range for you", func(s *preflight.Subject) { s.Host.SubUIDs = host.SubIDs{File: "/etc/subuid"} }},
		"few sub-gids":      {"ZL-105", false, "gives you 10", func(s *preflight.Subject) { s.Host.SubGIDs.Own = []host.Range{{Owner: "ann", Start: 1, Count: 10}} }},
		"shared sub-uids":   {"ZL-105", false, `"bob"`, func(s *preflight.Subject) { s.Host.SubUIDs.Shared = []host.Overlap{{Other: host.Range{Owner: "bob"}}} }},
		"sub-uids twice": {"ZL-105", true, `lines 2 and 3 of /etc/subuid overlap, "ann:100000:65536" and "ann:165535:9"`, func(s *preflight.Subject) {
			s.Host.SubUIDs.Twice = []host.Overlap{{Own: host.Range{Owner: "ann", Start: 100000, Count: 65536, Line: 2}, Other: host.Range{Owner: "ann", Start: 165535, Count: 9, Line: 3}}}
		}},
		"own id mapped": {"ZL-105", true, "has your own id 1001 in it", func(s *preflight.Subject) {
			s.Host.SubUIDs.Own = []host.Range{{Owner: "ann", Start: 1000, Count: 65536}}
		}},
		"crun hybrid": {"", true, "crun makes no container here: cgroups are hybrid, and version 2 has the controllers hugetlb", func(s *preflight.Subject) {
			s.Host.Cgroup.Beside = []string{"hugetlb"}
		}},
		"empty uid map": {"", true, "of which the OCI runtime dies", func(s *preflight.Subject) {
			s.Engine.Version = "4.3.1"
			container.Userns.Set(s.Plan, "keep-id:uid=1000,gid=0", container.Mark{})
		}},
		"uid beyond the map": {"", true, "uid 65537 of the workload does not exist in its user namespace, \"keep-id:uid=1000,gid=1000\", which has 0 to 65536", func(s *preflight.Subject) {
			container.Userns.Set(s.Plan, "keep-id:uid=1000,gid=1000", container.Mark{})
			container.User.Set(s.Plan, "65537:1000", container.Mark{})
		}},
		"gid beyond the map": {"", true, "gid 1000 of", func(s *preflight.Subject) {
			container.Userns.Set(s.Plan, "auto:size=100", container.Mark{})
			container.User.Set(s.Plan, "10:1000", container.Mark{})
		}},
		"no runtime dir":   {"", false, "not set", func(s *preflight.Subject) { s.Host.RuntimeDir = host.RuntimeDir{Problem: "not set"} }},
		"bad runtime dir":  {"", true, "another's", func(s *preflight.Subject) { s.Host.RuntimeDir.Problem = "another's" }},
		"open runtime dir": {"", true, "0777", func(s *preflight.Subject) { s.Host.RuntimeDir.Problem, s.Host.RuntimeDir.Own = "mode 0777", true }},
		"no linger":        {"", false, "log out", func(s *preflight.Subject) { s.Host.Linger = false }},
		"cgroup v1":        {"ZL-104", true, "memory, memory_swap, cpus, pids_limit cannot", func(s *preflight.Subject) { s.Engine.CgroupVersion = "v1" }},
		"no cpu":           {"ZL-104", true, "cpus cannot", func(s *preflight.Subject) { s.Host.Cgroup.Controllers = nil }},
		"cgroupfs":         {"ZL-104", true, "cpus cannot", func(s *preflight.Subject) { s.Engine.CgroupManager, s.Host.Cgroup.Divisible = "cgroupfs", true }},
		"not delegated":    {"ZL-104", true, "memory, memory_swap, cpus, pids_limit cannot", func(s *preflight.Subject) { s.Engine.CgroupManager = "cgroupfs" }},
		"no user systemd": {"ZL-104", true, "memory, memory_swap, cpus, pids_limit cannot", func(s *preflight.Subject) {
			s.Engine.CgroupManager, s.Host.UserSystemd = "", false // Podman falls back to cgroupfs
		}},
		"remote limits":    {"ZL-104", true, "cpus cannot", func(s *preflight.Subject) { s.Engine.Remote = true }},
		"no SELinux":       {"ZL-408", false, "not on", func(s *preflight.Subject) { s.Host.SELinux = host.SELinux{} }},
		"permissive":       {"ZL-406", false, "permissive", func(s *preflight.Subject) { s.Host.SELinux.Mode = host.Permissive }},
		"AppArmor":         {"ZL-408", false, "applies no profile", func(s *preflight.Subject) { s.Host.AppArmor = true }},
		"AppArmor profile": {"ZL-407", true, `"mine"`, func(s *preflight.Subject) { container.Apparmor.Set(s.Plan, "mine", container.Mark{}) }},
		"wrapper":          {"ZL-108", false, "/x/wrap", func(s *preflight.Subject) { s.Engine.Runtime = "/x/wrap" }},
		"annotation":       {"ZL-108", true, "run.oci.keep", func(s *preflight.Subject) { container.Annotation.Set(s.Plan, "run.oci.keep", "1", container.Mark{}) }},
		"own conmon": {"ZL-108", true, "/home/ann is not root's", func(s *preflight.Subject) {
			s.Host.Programs = []host.Program{{Key: "engine.conmon_path", File: "/c", Path: "/home/ann/conmon", Why: "/home/ann is not root's"}}
		}},
		"broken hook": {"ZL-108", true, "cannot be understood", func(s *preflight.Subject) { s.Host.Hooks = []host.Hook{{File: "/h", Problem: "x"}} }},
		"mounts.conf": {"ZL-523", false, "/run/secrets", func(s *preflight.Subject) {
			s.Host.Mounts = []host.Mount{{Source: "/s", Target: "/run/secrets"}, {Missing: true}, {Optional: true}}
		}},
		"other architecture": {"", true, "s390x", func(s *preflight.Subject) { s.Image.Arch = "s390x" }},
		"root in the image":  {"ZL-301", false, "root in", func(s *preflight.Subject) { container.User.Clear(s.Plan); s.Image.UID = 0 }},
		"root you": {"ZL-301", false, "which is you", func(s *preflight.Subject) {
			container.User.Set(s.Plan, "root", container.Mark{})
			container.Userns.Clear(s.Plan)
		}},
		"privileged port": {"", true, "port 81 of this host is privileged", func(s *preflight.Subject) {
			s.Host.FirstPort = 1024
			container.Publish.Set(s.Plan, "8000/tcp", container.Port{HostIP: "127.0.0.1", HostPort: 81}, container.Mark{})
		}},
		"full disk": {"", true, "needs 1.2 GB", func(s *preflight.Subject) { s.Engine.GraphFree = 1 << 30 }},
		"full vfs": {"", true, "needs 1.1 GB", func(s *preflight.Subject) {
			s.Image.Copied = true
			s.Engine.GraphDriver = "vfs"
			s.Engine.GraphFree = 1 << 29
		}},
		"bad tree": {"ZL-931", true, "m", func(s *preflight.Subject) {
			s.Trees[0].Problems = []audit.Problem{{Control: "ZL-931", Message: "m", Hint: "h", Fatal: true}}
		}},
		"relabel":         {"ZL-510", false, "7 entries", func(s *preflight.Subject) { s.Trees[0].Result.Unlabelled = 7 }},
		"relabel on nfs":  {"ZL-510", true, "nfs", func(s *preflight.Subject) { s.Trees[0].Result.Unlabelled = 7; s.Trees[0].Disk.FSType = "nfs" }},
		"relabel others'": {"ZL-511", true, "semanage", func(s *preflight.Subject) { s.Trees[0].Result.Unlabelled = 7; s.Trees[0].Result.Foreign = 2 }},
	} {
		t.Run(name, func(t *testing.T) {
			s := good()
			c.spoil(&s)
			got := preflight.Check(s)
			if len(got) != 1 {
				t.Fatalf("got %+v", got)
			}
			p := got[0]
			if p.Control != c.control || p.Fatal != c.fatal || !strings.Contains(p.Message+p.Hint, c.text) || p.Hint == "" {
				t.Errorf("got %+v", p)
			}
			if p.Fix == "" && strings.Contains(p.Hint, "doctor --fix") {
				t.Errorf("the script of doctor --fix has nothing for it: %q", p.Hint)
			}
			if p.Fatal != preflight.Fatal(got) {
				t.Error("Fatal disagrees")
			}
		})
	}
}

// Where the engine maps enough ids they come from elsewhere than the files.
func TestDirectoryUser(t *testing.T) {
	s := good()
	s.Host.SubUIDs, s.Host.SubGIDs, s.Engine.IDs = host.SubIDs{}, host.SubIDs{}, 65537
	if got := preflight.Check(s); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

// A file system that holds labels, or a volume without relabel, is left alone.
func TestNoRelabel(t *testing.T) {
	s := good()
	s.Trees[0].Result.Unlabelled, s.Trees[0].Disk.FSType = 7, "nfs"
	container.VolumeAt.Set(s.Plan, "/models", container.Volume{Source: "/m"}, container.Mark{})
	if got := preflight.Check(s); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

// readHost makes facts out of a fixture tree.
func readHost(t *testing.T, files map[string]string) *host.Facts {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := host.Read(host.Source{Root: root, UID: 1001, EUID: 1001})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A hook that would run is refused with its file and program; one that would
// not, or an empty directory, is fine.
func TestHooks(t *testing.T) {
	hook := func(when string) string {
		return `{"version":"1.0.0","hook":{"path":"/h"},"when":` + when + `,"stages":["createRuntime"]}`
	}
	s := good()
	s.Host.Hooks = readHost(t, map[string]string{"/h": "",
		"/usr/share/containers/oci/hooks.d/a.json": hook(`{"annotations":{"^never$":"."}}`),
		"/usr/share/containers/oci/hooks.d/b.json": hook(`{"hasBindMounts":true}`)}).Hooks
	got := preflight.Check(s)
	if len(got) != 1 || got[0].Control != "ZL-108" || !got[0].Fatal ||
		!strings.Contains(got[0].Message, `"/h"`) || !strings.Contains(got[0].Message, "hooks.d/b.json") {
		t.Errorf("got %+v", got)
	}
	container.VolumeAt.Clear(s.Plan)
	if got := preflight.Check(s); len(got) != 0 {
		t.Errorf("without binds: %+v", got)
	}
}

// containers.conf is told, never refused, and values of variables are hidden.
func TestHostDefaults(t *testing.T) {
	s := good()
	s.Host.Conf = readHost(t, map[string]string{"/etc/containers/containers.conf": `[containers]
volumes=["/canary:/canary"]
seccomp_profile="/tmp/allow.json"
env=["TOKEN=hunter2"]
label=true
netns="host"
privileged=false
log_driver="k8s-file"
default_capabilities=["CHOWN", "CAP_SETUID"]
default_sysctls=["net.ipv4.ping_group_range=0 0"]
`}).Conf
	var got []string
	for _, p := range preflight.Check(s) {
		if p.Fatal || p.Control != "ZL-107" || !strings.HasPrefix(p.Message, "/etc/containers/containers.conf sets") || strings.Contains(p.Message, "hunter2") {
			t.Errorf("got %+v", p)
		}
		got = append(got, p.Setting.Key)
	}
	if strings.Join(got, " ") != "env network seccomp_profile volume" {
		t.Errorf("got %v", got)
	}
}

// What no proof can see of a host's defaults stops the run; what concerns networks
// alone is nothing to a run without one.
func TestUnseenDefaults(t *testing.T) {
	s := good()
	s.Host.Conf = readHost(t, map[string]string{"/etc/containers/containers.conf": `[containers]
base_hosts_file="/etc/shadow"
keyring=false
[engine]
network_cmd_options=["enable_ipv6=true", "allow_host_loopback=true"]
no_pivot_root=true
[network]
pasta_options=["--map-gw"]
`}).Conf
	fatal := func() string {
		var got []string
		for _, p := range preflight.Check(s) {
			if p.Fatal && p.Control == "ZL-107" {
				got = append(got, p.Setting.Key)
			}
		}
		return strings.Join(got, " ")
	}
	if got := fatal(); got != "read_only network seccomp_profile network network" {
		t.Errorf("got %v", got)
	}
	container.Network.Set(s.Plan, []string{"none"}, container.From(container.Origin{}))
	if got := fatal(); got != "read_only network seccomp_profile" {
		t.Errorf("without a network: %v", got)
	}
}
