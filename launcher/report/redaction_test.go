package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// outputs are one audit, and its comparison with another, in every format.
func outputs(t *testing.T, a audits) map[string]string {
	t.Helper()
	out := map[string]string{}
	write := func(name string, f func(b *bytes.Buffer) error) {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	for _, width := range []int{0, 60, 100} {
		write(fmt.Sprintf("table of %d", width), func(b *bytes.Buffer) error {
			return a.Text(b, report.TextOptions{Screen: report.Screen{Width: width}, All: true})
		})
	}
	write("json", func(b *bytes.Buffer) error { return a.JSON(b, true) })
	write("sarif", func(b *bytes.Buffer) error { return a.SARIF(b, true) })
	write("markdown", func(b *bytes.Buffer) error { return a.Markdown(b) })
	write("html", func(b *bytes.Buffer) error { return a.print(a.HTML(b, now)) })
	for _, list := range []report.Listing{{Summary: true}, {Brief: true}, {Least: audit.High, Only: []string{"ZL-203"}}} {
		less := a
		less.List = list
		write(fmt.Sprintf("table of %+v", list), func(b *bytes.Buffer) error { return less.Text(b, report.TextOptions{Screen: report.Screen{Width: 80}}) })
	}
	d := report.NewDiff(a.Results[0], running())
	write("diff", func(b *bytes.Buffer) error { return d.Text(b, report.Screen{Width: 100}) })
	write("diff json", func(b *bytes.Buffer) error { return report.JSON(b, d) })
	h := drifted(a.Results[0])
	h.Profile, h.Also, h.Open = a.Results[0].Subject, a.Results[0].Notes, a.Results[0].Notes
	write("held", func(b *bytes.Buffer) error { return h.Text(b, report.TextOptions{Screen: report.Screen{Width: 100}}) })
	write("held json", func(b *bytes.Buffer) error { return report.JSON(b, h.Document()) })
	return out
}

// leaky is a run with a secret, each holding "planted", in every place that one
// can stand.
func leaky() audits {
	const token = "hf_plantedplantedplanted"
	s := &container.Spec{}
	container.Env.Set(s, "HF_TOKEN", "planted1", written)
	container.Env.Set(s, "GREETING", "planted 2", written)
	container.Env.Set(s, "https_proxy", "http://me:planted3@proxy:3128", written)
	container.Args.Set(s, []string{"serve", "--token=planted4", "--api-key", "planted5", "sh", "-c", "x --password 'planted 6' y"}, written)
	container.HealthCmd.Set(s, "curl -H a --token planted7", written)
	container.Labels.Set(s, "app.password", "planted 8", written)
	container.Labels.Set(s, "note", "see https://me:planted9@host and --token plantedA", written)
	container.Annotation.Set(s, "apiToken", "plantedB", written)
	container.Remote.Set(s, "ssh://root:plantedC@host/run", written)
	container.Prefix.Set(s, []string{"env", "AWS_SECRET_KEY=plantedD", "sudo"}, written)
	container.Other.Set(s, []string{"--creds-token=plantedE", "--password", "plantedF"}, written)
	container.LogOpt.Set(s, "splunk-token", "plantedG", written)
	container.VolumeAt.Set(s, "/models", container.Volume{Source: "https://me:plantedH@host/m"}, written)
	decided := map[container.Path][]int{}
	r := &form.Reading{Subject: "start " + token, Engine: "podman", Spec: s, At: decided}
	word := func(p container.Path, words ...string) {
		for _, w := range words {
			decided[p] = append(decided[p], len(r.Words))
			r.Words = append(r.Words, form.Word{Text: w, Raw: w})
		}
	}
	word(at("prefix", ""), "env", "AWS_SECRET_KEY=plantedD", "sudo")
	word(at("remote", ""), "podman", "--url=ssh://root:plantedC@host/run", "run")
	word(at("env", "HF_TOKEN"), "-e", "HF_TOKEN=planted1")
	word(at("env", "GREETING"), "--env=GREETING=planted 2")
	word(at("other", "overridden"), "-e", "GREETING=plantedT", "-it", "-dte", "X=plantedU", "--env=Y=plantedV", "-eZ=plantedW", "-e=Q=plantedX", "--env", "W=plantedY")
	word(at("env", "https_proxy"), "-ehttps_proxy=http://me:planted3@proxy:3128")
	word(at("label", "app.password"), "-l", "app.password=planted 8")
	word(at("label", "note"), "-l", "note=see https://me:planted9@host and --token plantedA")
	word(at("annotation", "apiToken"), "--annotation", "apiToken=plantedB")
	word(at("log_opt", "splunk-token"), "--log-opt", "splunk-token=plantedG")
	word(at("other", ""), "--creds-token=plantedE", "--password", "plantedF")
	word(at("health_cmd", ""), "--health-cmd", "curl -H a --token planted7")
	word(at("volume", "/models"), "-v", "https://me:plantedH@host/m:/models")
	word(at("args", ""), "serve", "--token=planted4", "--api-key", "planted5", "sh", "-c", "x --password 'planted 6' y")
	var in []audit.Finding
	for p := range decided {
		in = append(in, audit.Finding{Control: capDrop, Verdict: audit.Fail, Severity: audit.High, At: p, Message: "holds " + token + " --token plantedI and TOKEN=plantedJ",
			Origin: []container.Origin{{Layer: container.LayerCommandLine, File: "https://me:plantedK@host"}}})
	}
	in = append(in, audit.Finding{Control: confined, Verdict: audit.Waived, Severity: audit.High, Message: "m", Waiver: &audit.Waiver{Reason: "the password=plantedL", Owner: token}},
		audit.Finding{Control: engineKnown, Verdict: audit.Open, Severity: audit.High, Message: "--token plantedM is no option"})
	res := report.Result{Subject: r.Subject, Kind: "line", Engine: "podman " + token, Identity: token, Spec: s, Reading: r, Findings: in,
		Absent: []audit.Known{{Control: "ZL-203", Subject: token, Setting: "env[TOKEN=plantedN]"}},
		Drift:  []container.Difference{{Path: at("args", ""), Planned: []string{"--token", "plantedO"}, Got: "PASSWORD=plantedP"}}, Notes: []string{"TOKEN=plantedQ"}}
	unit := res
	u := *r
	u.Words, u.File, u.Lines = nil, "x.container", []string{"Exec=serve --token plantedR", "Environment=A=planted1"}
	u.Words = []form.Word{{Text: "Exec=serve --token plantedR", Line: 1, Col: 1, Raw: "Exec=serve --token plantedR"}, {Text: `Environment="HF_TOKEN=planted1" GREETING=planted2`, Line: 2, Col: 1},
		{Text: "Environment=B=planted3", Line: 3, Col: 1}, {Text: "PodmanArgs=-it -e C=planted4", Line: 4, Col: 1}}
	u.At = map[container.Path][]int{at("args", ""): {0}, at("env", "HF_TOKEN"): {1}, at("env", "GREETING"): {1}, at("other", ""): {2, 3}}
	unit.Kind, unit.File, unit.Reading = "unit", "x.container", &u
	return audited(res, unit)
}

func TestSecretsNeverPrint(t *testing.T) {
	for name, out := range outputs(t, leaky()) {
		for rest := out; ; {
			i := strings.Index(rest, "planted")
			if i < 0 {
				break
			}
			t.Errorf("%s: …%s", name, rest[max(0, i-60):min(len(rest), i+20)])
			rest = rest[i+7:]
		}
	}
}

// hostile is text that would drive a terminal, a table, a page or a workflow log.
const hostile = "a\x1b[31mred\x00\u009b2J\u202egnp\r\nb|c<script>alert(1)</script>`d`%0a::error::e\xff\u2028]8;;http://evil\x07\U000e0041"

func infected() audits {
	r := line()
	r.Subject, r.Engine, r.Identity, r.Notes = hostile, hostile, hostile, []string{hostile}
	r.Reading.Words = append(r.Reading.Words, form.Word{Text: hostile, Raw: hostile})
	r.Reading.At[at("publish", hostile)] = []int{len(r.Reading.Words) - 1}
	for i := range r.Findings {
		r.Findings[i].Message = hostile
		r.Findings[i].At = at("publish", hostile)
		r.Findings[i].Origin = []container.Origin{{Layer: container.LayerUser, File: hostile, Key: hostile}}
		if w := r.Findings[i].Waiver; w != nil {
			w.Reason, w.Owner, w.Origin.File = hostile, hostile, hostile
		}
	}
	container.VolumeAt.Set(r.Spec, hostile, container.Volume{Source: hostile}, written)
	r.Absent[0].Setting = hostile
	r.Drift = []container.Difference{{Path: at("volume", hostile), Got: hostile}}
	u := unit("x.container")
	u.File, u.Reading.File, u.Reading.Words[1].Text, u.Reading.Lines[4] = hostile, hostile, hostile, hostile
	c := running()
	c.Subject, c.File = hostile, hostile
	c.Findings = r.Findings
	a := audited(r, u, c)
	return a
}

func TestHostileNames(t *testing.T) {
	a := infected()
	for name, out := range outputs(t, a) {
		if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && (!unicode.IsPrint(r) || r == utf8.RuneError) }); i >= 0 && !strings.HasPrefix(out[i:], "\uFFFD") {
			t.Errorf("%s holds %q", name, out[i:min(len(out), i+20)])
		}
	}
	out := outputs(t, a)
	if strings.Contains(out["markdown"], "<script") || strings.Contains(out["markdown"], "b|c") {
		t.Error(out["markdown"])
	}
	conforms(t, "../../docs/schema/audit-v1.json", []byte(out["json"]))
	conforms(t, "../../docs/schema/diff-v1.json", []byte(out["diff json"]))
	conforms(t, "../../docs/schema/held-v1.json", []byte(out["held json"]))
	conforms(t, sarifSchema, []byte(out["sarif"]))
	var doc report.AuditDocument
	if err := json.Unmarshal([]byte(out["json"]), &doc); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile, "\uFFFD"); doc.Results[0].Subject != want {
		t.Errorf("a reader of the JSON gets %q, not %q", doc.Results[0].Subject, want)
	}
}

func TestSameBytes(t *testing.T) {
	for range 3 {
		for name, out := range outputs(t, several()) {
			if again := outputs(t, several())[name]; again != out {
				t.Errorf("%s differs:\n%s\n%s", name, out, again)
			}
		}
	}
}

// FuzzAudit writes hostile text in every format: no panic, nothing raw, and what
// claims to be JSON is.
func FuzzAudit(f *testing.F) {
	f.Add(hostile, "-e", "A=b", 60)
	f.Add("", "", "", 0)
	f.Add("](", "{0}", strings.Repeat("=", 300), 24)
	f.Add("x", "Environment=\"A=b\"", "A", 1)
	f.Fuzz(func(t *testing.T, message, word, elem string, width int) {
		r := line()
		r.Findings[0].Message, r.Findings[0].At = message, at("env", elem)
		container.Env.Set(r.Spec, elem, "v", written)
		r.Reading.At[at("env", elem)] = []int{len(r.Reading.Words), -1, 99}
		r.Reading.Words = append(r.Reading.Words, form.Word{Text: word, Line: width, Col: width, Raw: word})
		r.Subject, r.File = word, elem
		var b bytes.Buffer
		if err := audited(r).Text(&b, report.TextOptions{Screen: report.Screen{Width: width % 300}, All: true}); err != nil {
			t.Fatal(err)
		}
		for name, out := range outputs(t, audited(r)) {
			if strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
				t.Errorf("%s: %q", name, out)
			}
			if (strings.HasSuffix(name, "json") || name == "sarif") && !json.Valid([]byte(out)) {
				t.Errorf("%s is no JSON: %s", name, out)
			}
		}
	})
}
