package quadlet

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// TestService: what an installer adds stands behind the writer's own lines, and a drop-in
// brings another image.
func TestService(t *testing.T) {
	run := fixedRuns()[0]
	doc, err := Write(run, "5.8", Service{Notify: "healthy", Unit: []string{"OnFailure=mend.service"},
		Service: []string{"ExecStartPost=/usr/bin/zlaunch ready " + Word(`a "$b" %c`)}})
	if err != nil {
		t.Fatal(err)
	}
	text := string(doc.Files[0].Data)
	for _, want := range []string{"\nNotify=healthy\n", "\nOnFailure=mend.service\n\n[Container]", "\nExecStartPost=/usr/bin/zlaunch ready \"a \\\"$$b\\\" %%c\"\n\n[Install]"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	dropin, err := ImageDropIn("localhost/demo@sha256:1")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{"u/a.container": {Data: doc.Files[0].Data, Mode: 0o600}, "u/a.container.d/10-image.conf": {Data: dropin, Mode: 0o600}}
	got, err := Read(fsys, "u/a.container", Options{})
	if err != nil || got.Spec.Image != "localhost/demo@sha256:1" {
		t.Errorf("%v: the image is %q", err, got.Spec.Image)
	}
	for _, bad := range []string{"", "a b", "a\nPodmanArgs=--privileged", `"a"`} {
		if _, err := ImageDropIn(bad); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("an image called %q: %v", bad, err)
		}
	}
	for _, s := range []Service{{Notify: "yes"}, {Notify: "healthy"}} {
		if _, err := Write(run, "4.9", s); err == nil {
			t.Errorf("4.9 takes %+v", s)
		}
	}
}

// TestServiceEnds: what fails each time ends as failed, also where each start takes as long as
// it may, and a job runs once.
func TestServiceEnds(t *testing.T) {
	for kind, want := range map[string]string{"server": "on-failure:5", "job": "no"} {
		run := fixedRuns()[0]
		run.Kind, run.Spec = kind, container.Clone(run.Spec)
		container.Restart.Set(run.Spec, "no", container.From(container.Origin{Layer: container.LayerUser}))
		doc := written(t, run, "5.8")
		if got := asRead(t, doc, "5.8").Spec.Restart; got != want {
			t.Errorf("a %s is restarted %q", kind, got)
		}
		lines, _ := parse(string(doc.Files[0].Data), newest)
		limit := limitOf(lines)
		if long := limit.burst * (pause + settingUp + 60 + 90); kind == "server" && int(limit.interval.Seconds()) <= long {
			t.Errorf("%d starts may take %d s, and %s count", limit.burst, long, limit.interval)
		}
		if text := string(doc.Files[0].Data); strings.Contains(text, "Type=oneshot") != (kind == "job") || strings.Contains(text, "[Install]") == (kind == "job") {
			t.Errorf("a %s is\n%s", kind, text)
		}
	}
}

// FuzzWrite: any text is refused, or comes back as it was, for every target.
func FuzzWrite(f *testing.F) {
	for i, text := range texts[:12] {
		f.Add(text, text, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text, about string, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 41))
		run := form.Run{Name: "web", Profile: about, About: about, Kind: "server", Spec: drawn.Spec(r, text)}
		target := Targets[r.IntN(len(Targets))]
		doc, err := Write(run, target, Service{})
		if err != nil {
			if strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("raw escape in %q", err)
			}
			return
		}
		want := asService(run)
		if off := differences(doc, asRead(t, doc, target).Spec, want); len(off) > 0 {
			t.Errorf("%s: %v come back otherwise\n%s", target, off, doc.Files[0].Data)
		}
	})
}
