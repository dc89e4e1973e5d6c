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
	holds(t, "diff.json", b.Bytes())
	b.Reset()
	if err := d.Text(&b, report.Screen{Width: 100}); err != nil {
		t.Fatal(err)
	}
	holds(t, "diff.txt", b.Bytes())
}

// Of a container held against a plan only the drift differs, whichever of the two comes
// first, and the verdicts on just that.
func TestHeldDiff(t *testing.T) {
	a, b := line(), running()
	a.Findings = append(a.Findings, audit.Finding{Control: readOnlyRoot, Verdict: audit.Fail, Severity: audit.High})
	h := report.Held{Container: b, Open: []string{"out of reach"}}
	if d := report.NewHeldDiff(a, b, h); !d.Same() || !d.Open() || len(d.OnlyA)+len(d.OnlyB) > 0 {
		t.Errorf("%+v", d)
	}
	h.Open, h.Drift = nil, []container.Difference{{Path: at("read_only", ""), Planned: true, Got: false, Evidence: container.Kernel}}
	d, back := report.NewHeldDiff(a, b, h), report.NewHeldDiff(b, a, h)
	if d.Same() || len(d.Settings) != 1 || d.Settings[0].A != true || back.Settings[0].B != true || len(d.Verdicts) != 1 || d.Verdicts[0].Control != readOnlyRoot.ID {
		t.Errorf("%+v\n%+v", d, back)
	}
	var out bytes.Buffer
	if err := report.JSON(&out, d); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/diff-v1.json", out.Bytes())
	out.Reset()
	if err := report.NewHeldDiff(a, b, report.Held{Container: b}).Text(&out, report.Screen{Width: 80}); err != nil || !bytes.Contains(out.Bytes(), []byte("\nas planned\n")) {
		t.Errorf("%v: %s", err, out.String())
	}
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
