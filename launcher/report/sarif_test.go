package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/report"
)

const sarifSchema = "testdata/sarif-schema-2.1.0.json"

func sarif(t *testing.T, a audits, all bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := a.SARIF(&b, all); err != nil {
		t.Fatal(err)
	}
	conforms(t, sarifSchema, b.Bytes())
	return b.Bytes()
}

func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := json.Indent(&b, sarif(t, several(), true), "", "  "); err != nil {
		t.Fatal(err)
	}
	holds(t, "several.sarif", b.Bytes())
}

// The whole catalogue, judged: rules, taxonomies and results of every control
// conform too.
func TestSARIFOfCatalogue(t *testing.T) {
	s := line().Spec
	a := audited(report.Result{Subject: "x", Kind: "plan", File: "profiles/x.toml", Spec: s, Findings: audit.Judge(s)})
	data := sarif(t, a, true)
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct {
					Rules []struct{ ID, HelpURI string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	if got, want := len(log.Runs[0].Tool.Driver.Rules), len(audit.Catalogue()); got != want {
		t.Errorf("%d rules of %d controls", got, want)
	}
	var b bytes.Buffer
	if err := a.JSON(&b, true); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/audit-v1.json", b.Bytes())
}

// sarifRuns are the parts of a log that the rules of the specification bind.
type sarifRuns struct {
	Runs []struct {
		AutomationDetails struct{ ID string }
		Invocations       []struct {
			ToolExecutionNotifications []struct{ Message struct{ Text string } }
		}
		Artifacts []struct {
			Location struct{ URI string }
			Contents struct{ Text string }
		}
		Results []struct {
			RuleID, Kind, Level, BaselineState string
			Locations                          []struct {
				LogicalLocations []struct{ FullyQualifiedName string }
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine, StartColumn, EndColumn, CharOffset, CharLength int }
				}
			}
			Suppressions        []struct{ Kind, Status, Justification string }
			PartialFingerprints map[string]string
		}
	}
}

func TestSARIFRules(t *testing.T) {
	var log sarifRuns
	if err := json.Unmarshal(sarif(t, several(), false), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(log.Runs) != 1 || run.AutomationDetails.ID != "zlaunch/audit/" {
		t.Errorf("id %q", run.AutomationDetails.ID)
	}
	if n := len(run.Invocations[0].ToolExecutionNotifications); n != 2 {
		t.Errorf("%d notifications", n)
	}
	files := map[string]bool{}
	for _, a := range run.Artifacts {
		files[a.Location.URI] = true
	}
	for _, r := range run.Results {
		if (r.Kind == "") == (r.Level == "none") || r.Kind == "open" || r.Kind == "pass" || r.BaselineState == "absent" {
			t.Errorf("%s: kind %s, level %s, %s", r.RuleID, r.Kind, r.Level, r.BaselineState)
		}
		if (r.RuleID == "ZL-408") != (len(r.Suppressions) == 1) || len(r.PartialFingerprints["zlaunch/v1"]) != 32 {
			t.Errorf("%s: %v %v", r.RuleID, r.Suppressions, r.PartialFingerprints)
		}
		if len(r.Locations) == 0 || len(r.Locations[0].LogicalLocations) > 0 {
			continue // of a container
		}
		at := r.Locations[0].PhysicalLocation
		if !files[at.ArtifactLocation.URI] {
			t.Errorf("%s: at %s, which is none of the artifacts", r.RuleID, at.ArtifactLocation.URI)
		}
		if r.RuleID == "ZL-201" && at.ArtifactLocation.URI == "units/a.container" && (at.Region.StartLine != 5 || at.Region.StartColumn != 1) {
			t.Errorf("the unit's failure is at %+v", at)
		}
	}
	region := run.Results[0].Locations[0].PhysicalLocation.Region
	if got := run.Artifacts[0].Contents.Text[region.CharOffset:][:region.CharLength]; got != "--privileged" {
		t.Errorf("the region is %q", got)
	}
}

// Regions count UTF-16 code units, whatever stands before.
func TestSARIFColumns(t *testing.T) {
	r := line()
	r.Reading.Words[1] = form.Word{Text: "𝒳é"}
	var log sarifRuns
	if err := json.Unmarshal(sarif(t, audited(r), false), &log); err != nil {
		t.Fatal(err)
	}
	if got := log.Runs[0].Results[0].Locations[0].PhysicalLocation.Region; got.CharOffset != len("podman ")+3+1 || got.StartColumn != got.CharOffset+1 {
		t.Errorf("%+v", got)
	}
	u := unit("x.container")
	u.Reading.Lines[4] = "é𝒳 " + u.Reading.Lines[4]
	u.Reading.Words[1].Col = len("é𝒳 ") + 1
	if err := json.Unmarshal(sarif(t, audited(u), false), &log); err != nil {
		t.Fatal(err)
	}
	if got := log.Runs[0].Results[1].Locations[0].PhysicalLocation.Region; got.StartColumn != 5 {
		t.Errorf("%+v", got)
	}
}

// An option and its value are one place where they stand on one line, and two where
// they do not; what the rule says of the setting, the result does not say again.
func TestSARIFIsShort(t *testing.T) {
	for lines, want := range map[string]int{"-p 80:80": 1, "-p \\\n80:80": 2} {
		r := unit("x.sh")
		r.Kind, r.Reading.Lines = "line", strings.Split(lines, "\n")
		value := form.Word{Text: "80:80", Raw: "80:80", Line: 1, Col: 4}
		if want == 2 {
			value.Line, value.Col = 2, 1
		}
		r.Reading.Words = []form.Word{{Text: "-p", Raw: "-p", Line: 1, Col: 1}, value}
		r.Reading.At = map[container.Path][]int{r.Findings[0].At: {0, 1}}
		data := sarif(t, audited(r), false)
		var log sarifRuns
		if err := json.Unmarshal(data, &log); err != nil {
			t.Fatal(err)
		}
		places := log.Runs[0].Results[1].Locations // the port's
		if got := places[0].PhysicalLocation.Region; len(places) != want || got.StartColumn != 1 || got.EndColumn != map[int]int{1: 9, 2: 3}[want] {
			t.Errorf("%q stands at %+v", lines, places)
		}
		if n := bytes.Count(data, []byte(`"setting":"cap_drop"`)); n != 1 || !bytes.Contains(data, []byte(`"setting":"publish[8501/tcp]"`)) {
			t.Errorf("cap_drop is told %d times, or the port is not: %s", n, data)
		}
	}
}

// A file's name is percent-encoded, and a message is no template and no link.
func TestSARIFHostile(t *testing.T) {
	r := unit("a b#%0a?.container")
	r.File = "./units/c:d/a b#%0a\n?.container"
	r.Findings[0].Message = "see [here](http://evil.test) {0} volume[/x]"
	var log sarifRuns
	data := sarif(t, audited(r), false)
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	for _, res := range log.Runs[0].Results {
		if got := res.Locations[0].PhysicalLocation.ArtifactLocation.URI; got != "units/c%3Ad/a%20b%23%250a%0A%3F.container" {
			t.Errorf("uri %q", got)
		}
	}
	if !strings.Contains(string(data), `see \\[here\\](http://evil.test) {{0}} volume\\[/x\\]`) {
		t.Error(string(data))
	}
}

// A container stands in no text: it has a logical location, and its profile's file.
func TestSARIFContainer(t *testing.T) {
	r := running()
	r.File = "profiles/tf.toml"
	r.Findings = append(r.Findings, audit.Finding{Control: capDrop, Verdict: audit.Fail, Severity: audit.High, At: container.Path{Key: "cap_drop"}, Message: "m"})
	data := string(sarif(t, audited(r), false))
	for _, want := range []string{`"fullyQualifiedName":"podman://tf#cap_drop"`, `"uri":"profiles/tf.toml"`} {
		if !strings.Contains(data, want) {
			t.Errorf("it lacks %s", want)
		}
	}
}
