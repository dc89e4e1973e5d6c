package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// The JSON of models is as its schemas say, full and empty, and those are strict.
func TestModelSchemas(t *testing.T) {
	sum := "sha256:" + strings.Repeat("0a", 32)
	file := report.ModelFile{Path: "a", Size: 1, SHA256: sum[7:]}
	signature := &report.ModelSignature{File: "f", Method: "key", Key: sum, By: "b", Names: []string{"n"}, Authority: []string{sum}, Uncovered: []string{"u"}}
	stored := report.StoredModel{Manifest: sum, Digest: sum, Path: "/p", Files: 1, Bytes: 2, Pulled: time.Unix(0, 0).UTC(), Refs: []string{"oci://h/r:1"}, SignedBy: []string{sum}, Runs: []string{"r"}, Damage: "d"}
	for _, c := range []struct {
		name string
		docs []any
	}{
		{"model", []any{report.Model{Schema: report.ModelSchema, Path: "m", Digest: sum, OMS: sum, Files: []report.ModelFile{file, {Path: "l", Link: true}}, Count: 2, Signature: signature}, report.Model{Schema: report.ModelSchema, Digest: sum, NoOMS: "why"}}},
		{"model-formats", []any{report.ModelFormats{Schema: report.ModelFormatsSchema, Formats: []report.ModelFormat{{Loading: "code", Format: "pickle", Note: "n", Files: 1, Bytes: 3, First: []string{"a"}}}}, report.ModelFormats{Schema: report.ModelFormatsSchema, Formats: []report.ModelFormat{}}}},
		{"model-pull", []any{report.ModelPull{Schema: report.ModelPullSchema, Ref: "r", Manifest: sum, Digest: sum, Path: "/p", SignedBy: "b"}}},
		{"model-push", []any{report.ModelPush{Schema: report.ModelPushSchema, Ref: "r", Manifest: sum, Digest: sum, SignedBy: sum}}},
		{"model-list", []any{report.ModelList{Schema: report.ModelListSchema, Models: []report.StoredModel{stored}, Partial: 1, PartialBytes: 5}, report.ModelList{Schema: report.ModelListSchema, Models: []report.StoredModel{}}}},
	} {
		for _, doc := range c.docs {
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			at := "../../docs/schema/" + c.name + "-v1.json"
			conforms(t, at, data)
			if validate(t, at, append([]byte(`{"more":1,`), data[1:]...)) == nil {
				t.Errorf("%s takes more", c.name)
			}
		}
	}
}

// The list shows what a person asks of it; nothing of a name reaches the terminal as it is.
func TestModelListText(t *testing.T) {
	var b bytes.Buffer
	l := report.ModelList{Models: []report.StoredModel{{Manifest: "sha256:00", Files: 3, Bytes: 1500, Pulled: time.Unix(0, 0).UTC(), Refs: []string{"oci://h/r:1\x1b[2J"}, Runs: []string{"web"}, Damage: "another"}}, Partial: 2, PartialBytes: 7}
	if err := l.Text(&b, report.Screen{Width: 200}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"sha256:00", "1.5kB", "1970-01-01", "web", `oci://h/r:1\u001b[2J`, "another", "2 downloads were never finished, 7B"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
