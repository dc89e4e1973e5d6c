package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func from(key string, replaced ...string) container.Mark {
	m := container.From(container.Origin{Layer: container.LayerBuiltIn, File: "profiles/x.toml", Key: key})
	for _, r := range replaced {
		m.Origin = append(m.Origin, container.Origin{Layer: container.LayerBuiltIn, File: "profiles/base.toml", Key: r})
	}
	return m
}

func spec() *container.Spec {
	s := &container.Spec{}
	why := from("container.read_only")
	why.Why = "nobody alters the server (ZL-501)"
	container.ReadOnly.Set(s, true, why)
	container.Memory.Set(s, 8<<30, from("container.memory", "container.memory"))
	container.Env.Set(s, "TOKEN", "hunter2", from("container.env.TOKEN"))
	container.CapDrop.Set(s, []string{"all"}, from("container.cap_drop"))
	container.UidMap.Set(s, "1000=1001", from("userns"))
	container.Publish.Set(s, "8000/tcp", container.Port{HostIP: "127.0.0.1", HostPort: 8000}, from("publish"))
	return s
}

// Each setting is a line: value, who decided it over whom, why, and the controls
// the why does not name itself.
func TestPlanText(t *testing.T) {
	p := report.Plan{
		Settings: report.Lines(spec()), Open: []string{"user is not known"},
		Waivers: []audit.Waiver{{Control: "ZL-104", Reason: "no controllers", Origin: container.Origin{Layer: container.LayerCommandLine, Key: "--waive"},
			Expires: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC)}},
		Problems: []audit.Problem{{Control: "ZL-901", Message: "a note"}, {Control: "ZL-301", Message: "user must not be root", Hint: "--user", Fatal: true}},
		Profile:  "x",
	}
	var b bytes.Buffer
	if err := p.Text(&b, report.Screen{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"memory             8g              profiles/x.toml: container.memory (over 1)  one request",
		"env[TOKEN]         ********        profiles/x.toml: container.env.TOKEN",
		"nobody alters the server (ZL-501",
		"publish[8000/tcp]  127.0.0.1:8000",
		"open until the image is here:\n  user is not known\n",
		"ZL-104 (limits-enforceable): no controllers - command line: --waive, until 2027-03-31",
		"refused  ZL-301: user must not be root\n      --user\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Error("it shows a value of env")
	}
	const verdict = "plan of x: refused, for 1 reason; 1 note\n"
	if !strings.HasPrefix(b.String(), verdict+"\nstands against the run:\n  refused  ") || !strings.HasSuffix(b.String(), "\n\n"+verdict) {
		t.Errorf("what refuses the run is not said first, and the verdict not last:\n%s", b.String())
	}
	if !p.Refused() {
		t.Error("it is not refused")
	}
}

// On a terminal no line is wider than it but for words that cannot be broken,
// and the reason goes below where it has no room beside.
func TestPlanFitsTheTerminal(t *testing.T) {
	s := spec()
	image := "registry.example/" + strings.Repeat("x", 80) + "/end:1"
	container.Image.Set(s, image, from("container.image"))
	for _, width := range []int{80, 100, 140, 200, 300} {
		var b bytes.Buffer
		if err := (report.Plan{Settings: report.Lines(s)}).Text(&b, report.Screen{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := report.Columns(strings.TrimRight(line, "\n")); n > width && !strings.Contains(line, image) {
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
		if !strings.Contains(b.String(), image) {
			t.Errorf("a long reference is cut:\n%s", b.String())
		}
	}
}

// A variable is shown where a profile wrote it and nothing calls it a secret.
func TestPlanShowsWhatAProfileWrote(t *testing.T) {
	s := &container.Spec{}
	typed := container.Mark{Origin: []container.Origin{{Layer: container.LayerCommandLine, Key: "--env"}, from("x").Origin[0]}, Evidence: container.Planned}
	container.Env.Set(s, "HOME", "/tmp", from("container.env.HOME"))
	container.Env.Set(s, "MODE", "typed", typed)
	container.Env.Set(s, "API_TOKEN", "hunter2hunter2", from("container.env.API_TOKEN"))
	container.Env.Set(s, "DSN", "postgres://u:hunter2@db/x", from("container.env.DSN"))
	container.Env.Set(s, "FOUND", "in the image", container.Mark{Origin: []container.Origin{{Layer: container.LayerImage}}})
	got := map[string]any{}
	for _, l := range report.Lines(s) {
		got[l.Setting.Elem] = l.Value
	}
	for name, want := range map[string]string{"HOME": "/tmp", "MODE": container.Redacted, "API_TOKEN": container.Redacted, "DSN": container.Redacted, "FOUND": container.Redacted} {
		if got[name] != want {
			t.Errorf("%s: %v, not %s", name, got[name], want)
		}
	}
}

// The JSON has the values as they are, every origin and every control.
func TestPlanJSON(t *testing.T) {
	var b bytes.Buffer
	s := spec()
	container.TmpfsAt.Set(s, "/tmp", container.Tmpfs{Size: 1, Mode: 0o1777}, from("container.tmpfs"))
	p := report.Plan{Schema: report.PlanSchema, Settings: report.Lines(s)}
	if err := report.JSON(&b, p); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Schema   string
		Settings []struct {
			Setting  string
			Value    any
			Origins  []struct{ Layer, File, Key string }
			Evidence string
			Controls []string
		}
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != "zlaunch.dev/plan/v1" || len(doc.Settings) != 7 {
		t.Fatalf("schema %q, %d settings", doc.Schema, len(doc.Settings))
	}
	for _, s := range doc.Settings {
		if s.Setting == "memory" && (s.Value != float64(8<<30) || len(s.Origins) != 2 || s.Evidence != "planned" || len(s.Controls) == 0) {
			t.Errorf("memory is %+v", s)
		}
	}
	if !strings.Contains(b.String(), `"size": 1,`) {
		t.Errorf("a tmpfs has Go's names:\n%s", b.String())
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Error("it shows a value of env")
	}
}

func TestValue(t *testing.T) {
	for _, tt := range []struct {
		key   string
		value any
		want  string
	}{
		{"memory", int64(1536 << 20), "1536m"},
		{"memory", int64(1000), "1000"},
		{"pids_limit", int64(2048), "2048"},
		{"stop_timeout", int64(10), "10s"},
		{"cpus", 1.5, "1.5"},
		{"args", []string{"a", "b c", ""}, `a "b c" ""`},
		{"args", []string(nil), "none"},
		{"hostname", "", `""`},
		{"env", nil, "none"},
		{"tmpfs", container.Tmpfs{Size: 1 << 20, Mode: 0o1777}, "size=1m,mode=1777,noexec,nosuid,nodev"},
		{"tmpfs", container.Tmpfs{Size: 1 << 20, Exec: true}, "size=1m,exec,nosuid,nodev"},
		{"volume", container.Volume{Source: "/m", ReadOnly: true, Relabel: "z", NoSuid: true}, "/m ro,z,nosuid"},
		{"secret", container.Secret{Target: "/run/s", Mode: 0o400}, "type=mount,target=/run/s,mode=0400"},
		{"ulimit", container.Ulimit{Soft: -1, Hard: 5}, "-1:5"},
	} {
		set := container.Setting{Path: container.Path{Key: tt.key}, Value: tt.value}
		if got := report.Value(set); got != tt.want {
			t.Errorf("%s %v: got %q, want %q", tt.key, tt.value, got, tt.want)
		}
	}
}

// No cell breaks its table, whoever wrote it.
func TestHostileCells(t *testing.T) {
	var b bytes.Buffer
	l := report.List{Profiles: []report.Profile{{Name: "a\nzlaunch: error: forged", About: "\x1b[2J\u202e", Available: true}}}
	if err := l.Text(&b, report.Screen{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "\n") != 2 || strings.ContainsAny(b.String(), "\x1b\u202e") {
		t.Errorf("got %q", b.String())
	}
}

func TestRunText(t *testing.T) {
	r := report.Run{
		Name: "zlaunch-x", Profile: "x", Image: "img:1", ImageID: "sha256:0123456789abcdef", UID: 1001, Effective: spec(),
		Proved: []observe.Proved{
			{Setting: container.Path{Key: "a"}, Evidence: container.Kernel}, {Setting: container.Path{Key: "b"}, Evidence: container.OCI},
			{Setting: container.Path{Key: "c"}, Evidence: container.Kernel},
		},
		Unproved: []observe.Unproved{{Setting: container.Path{Key: "x"}, Why: "no rung"}, {Setting: container.Path{Key: "y"}, Why: "no rung"}},
		URLs:     []record.URL{{Name: "http", URL: "http://127.0.0.1:8000"}},
		Notes:    []string{"it ends when you log out; loginctl enable-linger"},
	}
	var b bytes.Buffer
	if err := r.Text(&b, report.Screen{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"note      it ends when you log out; loginctl enable-linger\n",
		"image     img:1, id 0123456789ab\n",
		"identity  uid 1000 in the container = you, uid 1001 on this host\n",
		"proved    3 settings before the workload ran: 2 by the kernel, 1 by the OCI configuration\n",
		"unproved  x, y: no rung\n",
		"reach     every local user of this host can reach port 8000\n",
		"url       http://127.0.0.1:8000 (http)\n",
		"next      zlaunch logs -f zlaunch-x; zlaunch stop zlaunch-x\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, b.String())
		}
	}
	container.Publish.Set(r.Effective, "9/tcp", container.Port{HostIP: "0.0.0.0", HostPort: 9}, from("p"))
	container.UidMap.Clear(r.Effective)
	b.Reset()
	if err := r.Text(&b, report.Screen{}); err != nil || !strings.Contains(b.String(), "everyone whose packets reach this host can reach port 9") || strings.Contains(b.String(), "identity") {
		t.Errorf("got %v\n%s", err, b.String())
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b[2J\n\u202e\xff\U000e0041é")
	f.Fuzz(func(t *testing.T, s string) {
		got := report.Escape(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e }) {
			t.Errorf("%q: got %q", s, got)
		}
		if report.Escape(got) != got {
			t.Errorf("%q: escaping twice changes %q", s, got)
		}
	})
}
