package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var update = flag.Bool("update", false, "write golden files and the pages of the catalogue")

// The controls of these tests, so that their golden files do not follow the
// catalogue.
var (
	capDrop = &audit.Control{ID: "ZL-203", Name: "cap-drop-all", Title: "All capabilities dropped", Severity: audit.High,
		Why: "a bug in the server cannot become raw sockets", Fix: "--cap-drop=all", Breaks: "entrypoints that chown",
		Refs: []string{"IBM L146-148", "OWASP #3", "CIS 5.4", "NIST 4.4.3", "PSS restricted", "CWE-250", "KSV-0003"}, Reads: []container.Row{container.CapDrop}}
	privileged = &audit.Control{ID: "ZL-201", Name: "not-privileged", Title: "Not privileged", Severity: audit.Critical,
		Why: "one word takes every wall away", Fix: "leave --privileged out", Refs: []string{"CIS 5.5"}, Reads: []container.Row{container.Privileged}}
	readOnlyMounts = &audit.Control{ID: "ZL-505", Name: "mounts-read-only", Title: "Bind mounts and volumes are read-only unless declared writable",
		Severity: audit.High, Why: "models are not altered by what serves them", Fix: "--volume SOURCE:TARGET:ro", Refs: []string{"CIS 5.6"}}
	bound = &audit.Control{ID: "ZL-708", Name: "ports-chosen-address", Title: "Ports are bound to a chosen address", Severity: audit.High,
		Why: "8501 answers everybody", Fix: "--publish 127.0.0.1:8501:8501", Refs: []string{"OWASP #5a", "NIST 4.4.2"}}
	authenticated = &audit.Control{ID: "ZL-713", Name: "authentication", Title: "Authentication in front of every non-loopback port", Severity: audit.High}
	confined      = &audit.Control{ID: "ZL-408", Name: "some-mac", Title: "Some MAC confines this container", Severity: audit.High}
	bounded       = &audit.Control{ID: "ZL-809", Name: "restart-bounded", Title: "Restart is bounded", Severity: audit.Low, Fix: "--restart on-failure:3"}
	engineKnown   = &audit.Control{ID: "ZL-101", Name: "rootless", Title: "Engine is rootless", Severity: audit.High}
	enforceable   = &audit.Control{ID: "ZL-104", Name: "limits", Title: "Limits can be enforced", Severity: audit.Medium}
	apparmor      = &audit.Control{ID: "ZL-407", Name: "apparmor", Title: "AppArmor profile attached", Severity: audit.High}
	readOnlyRoot  = &audit.Control{ID: "ZL-501", Name: "read-only", Title: "Root filesystem read-only", Severity: audit.High}
)

var (
	now     = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	written = container.From(container.Origin{Layer: container.LayerCommandLine, Key: "podman run"})
)

func at(key, elem string) container.Path { return container.Path{Key: key, Elem: elem} }

// reading is a foreign run of some words; decided lists which decided what.
func reading(s *container.Spec, decided map[container.Path][]int, words ...string) *form.Reading {
	r := &form.Reading{Subject: "command line", Engine: "podman", Spec: s, At: decided}
	for _, w := range words {
		r.Words = append(r.Words, form.Word{Text: w, Raw: w})
	}
	return r
}

// line is podman run --privileged -p 8501:8501 -e HF_TOKEN=… -v /srv/m:/models tf.
func line() report.Result {
	s := &container.Spec{}
	container.Privileged.Set(s, true, written)
	container.Env.Set(s, "HF_TOKEN", "planted-env", written)
	container.Publish.Set(s, "8501/tcp", container.Port{HostPort: 8501}, written)
	container.VolumeAt.Set(s, "/models", container.Volume{Source: "/srv/m"}, written)
	r := reading(s, map[container.Path][]int{
		at("privileged", ""): {2}, at("publish", "8501/tcp"): {3, 4}, at("env", "HF_TOKEN"): {5, 6}, at("volume", "/models"): {7, 8},
	}, "podman", "run", "--privileged", "-p", "8501:8501", "-e", "HF_TOKEN=planted-env", "-v", "/srv/m:/models", "tf-serving", "--model_base_path=/models")
	by := []container.Origin{written.Origin[0]}
	return report.Result{Subject: "command line", Kind: "line", Engine: "podman rootless", Spec: s, Reading: r, Findings: []audit.Finding{
		{Control: privileged, Verdict: audit.Fail, Severity: audit.Critical, At: at("privileged", ""), Message: "privileged must be false", Evidence: container.Planned, Origin: by, State: audit.New},
		{Control: capDrop, Verdict: audit.Fail, Severity: audit.High, At: at("cap_drop", ""), Message: `cap_drop must include "all"`, State: audit.Unchanged},
		{Control: readOnlyMounts, Verdict: audit.Fail, Severity: audit.High, At: at("volume", "/models"), Message: "volume /models must be read-only", Origin: by, State: audit.New},
		{Control: bound, Verdict: audit.Fail, Severity: audit.High, At: at("publish", "8501/tcp"), Message: "8501 listens on every address", Origin: by, State: audit.New},
		{Control: bounded, Verdict: audit.Fail, Severity: audit.Low, At: at("restart", ""), Message: "restart must be bounded: always starts a server that fails for ever and fills the journal", State: audit.New},
		{Control: authenticated, Verdict: audit.Review, Severity: audit.High, Message: "no option can tell whether what answers asks who is there"},
		{Control: engineKnown, Verdict: audit.Open, Severity: audit.High, Message: "it is judged on the host that runs it"},
		{Control: enforceable, Verdict: audit.Open, Severity: audit.Medium, Message: "it is judged on the host that runs it"},
		{Control: confined, Verdict: audit.Waived, Severity: audit.High, Message: "nothing confines it", Waiver: &audit.Waiver{Control: "ZL-408", Reason: "AppArmor host, strict seccomp",
			Owner: "ops", Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Origin: container.Origin{Layer: container.LayerUser, File: "profiles.toml", Key: "waiver"}}},
		{Control: apparmor, Verdict: audit.NotApplicable, Severity: audit.High, Message: "Podman has no AppArmor for rootless"},
		{Control: readOnlyRoot, Verdict: audit.Pass, Severity: audit.High, Evidence: container.Planned},
	}, Absent: []audit.Known{{Fingerprint: strings.Repeat("a", 32), Control: "ZL-203", Subject: "command line", Setting: "cap_add"}}}
}

// unit is a Quadlet unit with one failure on its fifth line.
func unit(name string) report.Result {
	s := &container.Spec{}
	container.Publish.Set(s, "8501/tcp", container.Port{HostPort: 8501}, written)
	container.User.Set(s, "1000:1000", written)
	r := &form.Reading{Subject: name, File: "units/" + name, Engine: "podman", Spec: s,
		Lines: []string{"[Unit]", "[Container]", "Image=tf", "User=1000", "PublishPort=8501:8501"},
		Words: []form.Word{{Text: "Image=tf", Raw: "Image=tf", Line: 3, Col: 1}, {Text: "PublishPort=8501:8501", Raw: "PublishPort=8501:8501", Line: 5, Col: 1}},
		At:    map[container.Path][]int{at("publish", "8501/tcp"): {1}, at("image", ""): {0}}}
	return report.Result{Subject: name, Kind: "unit", File: "units/" + name, Engine: "podman rootless", Spec: s, Reading: r, Findings: []audit.Finding{
		{Control: bound, Verdict: audit.Fail, Severity: audit.High, At: at("publish", "8501/tcp"), Message: "8501 listens on every address"},
		{Control: capDrop, Verdict: audit.Fail, Severity: audit.High, At: at("cap_drop", ""), Message: `cap_drop must include "all"`},
		{Control: engineKnown, Verdict: audit.Open, Severity: audit.High, Message: "it is judged on the host that runs it"},
		{Control: readOnlyRoot, Verdict: audit.Pass, Severity: audit.High, Evidence: container.Planned},
	}}
}

// running is a container that is not as planned.
func running() report.Result {
	s := &container.Spec{}
	container.ReadOnly.Set(s, true, container.Mark{Evidence: container.Kernel})
	container.Memory.Set(s, 8<<30, container.Mark{Evidence: container.Inspected})
	return report.Result{Subject: "tf", Kind: "container", Engine: "podman 5.8.2 rootless", Identity: "uid 1000 in the container = uid 1001 (you) on the host", Spec: s,
		Findings: []audit.Finding{{Control: readOnlyRoot, Verdict: audit.Pass, Severity: audit.High, Evidence: container.Kernel}},
		Drift: []container.Difference{{Path: at("memory", ""), Planned: int64(8 << 30), Got: int64(16 << 30), Evidence: container.Kernel},
			{Path: at("volume", "/x"), Got: container.Volume{Source: "/home/me"}, Evidence: container.OCI}},
		Notes: []string{"the container was restarted since it was planned"}}
}

// audits are an audit with its results.
type audits struct {
	report.Audit
	Results []report.Result
}

func (a audits) print(p report.Printer) error {
	for _, r := range a.Results {
		if err := p.Prepare(r)(); err != nil {
			return err
		}
	}
	return p.End()
}

// wide is a common terminal.
var wide = report.Screen{Width: 100}

func (a audits) Text(w io.Writer, o report.TextOptions) error { return a.print(a.Audit.Text(w, o)) }
func (a audits) JSON(w io.Writer, all bool) error             { return a.print(a.Audit.JSON(w, all)) }
func (a audits) SARIF(w io.Writer, all bool) error            { return a.print(a.Audit.SARIF(w, all)) }
func (a audits) Markdown(w io.Writer) error                   { return a.print(a.Audit.Markdown(w)) }

func document(t *testing.T, a audits) (d report.AuditDocument) {
	t.Helper()
	var b bytes.Buffer
	if err := a.JSON(&b, false); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func audited(in ...report.Result) audits {
	std, err := audit.StandardNamed("ibm-z")
	if err != nil {
		panic(err)
	}
	return audits{report.Audit{Tool: "0.3.0", Standard: std, FailOn: audit.High}, in}
}

func several() audits {
	return audited(line(), unit("a.container"), unit("b.container"), running())
}

var digest = regexp.MustCompile(`sha256:[0-9a-f]{64}`)

// holds compares with a file of testdata, what changes with every change of the
// catalogue left out.
func holds(t *testing.T, name string, got []byte) {
	t.Helper()
	got = digest.ReplaceAll(got, []byte("sha256:(of the standard)"))
	got = bytes.ReplaceAll(got, []byte(audit.Version), []byte("(version)"))
	golden.Check(t, *update, filepath.Join("testdata", name), string(got))
}

func text(t *testing.T, a audits, o report.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := a.Text(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAuditText(t *testing.T) {
	for name, o := range map[string]report.TextOptions{
		"line.txt": {Screen: wide, Now: now}, "line-narrow.txt": {Screen: report.Screen{Width: 72}, Now: now}, "line-plain.txt": {ASCII: true}, "line-all.txt": {Screen: wide, All: true, ASCII: true, Now: now},
	} {
		holds(t, name, []byte(text(t, audited(line()), o)))
	}
	holds(t, "several.txt", []byte(text(t, several(), report.TextOptions{Screen: wide, Now: now})))
	holds(t, "unit.txt", []byte(text(t, audited(unit("a.container")), report.TextOptions{Screen: wide})))
	holds(t, "running.txt", []byte(text(t, audited(running()), report.TextOptions{Screen: wide})))
}

// No line is wider than the terminal but a word alone, which is never broken.
func TestAuditTextFits(t *testing.T) {
	r := line()
	r.Findings[0].Message = strings.Repeat("x", 300)
	r.Findings[1].Message = strings.Repeat("a word ", 60)
	r.Subject = strings.Repeat("/very/long", 30)
	for _, width := range []int{60, 72, 80, 100, 140} {
		out := text(t, audited(r), report.TextOptions{Screen: report.Screen{Width: width}, All: true})
		for l := range strings.Lines(out) {
			if n := report.Columns(strings.TrimSuffix(l, "\n")); n > width && len(strings.Fields(l)) > 1 {
				t.Errorf("width %d: %d columns: %s", width, n, l)
			}
		}
		for _, whole := range []string{"ZL-201", "critical", "ZL-505", strings.Repeat("x", 300), r.Subject} {
			if !strings.Contains(out, whole) {
				t.Errorf("width %d lacks %s", width, whole)
			}
		}
	}
}

func TestAuditTextASCII(t *testing.T) {
	out := text(t, several(), report.TextOptions{Screen: wide, ASCII: true, All: true, Now: now})
	for i, r := range out {
		if r > 126 {
			t.Fatalf("%q at %d: %s", r, i, out[max(0, i-40):i])
		}
	}
}

// A command line of many words keeps those that are underlined.
func TestLongLine(t *testing.T) {
	r := line()
	for range 5000 {
		r.Reading.Words = append(r.Reading.Words, form.Word{Text: "--label=a=b"})
	}
	out := text(t, audited(r), report.TextOptions{Screen: wide})
	if n := strings.Count(out, "\n"); n > 80 {
		t.Errorf("%d lines", n)
	}
	if !strings.Contains(out, "--privileged") || !strings.Contains(out, "^^^^^^^^^^^^") {
		t.Error(out)
	}
}

func TestAuditMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := several().Markdown(&b); err != nil {
		t.Fatal(err)
	}
	holds(t, "several.md", b.Bytes())
}

func TestAuditJSON(t *testing.T) {
	var b bytes.Buffer
	if err := several().JSON(&b, true); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/audit-v1.json", b.Bytes())
	holds(t, "several.json", b.Bytes())
	short := document(t, several())
	if n := len(short.Results[0].Findings); n != 9 || short.Results[0].Complete || !short.Results[3].Complete {
		t.Errorf("%d findings, complete %v %v", n, short.Results[0].Complete, short.Results[3].Complete)
	}
}

// Beside a part of its file that is not read no run has a good name, and the last
// line of every report says what was not judged, whatever the status.
func TestUnreadIsSaid(t *testing.T) {
	good := report.Result{Subject: "run.sh", Kind: "line", File: "run.sh", Beside: true, Spec: &container.Spec{}, Findings: []audit.Finding{{Control: readOnlyRoot, Verdict: audit.Pass, Severity: audit.High}}}
	rest := report.Result{Subject: "run.sh (the rest)", Kind: "line", Unread: true, Spec: &container.Spec{}, Findings: []audit.Finding{{Control: readOnlyRoot, Verdict: audit.Open, Severity: audit.High}}}
	a := audits{report.Audit{Standard: audit.Standards()[0]}, []report.Result{good, rest}}
	var text, page bytes.Buffer
	if err := a.Text(&text, report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := a.Markdown(&page); err != nil {
		t.Fatal(err)
	}
	last := func(b bytes.Buffer) string {
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		return lines[len(lines)-1]
	}
	if want := "not judged: 1 finding is open in 1 of 2 subjects, 1 of them unread; the status counts that with --fail-on-open"; last(text) != want {
		t.Errorf("the last line is %q", last(text))
	}
	if !strings.HasPrefix(last(page), "Not judged: 1 finding is open") {
		t.Errorf("the last line of Markdown is %q", last(page))
	}
	if strings.Contains(text.String(), "HARDENED") || strings.Contains(page.String(), "HARDENED") {
		t.Error("a run beside unread text is called HARDENED")
	}
	d := document(t, a)
	if d.Results[0].Band != "UNKNOWN" || d.Results[0].Unread || !d.Results[1].Unread {
		t.Errorf("as JSON: %+v", d.Results)
	}
	a.FailOnOpen = true
	text.Reset()
	if err := a.Text(&text, report.TextOptions{}); err != nil || !strings.Contains(last(text), "makes the status 4") {
		t.Errorf("the last line is %q, %v", last(text), err)
	}
}
