package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/attack"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func TestGatewayTest(t *testing.T) {
	r := &attack.Report{Gateway: "fraud", Began: time.Unix(0, 0), Logs: []string{"gateway's log"},
		Controls: []attack.Result{{ID: "allowed/http1", Title: "an allowed call in HTTP/1.1", Verdict: attack.Passed, Reply: "200", By: []string{"answer"}}},
		Attacks: []attack.Result{
			{ID: "tls/1.0", Title: "TLS 1.0", Verdict: attack.Refused, Reply: "protocol version not supported", By: []string{"answer"}},
			{ID: "paths/slashes", Title: "//", Verdict: attack.Arrived, Reply: "200 \x1b[31m", By: []string{"gateway's log"}},
			{ID: "tls/1.2", Title: "TLS 1.2", Verdict: attack.NotPlayed, Why: "the gateway speaks TLS 1.2 too"},
			{ID: "limits/rate", Title: "many", Verdict: attack.Unknown, Why: "none was refused"},
		}}
	doc := report.NewGatewayTest(r)
	var b bytes.Buffer
	if err := doc.Text(&b, report.Screen{Width: 120}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ARRIVED: 200 \\u001b[31m", "refused: protocol version not supported", "not played: 1, for the gateway speaks TLS 1.2 too",
		"4 attacks on fraud: 1 refused, 1 ARRIVED, 0 answered otherwise, 1 unknown, 1 not played"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if !doc.Failures || doc.Counts["arrived"] != 1 {
		t.Errorf("%+v", doc)
	}
	r.Controls[0].Verdict, r.Attacks = attack.Refused, nil
	b.Reset()
	if doc = report.NewGatewayTest(r); doc.Text(&b, report.Screen{}) != nil || !doc.Failures || !strings.Contains(b.String(), "no attack was played") {
		t.Errorf("%+v\n%s", doc, b.String())
	}
}
