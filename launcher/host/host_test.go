package host_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/host"
)

// tree writes a fixture file system; a name that ends in / is a directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		dir := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			dir = path
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func source(root string, env map[string]string) host.Source {
	return host.Source{
		Root: root, UID: 1001, EUID: 1001, GID: 1001, Groups: []int{27, 1001, 27}, Arch: "amd64",
		Env: func(k string) string { return env[k] },
	}
}

func read(t *testing.T, src host.Source) *host.Facts {
	t.Helper()
	f, err := host.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// An empty host gives facts, not errors.
func TestEmptyHost(t *testing.T) {
	f := read(t, source(t.TempDir(), nil))
	if f.Cgroup.Version != host.CgroupUnknown || f.NNPA.State != host.NNPANotApplicable || len(f.Hooks) != 0 || f.RuntimeDir.Problem == "" {
		t.Errorf("got %+v", f)
	}
	if !reflect.DeepEqual(f.Groups, []int{27}) {
		t.Errorf("groups %v", f.Groups)
	}
}

func TestIdentity(t *testing.T) {
	root := tree(t, map[string]string{
		"/etc/passwd":                 "root:x:0:0::/root:/bin/sh\nann:x:1001:1001::/home/ann:/bin/sh\n",
		"/etc/subuid":                 "# c\nann:100000:65536\n1001:300000:10\nbob:165535:65536\nbad:x:1\nhuge:4294967295:2\n",
		"/etc/subgid":                 "ann:100000:65536\n",
		"/var/lib/systemd/linger/ann": "", "/run/user/1001/systemd/private": "",
		"/usr/bin/newuidmap": "", "/opt/newgidmap": "",
	})
	must(t, os.Chmod(filepath.Join(root, "usr/bin/newuidmap"), 0o755|os.ModeSetuid))
	must(t, os.Chmod(filepath.Join(root, "opt/newgidmap"), 0o755))
	f := read(t, source(root, map[string]string{"XDG_RUNTIME_DIR": "/run/user/1001", "PATH": "/opt"}))
	if f.Username != "ann" || f.Home != "/home/ann" || f.ConfigHome != "/home/ann/.config" || !f.Linger || !f.UserSystemd {
		t.Errorf("got %+v", f)
	}
	if f.SubUIDs.Count() != 65546 || len(f.SubUIDs.Shared) != 1 || f.SubUIDs.Shared[0].Other.Owner != "bob" {
		t.Errorf("sub-uids %+v", f.SubUIDs)
	}
	if f.SubGIDs.Count() != 65536 || len(f.SubGIDs.Shared) != 0 {
		t.Errorf("sub-gids %+v", f.SubGIDs)
	}
	if !f.NewUIDMap.Privileged || f.NewGIDMap != (host.Helper{Path: "/opt/newgidmap"}) {
		t.Errorf("helpers %+v %+v", f.NewUIDMap, f.NewGIDMap)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRuntimeDir(t *testing.T) {
	root := t.TempDir()
	must(t, os.Mkdir(filepath.Join(root, "open"), 0o755))
	must(t, os.Mkdir(filepath.Join(root, "own"), 0o700))
	must(t, os.Mkdir(filepath.Join(root, "passed"), 0o711)) // as Podman leaves it
	must(t, os.Mkdir(filepath.Join(root, "shut"), 0o500))
	for name, mode := range map[string]os.FileMode{"written": 0o730, "shared": 0o777} { // whatever the umask is
		must(t, os.Mkdir(filepath.Join(root, name), 0o700))
		must(t, os.Chmod(filepath.Join(root, name), mode))
	}
	for path, want := range map[string]string{
		"": "is not set", "run": "absolute", "/absent": "does not exist", "/open": "", "/own": "", "/passed": "",
		"/shut": "you cannot use it", "/written": "0730: others can write", "/shared": "others can write",
	} {
		src := source(root, map[string]string{"XDG_RUNTIME_DIR": path})
		src.UID = os.Getuid()
		got := read(t, src).RuntimeDir.Problem
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func TestFirstFree(t *testing.T) {
	s := host.SubIDs{All: []host.Range{{"a", 100000, 65536, 1}, {"b", 524288, 65536, 2}, {"c", 600000, 65536, 3}}}
	if got := s.FirstFree(65536); got != 665536 {
		t.Errorf("got %d", got)
	}
	s.All = []host.Range{{"a", 0, 4294967295, 1}}
	if got := s.FirstFree(65536); got != 0 {
		t.Errorf("got %d on a full host", got)
	}
}

func TestCgroup(t *testing.T) {
	service := "/sys/fs/cgroup/user.slice/user-1001.slice/user@1001.service/cgroup.controllers"
	all := "/sys/fs/cgroup/cgroup.controllers"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  host.Cgroup
	}{
		{"v1", map[string]string{"/sys/fs/cgroup/memory/": ""}, host.Cgroup{Version: host.CgroupV1}},
		{"hybrid", map[string]string{"/sys/fs/cgroup/memory/": "", "/sys/fs/cgroup/unified/cgroup.controllers": ""}, host.Cgroup{Version: host.CgroupHybrid}},
		{"delegated", map[string]string{all: "cpu io memory pids", service: "pids memory\n"},
			host.Cgroup{Version: host.CgroupV2, Controllers: []string{"memory", "pids"}, Dir: "/user.slice/user-1001.slice/user@1001.service", Divisible: true}},
		{"no user manager", map[string]string{all: "cpu", "/proc/self/cgroup": "0::/x\n", "/sys/fs/cgroup/x/cgroup.controllers": "memory"},
			host.Cgroup{Version: host.CgroupV2, Controllers: []string{"memory"}, Dir: "/x", Divisible: true}},
	} {
		if got := read(t, source(tree(t, c.files), nil)).Cgroup; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestKernel(t *testing.T) {
	root := tree(t, map[string]string{
		"/proc/sys/user/max_user_namespaces":                            "0\n",
		"/proc/sys/net/ipv4/ip_unprivileged_port_start":                 "80\n",
		"/proc/sys/kernel/apparmor_restrict_unprivileged_userns":        "1\n",
		"/sys/module/apparmor/parameters/enabled":                       "Y\n",
		"/usr/share/containers/seccomp.json":                            "{}",
		"/home/ann/.config/containers/containers.conf.d/x.conf.ignored": "not toml",
	})
	f := read(t, source(root, map[string]string{"HOME": "/home/ann"}))
	if f.FirstPort != 80 {
		t.Errorf("ports from %d on", f.FirstPort)
	}
	want := host.Userns{Blocked: "user.max_user_namespaces=0", AppArmorRestricted: true}
	if f.Userns != want || !f.AppArmor || f.SELinux.Enabled {
		t.Errorf("got %+v", f)
	}
	b, err := f.Seccomp()
	if f.SeccompFile() != "/usr/share/containers/seccomp.json" || string(b) != "{}" || err != nil {
		t.Errorf("seccomp %q %q %v", f.SeccompFile(), b, err)
	}
}

func TestNNPA(t *testing.T) {
	cpu := func(machine, features string) map[string]string {
		return map[string]string{"/proc/cpuinfo": "vendor_id       : IBM/S390\nfeatures\t: esan3 " + features +
			"\nprocessor 0: version = 00,  identification = 0,  machine = " + machine + "\n"}
	}
	auxv := make([]byte, 32)
	auxv[7], auxv[13] = 16, 1<<4 // AT_HWCAP with bit 20, big-endian
	withHwcap := cpu("3931", "vxe")
	withHwcap["/proc/self/auxv"] = string(auxv)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  host.NNPA
	}{
		{"z17", cpu("9175", "sort dflt nnpa pcimio"), host.NNPA{host.NNPAYes, "9175", "z17"}},
		{"z16, old kernel", cpu("3931", "vxe"), host.NNPA{host.NNPAUnknown, "3931", "z16"}},
		{"z16, old kernel, hwcap", withHwcap, host.NNPA{host.NNPAYes, "3931", "z16"}},
		{"z16, hidden by the hypervisor", cpu("3932", "sort dflt pcimio sie"), host.NNPA{host.NNPANo, "3932", "z16"}},
		{"z15", cpu("8561", "vxe"), host.NNPA{host.NNPANo, "8561", "z15"}},
		{"nothing to read", nil, host.NNPA{State: host.NNPAUnknown}},
	} {
		src := source(tree(t, c.files), nil)
		src.Arch = "s390x"
		if got := read(t, src).NNPA; got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Read is quick on the real machine; the bound is generous for loaded ones.
func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		host.Read(host.System())
	}
}

func TestSystem(t *testing.T) {
	f, err := host.Read(host.System())
	if f == nil || f.UID != os.Getuid() {
		t.Errorf("got %+v, %v", f, err)
	}
	t.Logf("cgroup %+v, selinux %+v, hooks %d, conf %v", f.Cgroup, f.SELinux, len(f.Hooks), f.Conf.Files)
}

// Two lines of one user that meet are told with their numbers.
func TestSubIDsTwice(t *testing.T) {
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, "etc"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "etc/subuid"), []byte("# ours\nbob:1:2\n1001:100000:65536\n1001:165536:10\n1001:165535:1\n"), 0o644))
	got := read(t, source(root, nil)).SubUIDs.Twice
	if len(got) != 1 || got[0].Own.Line != 3 || got[0].Other.String() != "1001:165535:1" || got[0].Other.Line != 5 {
		t.Errorf("got %+v", got)
	}
}
