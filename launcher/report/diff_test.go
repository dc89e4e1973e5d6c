package report_test

import (
	"bytes"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func difference() report.Diff {
	a, b := line(), unit("b.container")
	container.ReadOnly.Set(b.Spec, true, written)
	container.Privileged.Set(b.Spec, false, written)
	container.Env.Set(b.Spec, "HF_TOKEN", "another", written)
	container.Env.SetComplete(b.Spec, written)
	container.VolumeAt.SetComplete(b.Spec, written)
	b.Findings = append(b.Findings, audit.Finding{Control: privileged, Verdict: audit.Pass, Severity: audit.Critical})
	return report.NewDiff(a, b)
}

func TestDiff(t *testing.T) {
	d := difference()
	var b bytes.Buffer
	if err := report.JSON(&b, d); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/diff-v1.json", b.Bytes())
	golden(t, "diff.json", b.Bytes())
	b.Reset()
	if err := d.Text(&b, report.Screen{Width: 100}); err != nil {
		t.Fatal(err)
	}
	golden(t, "diff.txt", b.Bytes())
}

// A subject does not differ from itself, and the order of the two is all that
// changes when they are exchanged.
func TestDiffSame(t *testing.T) {
	if d := report.NewDiff(line(), line()); !d.Same() || len(d.OnlyA)+len(d.OnlyB) > 0 {
		t.Errorf("%+v", d)
	}
	x, y := report.NewDiff(line(), running()), report.NewDiff(running(), line())
	if len(x.Settings) != len(y.Settings) || len(x.Verdicts) != len(y.Verdicts) || len(x.OnlyA) != len(y.OnlyB) {
		t.Errorf("%+v\n%+v", x, y)
	}
}
