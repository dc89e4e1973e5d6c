package quadlet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// texts are what a value may hold. Each must come back as it went in.
var texts = []string{
	"plain", "two words", "$HOME ${X:-y} $$ $", "%i %h %%", "$(id)", "`id`", `"quoted" 'twice' \`, `\x41 \n \`, "# no comment", "; nor this", "[Service]",
	"é ü 漢 \u00a0", " blank ", `"`, "ExecStartPre=/bin/sh", strings.Repeat("long ", 1000), "\ufeff\u2028x\u2028", "%", "a=b=c", "'", "-x", "@/bin/sh",
}

// drawnRun is a run of a spec by lot, with a network of its own.
func drawnRun(r *rand.Rand, i int) form.Run {
	for {
		s := drawn.Spec(r, texts[r.IntN(len(texts))])
		if podmanrun.Check(s) == nil {
			return form.Run{Name: fmt.Sprintf("run-%d", i), Spec: s, Networks: []form.Network{{Name: "a", Labels: map[string]string{"l": "$1 2"}}}}
		}
	}
}

// asRead reads a document from a directory, as an audit does.
func asRead(t testing.TB, doc *form.Document, target string) *form.Reading {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, f := range doc.Files {
		fsys["u/"+f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o600}
	}
	got, err := Read(fsys, "u/"+doc.Files[0].Name, Options{Version: target})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// differences are the rows that a reading says otherwise than the spec that was written; what
// is lost, or means nothing in a unit, is none.
func differences(doc *form.Document, got, want *container.Spec) []string {
	got = container.Clone(got)
	if shm, beside := podmanrun.Shm(want); beside && got.Tmpfs["/dev/shm"] == shm {
		container.TmpfsAt.Delete(got, "/dev/shm")
	}
	var out []string
	for _, row := range command.Rows() {
		lost := slices.ContainsFunc(doc.Lost, func(l form.Loss) bool { return l.At.Key == row.Key() })
		if len(values(row, want)) > 0 && !lost && !ways[row.Key()].moot && !container.Equal(row, got, want) {
			out = append(out, row.Key())
		}
	}
	return out
}

func TestWriteReadWrite(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 1))
	for i := range drawn.Times(180) { // ten for each target
		run, target := drawnRun(r, i), Targets[i%len(Targets)]
		doc, err := Write(run, target, Service{})
		if err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		for _, l := range doc.Lost {
			if why := lostOnPurpose(run.Spec, l.At.Key, target); !why {
				t.Errorf("%s: %s", target, l)
			}
		}
		got := asRead(t, doc, target)
		if off := differences(doc, got.Spec, run.Spec); len(off) > 0 {
			t.Fatalf("%s: %v come back otherwise\n%s", target, off, doc.Files[0].Data)
		}
		for _, o := range got.Open {
			if strings.Contains(o.Why, `"type:a:b=c" is no label option`) {
				continue // whoever reads it, from wherever
			}
			t.Errorf("%s: open: %s %s", target, o.At, o.Why)
		}
		again := run
		again.Spec = got.Spec
		twice, err := Write(again, target, Service{})
		if err != nil || !bytes.Equal(twice.Files[0].Data, doc.Files[0].Data) {
			t.Fatalf("%s: %v\n%s", target, err, unlike(doc.Files[0].Data, twice.Files[0].Data)+string(doc.Files[0].Data)+string(twice.Files[0].Data))
		}
	}
}

// lostOnPurpose are the values that no unit says.
func lostOnPurpose(s *container.Spec, row, target string) bool {
	v, _ := readVersion(target)
	switch row {
	case container.Args.Key():
		return slices.Contains(s.Args, "") || slices.Contains(s.Args, ";")
	case container.User.Key():
		return !v.since(4, 8) && strings.Trim(s.User, "0123456789:") != ""
	case container.Restart.Key():
		return s.Restart == "unless-stopped"
	}
	return false
}

// unlike are the lines that only one of two texts has.
func unlike(a, b []byte) string {
	one, two := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	var out strings.Builder
	for _, l := range one {
		if !slices.Contains(two, l) {
			out.WriteString("- " + l + "\n")
		}
	}
	for _, l := range two {
		if !slices.Contains(one, l) {
			out.WriteString("+ " + l + "\n")
		}
	}
	return out.String()
}

// TestWriteEveryKey drops each key that the writer uses from the table in turn: the reader
// then misses exactly what the key says.
func TestWriteEveryKey(t *testing.T) {
	all, used := ownKeys, 0
	defer func() { ownKeys = all }()
	for _, run := range fixedRuns() {
		for _, k := range all {
			ownKeys = all
			doc := written(t, run, "6.2")
			if !bytes.Contains(doc.Files[0].Data, []byte("\n"+k.name+"=")) || k.make == nil {
				continue
			}
			used++
			ownKeys = slices.DeleteFunc(slices.Clone(all), func(o key) bool { return o.name == k.name })
			var says []string
			for _, s := range Says("6.2") {
				says = append(says, s.Keys)
			}
			off := differences(doc, asRead(t, doc, "6.2").Spec, asService(run))
			if len(off) != 1 || slices.Contains(says, k.name+"=") {
				t.Errorf("without %s= the reading differs in %v", k.name, off)
			}
		}
	}
	if used < 60 {
		t.Errorf("%d keys were written", used)
	}
}

// TestWriteEveryRow leaves each row out of the spec in turn: the unit then says nothing of it.
func TestWriteEveryRow(t *testing.T) {
	run := fixedRuns()[0]
	for _, row := range command.Rows() {
		if len(values(row, run.Spec)) == 0 || row.Key() == container.Image.Key() {
			continue
		}
		less := run
		less.Spec = container.Clone(run.Spec)
		row.Clear(less.Spec)
		doc := written(t, less, "5.8")
		off := differences(doc, asRead(t, doc, "5.8").Spec, asService(run))
		off = slices.DeleteFunc(off, func(k string) bool { return k == "tmpfs" && row.Key() == "ipc" }) // that of shm_size
		if want := []string{row.Key()}; !ways[row.Key()].moot && !slices.Equal(off, want) && row.Key() != container.Restart.Key() {
			t.Errorf("without %s the unit differs in %v", row.Key(), off)
		}
	}
}

// TestWriteRefuses: what a unit could only hide is refused by the name of the setting.
func TestWriteRefuses(t *testing.T) {
	from := container.From(container.Origin{Layer: container.LayerUser})
	image := func(s *container.Spec) { container.Image.Set(s, "localhost/demo", from) }
	for _, bad := range []string{"a\nExecStartPre=/bin/sh", "a\r", "a\tb", "\x1b[2J", "\x7f", "\u0085", strings.Repeat("x", 1<<20), "a\x00b", "a\xff"} {
		for want, set := range map[string]func(*container.Spec){
			"env[A]":   func(s *container.Spec) { container.Env.Set(s, "A", bad, from) },
			"label[l]": func(s *container.Spec) { container.Labels.Set(s, "l", bad, from) },
			"args":     func(s *container.Spec) { container.Args.Set(s, []string{bad}, from) },
			"image":    func(s *container.Spec) { container.Image.Set(s, bad, from) },
			"workdir":  func(s *container.Spec) { container.Workdir.Set(s, "/"+bad, from) },
			"user":     func(s *container.Spec) { container.User.Set(s, bad, from) },
			"name":     func(s *container.Spec) { container.Name.Set(s, bad, from) },
			"volume":   func(s *container.Spec) { container.VolumeAt.Set(s, "/v", container.Volume{Source: "/" + bad}, from) },
		} {
			s := &container.Spec{}
			image(s)
			set(s)
			doc, err := Write(form.Run{Name: "web", Spec: s}, "5.8", Service{})
			if err == nil && len(doc.Lost) == 0 || err != nil && (!strings.Contains(err.Error(), want) || strings.ContainsFunc(err.Error(), unicode.IsControl)) {
				t.Errorf("%s of %.20q: %v", want, bad, err)
			}
		}
	}
	s := &container.Spec{} // JSON has a word of its own for it
	container.Entrypoint.Set(s, []string{"a\n[Service]\x1b"}, from)
	image(s)
	if got := asRead(t, written(t, form.Run{Name: "web", Spec: s}, "5.8"), "5.8").Spec.Entrypoint; !slices.Equal(got, s.Entrypoint) {
		t.Errorf("an entrypoint comes back as %q", got)
	}
	for _, name := range []string{"", "a/b", "../a", "a@b", "-a", "a b", "a\nb", ".a", "%i", strings.Repeat("a", 300)} {
		if _, err := Write(form.Run{Name: name, Spec: fixedRuns()[0].Spec}, "5.8", Service{}); err == nil || strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("a unit called %q: %v", name, err)
		}
	}
	for _, image := range []string{"localhost/demo.image", "x.build", "-x", "a b", `"a"`} {
		s := &container.Spec{}
		container.Image.Set(s, image, from)
		if doc, err := Write(form.Run{Name: "web", Spec: s}, "5.8", Service{}); err == nil && len(doc.Lost) == 0 {
			t.Errorf("an image called %q: %s", image, doc.Files[0].Data)
		}
	}
}
