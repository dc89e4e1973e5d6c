package plan

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// planner is one without an engine on a host where everything is in order.
func planner(t *testing.T) *Planner {
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
	return &Planner{Catalog: catalog, Host: facts, Version: "test",
		Dirs: record.Dirs{Runtime: filepath.Join(dir, "run"), State: filepath.Join(dir, "state"), Data: filepath.Join(dir, "data")}}
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
			for _, f := range audit.Failures(l.Judged(plan)) {
				if f.Severity >= audit.High && plan.Waiver(f.Control.ID, f.At) == nil {
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

func itoa(n uint16) string { return strconv.Itoa(int(n)) }

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

// Who gives a port alone is told it with a name.
func TestPublishHint(t *testing.T) {
	for arg, want := range map[string]string{"8888": "as -p 8888:http;", "99999": "as -p 9000:http;", "8888:x": "as -p 9000:http;"} {
		_, err := planner(t).Plan(t.Context(), Options{Profile: "jupyter", Publish: []string{arg}})
		if err == nil || !strings.Contains(hint.Of(err), want) {
			t.Errorf("%s: %v - %s", arg, err, hint.Of(err))
		}
	}
}
