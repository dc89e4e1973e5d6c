package seccomp_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// The filter resolved here is the one real engines wrote for their containers,
// with the default capabilities, with none and with one.
func TestResolveAsPodmanDoes(t *testing.T) {
	for engine, profile := range map[string]string{"podman4-runc": "4.3.1", "podman5-crun": "5.4.2"} {
		p := read(t, "testdata/default-podman-"+profile+".json")
		for _, name := range []string{"hardened", "plain", "extras"} {
			c := config(t, filepath.Join("../observe/testdata", engine, name, "config.json"))
			got := seccomp.Digest(p.Resolve("amd64", c.Process.Capabilities.Bounding))
			if want := seccomp.Digest(c.Linux.Seccomp); got != want || want == seccomp.None {
				t.Errorf("%s %s: resolved %s, container has %s", engine, name, got, want)
			}
		}
		if a, b := seccomp.Digest(p.Resolve("amd64", nil)), seccomp.Digest(p.Resolve("amd64", []string{"sys_admin"})); a == b {
			t.Errorf("%s: a capability changes nothing", profile)
		}
	}
}

func config(t *testing.T, path string) *specs.Spec {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &specs.Spec{}
	if err := json.Unmarshal(b, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Order and grouping do not change a digest, and everything that changes the
// filter does.
func TestDigest(t *testing.T) {
	eperm, other := uint(1), uint(2)
	base := func() *specs.LinuxSeccomp {
		return &specs.LinuxSeccomp{DefaultAction: deny, Architectures: []specs.Arch{specs.ArchX86_64, specs.ArchX86},
			Syscalls: []specs.LinuxSyscall{
				{Names: []string{"read", "write"}, Action: allow},
				{Names: []string{"clone"}, Action: allow, Args: []specs.LinuxSeccompArg{{Index: 0, Value: 1, Op: specs.OpEqualTo}, {Index: 1, Op: specs.OpEqualTo}}},
			}}
	}
	want := seccomp.Digest(base())
	same := map[string]func(*specs.LinuxSeccomp){
		"order":     func(f *specs.LinuxSeccomp) { slices.Reverse(f.Syscalls); slices.Reverse(f.Architectures) },
		"arguments": func(f *specs.LinuxSeccomp) { slices.Reverse(f.Syscalls[1].Args) },
		"grouping": func(f *specs.LinuxSeccomp) {
			f.Syscalls[0].Names = []string{"write"}
			f.Syscalls = append(f.Syscalls, specs.LinuxSyscall{Names: []string{"read"}, Action: allow})
		},
		"repetition":    func(f *specs.LinuxSeccomp) { f.Syscalls = append(f.Syscalls, f.Syscalls[0]) },
		"default errno": func(f *specs.LinuxSeccomp) { f.DefaultErrnoRet = &eperm },
	}
	for name, change := range same {
		f := base()
		if change(f); seccomp.Digest(f) != want {
			t.Errorf("%s changes the digest", name)
		}
	}
	differs := map[string]func(*specs.LinuxSeccomp){
		"default":      func(f *specs.LinuxSeccomp) { f.DefaultAction = allow },
		"errno":        func(f *specs.LinuxSeccomp) { f.DefaultErrnoRet = &other },
		"a call":       func(f *specs.LinuxSeccomp) { f.Syscalls[0].Names = append(f.Syscalls[0].Names, "bpf") },
		"an action":    func(f *specs.LinuxSeccomp) { f.Syscalls[0].Action = specs.ActLog },
		"a condition":  func(f *specs.LinuxSeccomp) { f.Syscalls[1].Args = nil },
		"a value":      func(f *specs.LinuxSeccomp) { f.Syscalls[1].Args[0].Value = 2 },
		"architecture": func(f *specs.LinuxSeccomp) { f.Architectures = f.Architectures[:1] },
		"a flag":       func(f *specs.LinuxSeccomp) { f.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagLog} },
		"a listener":   func(f *specs.LinuxSeccomp) { f.ListenerPath = "/x" },
		"a name":       func(f *specs.LinuxSeccomp) { f.Syscalls[0].Names = []string{"read", "write\" \"x"} },
	}
	for name, change := range differs {
		f := base()
		if change(f); seccomp.Digest(f) == want {
			t.Errorf("%s does not change the digest", name)
		}
	}
	if seccomp.Digest(nil) != seccomp.None {
		t.Error("no filter has a digest")
	}
}

// Podman's defaults and the inference profile lie above the floor; weaker filters
// are named.
func TestFloor(t *testing.T) {
	for _, path := range []string{"testdata/default-podman-4.3.1.json", "testdata/default-podman-5.4.2.json", "inference.json"} {
		for _, arch := range []string{"amd64", "arm64", "ppc64le", "s390x"} {
			if below := seccomp.Floor(read(t, path).Resolve(arch, nil), nil); len(below) > 0 {
				t.Errorf("%s %s: %q", path, arch, below)
			}
		}
	}
	if f := seccomp.Floor(read(t, "testdata/default-podman-5.4.2.json").Resolve("amd64", []string{"CAP_SYS_MODULE"}), nil); !slices.Contains(f, "init_module") {
		t.Errorf("module loading passes: %q", f)
	}
	open := &specs.LinuxSeccomp{DefaultAction: allow, Syscalls: []specs.LinuxSyscall{{Names: []string{"bpf"}, Action: deny}}}
	if f := seccomp.Floor(open, nil); f[0] != "default SCMP_ACT_ALLOW" || slices.Contains(f, "bpf") || !slices.Contains(f, "kexec_load") {
		t.Errorf("allow-all: %q", f)
	}
	asks := &specs.LinuxSeccomp{DefaultAction: deny, ListenerPath: "/run/x"}
	if f := seccomp.Floor(asks, nil); !slices.Equal(f, []string{`what "/run/x" decides`}) {
		t.Errorf("a listener: %q", f)
	}
	if f := seccomp.Floor(nil, nil); len(f) < 10 {
		t.Errorf("no filter: %q", f)
	}
}

// Podman takes what is refused here for something else, or refuses it, too.
func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"unknown field": `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"nmaes":["x"]}]}`,
		"errno":         `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"EWHAT"}`,
		"two names":     `{"syscalls":[{"name":"a","names":["b"],"action":"SCMP_ACT_ALLOW"}]}`,
		"both":          `{"architectures":["SCMP_ARCH_X86"],"archMap":[{"architecture":"SCMP_ARCH_X86"}]}`,
		"two values":    `{} {}`,
		"large":         `{"defaultErrno":"` + strings.Repeat("x", 2<<20) + `"}`,
		"nothing":       ``,
	} {
		if _, err := seccomp.Read([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if p, err := seccomp.Read([]byte(`{}`)); err != nil || p.Resolve("amd64", nil) != nil {
		t.Errorf("an empty profile is no filter: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(seccomp.Inference(), "s390x")
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"name":"a","errno":"7","args":[null],"includes":{"caps":["CAP_X"]}}]}`), "amd64")
	f.Fuzz(func(t *testing.T, data []byte, arch string) {
		p, err := seccomp.Read(data)
		if err != nil {
			return
		}
		r := p.Resolve(arch, []string{"sys_admin"})
		seccomp.Digest(r)
		seccomp.Floor(r, nil)
	})
}

// What a default gives to a capability is no weakness for who holds it, and nothing
// else is excused by holding one.
func TestFloorWithCapabilities(t *testing.T) {
	caps := []string{"BPF", "CAP_DAC_READ_SEARCH", "perfmon", "SYS_ADMIN", "SYS_CHROOT", "SYS_MODULE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME",
		"SYS_TTY_CONFIG", "NET_BIND_SERVICE", "SYS_NICE", "SYS_BOOT", "SYSLOG"}
	for _, path := range []string{"testdata/default-podman-4.3.1.json", "testdata/default-podman-5.4.2.json"} {
		for _, c := range append(caps, "all") {
			held := []string{c}
			if c == "all" {
				held = caps
			}
			if low := seccomp.Floor(read(t, path).Resolve("amd64", held), []string{c}); len(low) > 0 {
				t.Errorf("%s with %s: below the floor: %q", path, c, low)
			}
		}
	}
	open := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{{Names: []string{"bpf", "chroot"}, Action: specs.ActAllow}}}
	for held, want := range map[string]string{"": "bpf chroot", "NET_BIND_SERVICE": "bpf chroot", "SYS_CHROOT": "bpf", "BPF": "chroot", "all": ""} {
		if got := strings.Join(seccomp.Floor(open, []string{held}), " "); got != want {
			t.Errorf("with %q: %q, want %q", held, got, want)
		}
	}
}
