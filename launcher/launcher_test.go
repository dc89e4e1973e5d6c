package launcher

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/claim"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// planner is a launcher without an engine on a host where everything is in order.
func planner(t *testing.T) *Launcher {
	t.Helper()
	sources, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := profile.Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	facts := &host.Facts{OS: "linux", Arch: "amd64", UID: 1001, EUID: 1001, GID: 1001, Conf: &host.Conf{},
		Cgroup: host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}}
	return &Launcher{Catalog: catalog, Host: facts, Version: "test",
		Dirs: Dirs{Runtime: filepath.Join(dir, "run"), State: filepath.Join(dir, "state"), Data: filepath.Join(dir, "data")}}
}

// Every built-in profile plans on every architecture it names, and no control of
// high severity or above fails in it that the profile does not waive by name.
func TestEveryBuiltInProfileIsHardened(t *testing.T) {
	l := planner(t)
	for _, name := range l.Catalog.Names() {
		if name == "base" {
			continue
		}
		for _, arch := range profile.Archs {
			plan, err := l.Plan(context.Background(), Options{Profile: name, Arch: arch, Detach: true})
			var none *profile.NoImageError
			if errors.As(err, &none) {
				continue
			}
			if err != nil {
				t.Errorf("%s on %s: %v", name, arch, err)
				continue
			}
			for _, f := range audit.Failures(l.judged(plan)) {
				if f.Severity >= audit.High && plan.waiver(f.Control.ID, f.At) == nil {
					t.Errorf("%s on %s fails %s: %s", name, arch, f.Control.ID, f.Message)
				}
			}
		}
	}
}

// The same options give the same hash, another option another one.
func TestPlanHash(t *testing.T) {
	l := planner(t)
	hash := func(o Options) string {
		o.Profile, o.Arch = "triton", "s390x"
		p, err := l.Plan(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return p.Hash
	}
	if a, b := hash(Options{}), hash(Options{}); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if hash(Options{}) == hash(Options{Memory: "9g"}) {
		t.Error("another memory gives the same hash")
	}
}

// The escape hatch is judged like everything else.
func TestEscapeHatchIsJudged(t *testing.T) {
	l := planner(t)
	for arg, control := range map[string]string{
		"--privileged":                         "ZL-201",
		"--cap-add=sys_admin":                  "ZL-204",
		"--security-opt=label=disable":         "ZL-401",
		"--security-opt=seccomp=unconfined":    "ZL-208",
		"--network=host":                       "ZL-701",
		"--pid=host":                           "ZL-601",
		"--volume=/etc:/x:ro,z,nosuid,nodev":   "ZL-506",
		"--volume=//etc/x:/x:ro":               "",
		"--volume=/home/u/.bashrc:/x:rw":       "ZL-506",
		"--volume=/home/u/bin:/x:rw":           "ZL-506",
		"--device=/home/u/.ssh":                "ZL-605",
		"--log-opt=path=/home/u/.bashrc":       "",
		"--log-opt=path=/srv/log":              "",
		"--log-opt=new=/srv/log":               "",
		"--ipc=ns:/srv/x":                      "",
		"--network=ns:/srv/x":                  "",
		"--network=pasta:--pcap,/srv/x":        "",
		"--annotation=run.oci.hooks.stdout=/x": "ZL-108",
		"--user=0:0":                           "ZL-301",
		"--read-only=false":                    "ZL-501",
		"--security-opt=no-new-privileges=no":  "",
	} {
		p, err := l.Plan(context.Background(), Options{Profile: "demo", PodmanArgs: []string{arg}})
		if control == "" {
			if err == nil {
				t.Errorf("%s was taken", arg)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", arg, err)
		} else if rerr := p.Refusal(); rerr == nil || !strings.Contains(rerr.Error(), control) {
			t.Errorf("%s: %v, want %s", arg, rerr, control)
		}
	}
	p, err := l.Plan(context.Background(), Options{Profile: "demo", PodmanArgs: []string{"--cap-add=sys_admin"}, Waive: []string{"ZL-206=because"}})
	if err != nil || p.Refusal() == nil {
		t.Errorf("a critical failure went through on a waiver of another control: %v", err)
	}
	p, err = l.Plan(context.Background(), Options{Profile: "demo", PodmanArgs: []string{"--device=/dev/mem"}, Waive: []string{"ZL-605=because"}})
	if err != nil || p.Refusal() == nil || !strings.Contains(p.Refusal().Error(), "ZL-605") {
		t.Errorf("a failure graded critical went through on a waiver of its control, which is high: %v, %v", err, p.Refusal())
	}
	if _, err := l.Plan(context.Background(), Options{Profile: "demo", Waive: []string{"ZL-204=because"}}); err == nil {
		t.Error("a critical control was waived")
	}
}

func TestParsePublish(t *testing.T) {
	p := &profile.Profile{Name: "x", Ports: []profile.Port{{Name: "http", Number: 8000}, {Name: "metrics", Number: 8002}}}
	for arg, want := range map[string]string{
		"9000:http":            "8000/tcp 127.0.0.1:9000",
		"9000:8001":            "8001/tcp 127.0.0.1:9000",
		"0.0.0.0:9000:http":    "8000/tcp 0.0.0.0:9000",
		"[::1]:9000:metrics":   "8002/tcp ::1:9000",
		"http":                 "",
		"9000:nope":            "",
		"0:http":               "",
		"65536:http":           "",
		"evil.example:1:http":  "",
		"127.0.0.1:9000:":      "",
		"9000:\x1b[31mhttp":    "",
		"::1:9000:http":        "8000/tcp ::1:9000",
		"9000:http:9001:https": "",
	} {
		key, port, err := parsePublish(p, arg)
		got := ""
		if err == nil {
			got = key + " " + port.HostIP + ":" + itoa(port.HostPort)
		} else if hint.Of(err) == "" {
			t.Errorf("%q: no hint", arg)
		}
		if got != want {
			t.Errorf("%q gives %q, want %q (%v)", arg, got, want, err)
		}
	}
}

func itoa(n uint16) string { return strings.TrimPrefix(portLock(n), "port-") }

// A lock is one owner's, ends with it, and leaves no file.
func TestLocks(t *testing.T) {
	l := planner(t)
	k, err := l.tryLock("x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.tryLock("x"); !errors.Is(err, errHeld) {
		t.Errorf("a second owner: %v", err)
	}
	k.release()
	a, err := l.shareLock(t.Context(), "net")
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.shareLock(t.Context(), "net")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.tryLock("net"); !errors.Is(err, errHeld) {
		t.Errorf("alone beside sharers: %v", err)
	}
	a.share()
	b.share()
	if left, _ := filepath.Glob(filepath.Join(l.Dirs.Runtime, "*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// A container is zlaunch's by its id in a claim or a record, and by nothing it says
// of itself.
func TestOwnership(t *testing.T) {
	l := planner(t)
	id := func(c string) string { return strings.Repeat(c, 64) }
	token := func(c string) string { return strings.Repeat(c, 32) }
	if err := l.save(&Record{Schema: recordSchema, Launch: token("a"), ID: id("1")}); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(l.recordPath(token("b")), []byte("{broken")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []claim.Claim{{Token: token("c"), Name: "n", ID: id("2")}, {Token: token("d"), Name: "asked"}} {
		c.Kind = claim.Container
		if err := l.claims().Put(c); err != nil {
			t.Fatal(err)
		}
	}
	own := l.ownership()
	for _, c := range []struct {
		what, id, launch string
		want             bool
	}{
		{"recorded", id("1"), token("a"), true},
		{"a commit of it, run by hand", id("3"), token("a"), false},
		{"its record cannot be read", id("3"), token("b"), false},
		{"claimed, the record is in another state directory", id("2"), token("c"), true},
		{"a copy of the claimed one", id("4"), token("c"), false},
		{"asked for, and not known yet", id("5"), token("d"), false},
		{"a label of nothing", id("6"), token("e"), false},
		{"a label that is a path", id("6"), "../../etc/passwd", false},
		{"no id", "", token("d"), false},
	} {
		if _, got := own.has(podman.Listed{ID: c.id, Names: []string{"n"}, Labels: map[string]string{LabelLaunch: c.launch}}); got != c.want {
			t.Errorf("%s: ours %t", c.what, got)
		}
	}
	for _, bad := range []string{"", "../../etc/passwd", strings.Repeat("g", 32), strings.Repeat("a", 33)} {
		if launchName(bad) {
			t.Errorf("%q names a launch", bad)
		}
	}
}

// Names that zlaunch chose move on; names that were typed are taken as typed.
func TestReserveName(t *testing.T) {
	l := planner(t)
	spec := func(layer container.Layer) *container.Spec {
		s := &container.Spec{}
		container.Name.Set(s, "n", container.From(container.Origin{Layer: layer}))
		return s
	}
	taken := func(name string) (bool, error) { return slices.Contains([]string{"n", "n-2"}, name), nil }
	s := spec(container.LayerDerived)
	r, err := l.reserve(t.Context(), s, taken)
	if err != nil {
		t.Fatal(err)
	}
	defer r.release()
	if name, _, _ := container.Name.Get(s); name != "n-3" {
		t.Errorf("got %q", name)
	}
	if _, err := l.reserve(t.Context(), spec(container.LayerCommandLine), taken); err == nil || hint.Of(err) == "" {
		t.Errorf("a typed name that is taken: %v", err)
	}
}

func TestLikelyCause(t *testing.T) {
	for says, want := range map[string]string{
		"OSError: [Errno 30] Read-only file system: '/cache'": "ZL-501",
		"bash: fork: Resource temporarily unavailable":        "ZL-803",
		"chown: Operation not permitted":                      "ZL-203",
		"all is well":                                         "",
	} {
		if got := likelyCause(says); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q", says, got)
		}
	}
}

// A user in numbers is what the kernel will take it for, or none.
func TestPlainUser(t *testing.T) {
	for in, want := range map[string]string{
		"1000:1000": "1000:1000", "00:007": "0:7", "2147483647:0": "2147483647:0",
		"4294967296:0": "", "0:4294967296": "", "2147483648:1": "", "99999999999999999999:1": "",
	} {
		got, err := plainUser(in)
		if want == "" && (err == nil || hint.Of(err) == "") || want != "" && (err != nil || got != want) {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
}
