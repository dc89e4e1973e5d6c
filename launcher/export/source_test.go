package export_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// way is a form and one of its targets.
type way struct {
	form   export.Form
	target string
	says   []form.Says // of the form for the target
}

func wayOf(name, target string) way {
	f, _ := export.Find(name)
	return way{f, target, f.Says(target)}
}

func (w way) String() string { return w.form.Name + " " + w.target }

func ways() []way {
	var out []way
	for _, w := range []struct{ name, target string }{
		{"podman", ""}, {"docker", "28"}, {"quadlet", "5.8"}, {"kube", "1.37"}, {"kube", "podman"}, {"compose", "docker"}, {"compose", "podman"},
	} {
		out = append(out, wayOf(w.name, w.target))
	}
	return out
}

// written writes a run, whatever it loses; what that costs is judged elsewhere.
func (w way) written(r form.Run) (*form.Document, error) {
	doc, err := w.form.Write(r, w.target)
	if err == nil {
		doc.Lost = append(slices.Clone(r.Lost), doc.Lost...)
	}
	return doc, err
}

// read reads a document as an audit does.
func (w way) read(t *testing.T, doc *form.Document) *form.Reading {
	t.Helper()
	if w.form.Name == "quadlet" {
		files := fstest.MapFS{}
		for _, f := range doc.Files {
			files["units/"+f.Name] = &fstest.MapFile{Data: f.Data}
		}
		r, err := quadlet.Read(files, "units/"+doc.Files[0].Name, quadlet.Options{})
		if err != nil {
			t.Fatalf("%s: %v", w, err)
		}
		return r
	}
	runs, _, err := textfile.Read(doc.Files[0].Name, doc.Files[0].Data)
	if err != nil || len(runs) != 1 {
		t.Fatalf("%s: %d runs, %v in\n%s", w, len(runs), err, doc.Files[0].Data)
	}
	return runs[0]
}

// meant is a reading with the defaults of its engine.
func meant(r *form.Reading) *container.Spec {
	return effective.Complete(r.Spec, effective.Engine{Kind: r.Engine})
}

// TestMatrix draws runs, writes each in one form, reads that, writes it in every other, and
// reads that too: both mean the same, but for what is named as lost. What is written for
// podman kube play is read as Kubernetes does, and so is only read here.
func TestMatrix(t *testing.T) {
	all, draws := ways(), drawn.Times(20)
	for _, from := range all {
		t.Run(from.String(), func(t *testing.T) {
			t.Parallel()
			r, done := rand.New(rand.NewPCG(14, 48)), map[string]int{}
			for tried, least := 0, 0; least < draws; tried++ {
				if tried > 20*draws {
					t.Fatalf("of %d runs are written: %v", tried, done)
				}
				s := drawn.Spec(r, texts[r.IntN(len(texts))])
				run := form.Run{Name: "web", Spec: s, Judged: effective.Complete(s, effective.Engine{Kind: "podman"})}
				doc, err := from.written(run)
				if err != nil { // the lot draws more than each form takes
					continue
				}
				one := from.read(t, doc)
				least = tried
				for _, to := range all {
					if to.target == "podman" && to.form.Name == "kube" {
						continue
					}
					if converts(t, to, one, run) {
						done[to.String()]++
					}
					least = min(least, done[to.String()])
				}
			}
		})
	}
}

var texts = []string{"text", "a b", "$HOME", "$(id)", "100%", "it's", `say "x"`, "#c", "é"}

// converts writes what was read of one form in another, and holds the two against each other;
// false: the other form would not take the drawn run either.
func converts(t *testing.T, to way, one *form.Reading, drawn form.Run) bool {
	source := export.FromFile{Reading: one, Judged: meant(one), Dir: "/srv"}
	run := source.Run(to.form, to.target)
	written, err := to.written(run)
	if err != nil {
		if _, anyway := to.written(drawn); anyway == nil {
			t.Errorf("to %s: %v", to, err)
		}
		return false
	}
	for _, d := range to.differences(source.Judged, meant(to.read(t, written)), written.Lost) {
		t.Errorf("to %s: %s\n%s\n%s", to, d, strings.Join(one.Lines, "\n"), written.Files[0].Data)
	}
	return true
}

// differences are the rows that mean two things, and are neither lost nor said by the nature
// of the form. What a node or an engine decides, and neither says, is none.
func (w way) differences(a, b *container.Spec, losses []form.Loss) []string {
	a, b = w.alike(a), w.alike(b)
	lost := map[string]bool{}
	for _, l := range losses {
		lost[l.At.Key] = true
	}
	for _, s := range w.says {
		if v := s.Row.Settings(a); s.Moot || len(v) == 1 && s.Nature != "" && fmt.Sprint(v[0].Value) == s.Nature {
			lost[s.Row.Key()] = true
		}
	}
	var out []string
	for _, row := range container.Rows {
		judged := !row.Derived() || row.Key() == container.Capabilities.Key()
		if judged && !lost[row.Key()] && len(row.Settings(a)) > 0 && !container.Equal(row, a, b) {
			out = append(out, fmt.Sprintf("%s: %v became %v", row.Key(), row.Settings(a), row.Settings(b)))
		}
	}
	return out
}

// alike writes in one way what the engines say in several.
func (w way) alike(s *container.Spec) *container.Spec {
	s = container.Clone(s)
	any := container.Mark{}
	for _, row := range []container.Row{container.CapAdd, container.CapDrop} { // by what they come to
		if _, _, known := container.Capabilities.Get(s); known {
			row.Clear(s)
		}
	}
	if n, _, known := container.PidsLimit.Get(s); known && n == 0 {
		container.PidsLimit.Set(s, -1, any)
	}
	cpus, _, _ := container.Cpus.Get(s)
	container.Cpus.Set(s, math.Round(cpus*1e9)/1e9, any) // Docker counts billionths
	entry, _, _ := container.Entrypoint.Get(s)
	args, _, _ := container.Args.Get(s)
	container.Args.Set(s, slices.Concat(entry, args), any)
	if len(entry) > 1 {
		container.Entrypoint.Set(s, entry[:1], any)
	}
	switch driver, _, _ := container.LogDriver.Get(s); driver {
	case "k8s-file":
		container.LogDriver.Set(s, "json-file", any)
	case "none":
		container.LogOpt.Clear(s)
	}
	for _, name := range container.SecretOf.Keys(s) {
		if v, _, _ := container.SecretOf.Get(s, name); v.Type == "env" && v.Target == "" {
			v.Target = name
			container.SecretOf.Set(s, name, v, any)
		}
	}
	if shm, _, mounted := container.TmpfsAt.Get(s, "/dev/shm"); mounted { // is its size
		container.TmpfsAt.Delete(s, "/dev/shm")
		container.ShmSize.Set(s, shm.Size, any)
	}
	if w.form.Name == "kube" {
		asKube(s)
	}
	return s
}

// asKube leaves out what manifests say in words of their own: a Service and no port of the
// host, a file of the kubelet's, users of the kubelet's choice, labels of its own.
func asKube(s *container.Spec) {
	any := container.Mark{}
	container.Publish.Clear(s)
	if v, _, _ := container.SeccompProfile.Get(s); path.IsAbs(v) {
		container.SeccompProfile.Set(s, path.Base(v), any)
	}
	if v, _, _ := container.Userns.Get(s); v != "host" {
		container.Userns.Set(s, "auto", any)
	}
	container.Labels.Delete(s, "app.kubernetes.io/name")
	container.Labels.Delete(s, "app.kubernetes.io/managed-by")
	for _, at := range container.VolumeAt.Keys(s) {
		v, _, _ := container.VolumeAt.Get(s, at)
		v.Relabel, v.Open = "", false // a kubelet labels claims
		container.VolumeAt.Set(s, at, v, any)
	}
	container.VolumeAt.Delete(s, "/var/run/secrets/kubernetes.io/serviceaccount")
}
