package observe

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// rung shows one setting at a level of evidence.
func rung(e container.Evidence, set func(s *container.Spec, m container.Mark)) *container.Spec {
	s := &container.Spec{}
	set(s, container.Mark{Evidence: e})
	return s
}

// The highest rung that shows a setting proves it; what no rung shows is open, for a
// reason.
func TestVerdicts(t *testing.T) {
	plan := &container.Spec{}
	container.ReadOnly.Set(plan, true, container.Mark{})
	container.NoNewPrivileges.Set(plan, true, container.Mark{})
	container.TmpfsAt.Set(plan, "/tmp", container.Tmpfs{}, container.Mark{})
	readOnly := func(s *container.Spec, m container.Mark) { container.ReadOnly.Set(s, true, m) }
	tmp := func(s *container.Spec, m container.Mark) { container.TmpfsAt.Set(s, "/tmp", container.Tmpfs{}, m) }
	p := &Proof{Rungs: []*container.Spec{rung(container.OCI, readOnly), rung(container.Kernel, readOnly), rung(container.Inspected, readOnly), rung(container.Kernel, tmp)},
		Blind: "nobody can look", Open: map[string]string{"/tmp": "its mode is another"}}
	proved, open := p.Verdicts(plan)
	if len(proved) != 1 || proved[0].Evidence != container.Kernel || proved[0].Setting.Key != container.ReadOnly.Key() {
		t.Errorf("proved %+v", proved)
	}
	if len(open) != 2 || open[0].Why != "nobody can look" || open[1].Why != "its mode is another" {
		t.Errorf("open %+v", open)
	}
}

// A setting that several rungs show otherwise is one difference, with the strongest
// evidence.
func TestDifferences(t *testing.T) {
	plan := &container.Spec{}
	container.ReadOnly.Set(plan, true, container.Mark{})
	writable := func(s *container.Spec, m container.Mark) { container.ReadOnly.Set(s, false, m) }
	p := &Proof{Rungs: []*container.Spec{rung(container.OCI, writable), rung(container.Kernel, writable)}}
	if d := p.Differences(plan); len(d) != 1 || d[0].Evidence != container.Kernel {
		t.Errorf("%+v", d)
	}
	if Told(nil) != "nothing" || Told(true) != "true" {
		t.Error("values are not told")
	}
}
