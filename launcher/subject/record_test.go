package subject

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// seenContainer is an audited container made up of a plan, with one setting that
// drifted and a secret in its environment.
func seenContainer(t *testing.T) *Audited {
	t.Helper()
	p, judged := planned(t, plan.Options{Profile: "triton", Arch: "s390x"})
	spec := container.At(judged, container.Kernel)
	container.Env.Set(spec, "API_TOKEN", "hunter2hunter2", container.Mark{Evidence: container.OCI})
	container.Secrets.Set(spec, []string{"env[API_TOKEN]"}, container.Mark{Evidence: container.OCI})
	container.ReadOnly.Set(spec, false, container.Mark{Evidence: container.Kernel})
	o := &Observed{Name: "web", ID: strings.Repeat("a", 64), State: "running", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Spec: spec,
		Plan: p.Effective, labels: map[string]string{plan.LabelProfile: "triton", plan.LabelPlan: p.Hash}, record: &record.Record{},
		Drift: []container.Difference{{Path: container.Path{Key: "read_only"}, Planned: true, Got: false, Evidence: container.Kernel}}}
	return &Audited{Subject: "web", Kind: "container", Spec: spec, Findings: audit.Judge(spec, DriftFindings(o)...), Drift: o.Drift, Observed: o}
}

func written(t *testing.T, a *Audited) []byte {
	t.Helper()
	e, err := NewEvidence(a, a.Findings, "test", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A record is the same bytes each time, holds no secret, and judged again it says
// what the audit said.
func TestEvidence(t *testing.T) {
	a := seenContainer(t)
	text := written(t, a)
	if !bytes.Equal(text, written(t, a)) {
		t.Error("the same audit gives two records")
	}
	if bytes.Contains(text, []byte("hunter2")) {
		t.Error("the record holds a secret")
	}
	if !IsEvidence(text) || IsEvidence([]byte("podman run x")) || IsEvidence([]byte(`{"schema":"other"}`)) {
		t.Error("a record is not told from other texts")
	}
	again, err := AuditEvidence("f.json", text)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdictsOf(again.Findings), verdictsOf(doubted(a.Findings, Unsigned)); got != want || !strings.Contains(got, "ZL-001 open info  "+Unsigned) {
		t.Errorf("judged again:\n%s\nwant:\n%s", got, want)
	}
	if len(again.Drift) != 1 || again.Kind != "record" {
		t.Errorf("%+v", again.Drift)
	}
}

func verdictsOf(in []audit.Finding) string {
	var b strings.Builder
	for _, f := range in {
		fmt.Fprintln(&b, f.Control.ID, f.Verdict, f.Severity, f.At, f.Message, f.Evidence)
	}
	return b.String()
}

// A waived failure comes back as a failure: waivers are applied where it is read.
func TestEvidenceWaived(t *testing.T) {
	a := seenContainer(t)
	findings := audit.Waive(append([]audit.Finding(nil), a.Findings...), []audit.Waiver{{Control: "ZL-501", Reason: "a test",
		Origin: container.Origin{Layer: container.LayerCommandLine}}}, time.Now())
	e, err := NewEvidence(a, findings, "test", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	_, again, _, err := e.Rejudge()
	if err != nil || verdictsOf(again) != verdictsOf(a.Findings) {
		t.Errorf("%v: %s", err, verdictsOf(again))
	}
}

// A digest that was made anew over an edit is taken, and the report says what that
// is worth; a record that claims a signature is not.
func TestEvidenceIsUnsigned(t *testing.T) {
	e, err := ReadEvidence(bytes.NewReader(written(t, seenContainer(t))))
	if err != nil || e.Signed == nil || *e.Signed {
		t.Fatalf("%v, %v", e.Signed, err)
	}
	forged := func(signed *bool) (*Audited, error) {
		f := *e
		f.Signed, f.Subject.Name = signed, "another"
		if f.Digest, err = f.digest(); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		return AuditEvidence("f.json", b.Bytes())
	}
	yes := true
	for _, signed := range []*bool{nil, new(bool)} { // nil: an older zlaunch's
		a, err := forged(signed)
		if err != nil || !strings.Contains(verdictsOf(a.Findings), Unsigned) || strings.Contains(verdictsOf(a.Findings), "ZL-001 pass") {
			t.Errorf("%v, %v", a, err)
		}
	}
	if _, err := forged(&yes); err == nil {
		t.Error("a signature that nobody checked is believed")
	}
}

// What was edited, is of another schema or is not understood is refused; another
// catalogue is said.
func TestEvidenceStrict(t *testing.T) {
	text := string(written(t, seenContainer(t)))
	for name, change := range map[string][2]string{
		"an edited verdict": {`"verdict": "fail"`, `"verdict": "pass"`},
		"an edited value":   {`"setting": "read_only"`, `"setting": "init"`},
		"a field":           {`"schema"`, `"more": 1, "schema"`},
		"another schema":    {"evidence/v1", "evidence/v2"},
		"two values":        {"{", "{}{"},
	} {
		if _, err := ReadEvidence(strings.NewReader(strings.Replace(text, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := ReadEvidence(strings.NewReader(strings.Repeat(" ", maxEvidence+2))); err == nil {
		t.Error("a huge record is read")
	}
	e, err := ReadEvidence(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	e.Catalogue = "1999.1"
	if _, _, notes, err := e.Rejudge(); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "1999.1") {
		t.Errorf("%q, %v", notes, err)
	}
}

func FuzzReadEvidence(f *testing.F) {
	f.Add([]byte(`{"schema":"zlaunch.dev/evidence/v1","settings":[{"setting":"memory","value":1,"evidence":"kernel"}],"digest":"x"}`))
	f.Add([]byte(`{"schema":"zlaunch.dev/evidence/v1","drift":[{"setting":"tmpfs[/x]","planned":null,"got":{"a":1},"evidence":"oci"}]}`))
	f.Add([]byte(`{"schema":"zlaunch.dev/evidence/v1","findings":[{"control":"ZL-999","verdict":"fail","severity":"high","setting":""}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		IsEvidence(text)
		if e, err := ReadEvidence(bytes.NewReader(text)); err == nil {
			_, _, _, _ = e.Rejudge()
		}
		var e Evidence // past the digest, which no fuzzer finds
		if json.Unmarshal(text, &e) == nil {
			_, _, _, _ = e.Rejudge()
			_, _ = e.digest()
		}
	})
}

// A record from which a setting was taken passes nothing that failed or was open, its
// digest being made anew, without saying that it is not whole.
func TestEvidenceShortened(t *testing.T) {
	a := seenContainer(t)
	container.VolumeAt.Set(a.Spec, "/host", container.Volume{Source: "/etc"}, container.Mark{Evidence: container.Kernel})
	a.Findings = audit.Judge(a.Spec, DriftFindings(a.Observed)...)
	e, err := ReadEvidence(bytes.NewReader(written(t, a)))
	if err != nil {
		t.Fatal(err)
	}
	for i, taken := range e.Settings {
		short := *e
		short.Settings = slices.Delete(slices.Clone(e.Settings), i, i+1)
		_, findings, _, err := short.Rejudge()
		if err != nil {
			t.Fatal(err)
		}
		worst := func(in []audit.Finding, id string) audit.Verdict {
			out := audit.Pass
			for _, f := range in {
				if f.Control.ID == id {
					out = min(out, f.Verdict)
				}
			}
			return out
		}
		for _, f := range a.Findings {
			milder := worst(a.Findings, f.Control.ID) <= audit.Open && worst(findings, f.Control.ID) > audit.Open
			if milder && !strings.Contains(verdictsOf(findings), "not whole") {
				t.Errorf("without %s %s passes", taken.Setting, f.Control.ID)
			}
		}
	}
	_, findings, _, err := e.Rejudge()
	if err != nil || strings.Contains(verdictsOf(findings), "not whole") {
		t.Errorf("whole: %v", err)
	}
}
