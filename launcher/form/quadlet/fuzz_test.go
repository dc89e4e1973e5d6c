package quadlet

import (
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func FuzzRead(f *testing.F) {
	all := units(f)
	for name, file := range all {
		if path.Ext(name) == ".container" {
			for _, version := range []string{"4.5.1", "4.9.5", "5.3.2", "5.4.2"} { // one of each parser
				f.Add(string(file.Data), "[Container]\nDropCapability=\nPodmanArgs=--privileged\n", version)
			}
		}
	}
	f.Add(image+"Volume=%h:/x:%i\nNetwork=$A\nExec=\\x41\\u0042\\U00000043\\104 \"", "\\\n", "")
	f.Add("[Container]\\\n]\nImage=a\\", "[", "4.4")
	f.Fuzz(func(t *testing.T, text, dropin, version string) {
		fsys := files("u/web@a-b.container", text, "u/web@.container.d/1.conf", dropin, "u/n.network", dropin, "u/v.volume", dropin, "u/p.pod", text)
		r, err := Read(fsys, "u/web@a-b.container", Options{Version: version})
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\n\x00") {
				t.Errorf("raw escape in %q", err)
			}
			return
		}
		for p, words := range r.At {
			for _, w := range words {
				if w < 0 || w >= len(r.Words) {
					t.Fatalf("%s is decided by word %d of %d", p, w, len(r.Words))
				}
			}
		}
		for _, o := range r.Open {
			if o.Word >= len(r.Words) || strings.ContainsAny(o.Why, "\x1b\n\x00") {
				t.Errorf("open %q at %d", o.Why, o.Word)
			}
		}
		again, err := Read(fsys, "u/web@a-b.container", Options{Version: version})
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Errorf("it reads differently the second time: %v", err)
		}
		s := container.Clone(r.Spec)
		container.ReadOnly.Set(s, true, container.From(container.Origin{Layer: container.LayerDerived}))
		if lines, err := Fix(r, s, Options{Version: version}); err == nil && len(lines) == 0 {
			t.Error("a mended unit is empty")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	all := units(b)
	fsys := files("units/hardened.container", string(all["units/hardened.container"].Data), "units/inner.network", "[Network]\nInternal=true\n")
	b.ReportAllocs()
	for range b.N {
		if _, err := Read(fsys, "units/hardened.container", Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "units/s")
}

// Whatever a file of several units holds, what is said of it stands in the file.
func FuzzSeveral(f *testing.F) {
	f.Add("# FileName=web\n[Container]\nImage=x\nNetwork=n.network\n---\n# FileName=n\n[Network]\n", "[Kube]\nYaml=a\n")
	f.Add("---\n#FileName=a\n[Pod]\n\n---\n[Service]\nExecStart=podman run x", "[Kube]\nYaml=%h\nPodmanArgs=\\\nx\n")
	f.Fuzz(func(t *testing.T, text, kube string) {
		s, err := NewSet(files("u/a.quadlets", text, "u/a.kube", kube), []string{"u"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = s.Plays("u/a.kube")
		runs, _, err := s.Unit("u/a.quadlets")
		if err != nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		for _, r := range runs {
			for _, w := range r.Words {
				if w.Line > lines || w.Line < 0 || w.File != "" {
					t.Errorf("%s: %q stands at line %d of %d, in %q", r.Subject, w.Text, w.Line, lines, w.File)
				}
			}
		}
	})
}
