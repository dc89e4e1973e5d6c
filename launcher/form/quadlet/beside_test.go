package quadlet

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// A file of zlaunch's own goes beside the unit, which names it in the directory of units; the
// generators of ZLAUNCH_QUADLET leave that to systemd, and stop at no file beside.
func TestBeside(t *testing.T) {
	const own = "/home/a%b/inference-0123.json"
	s, from := &container.Spec{}, container.From(container.Origin{Layer: container.LayerUser})
	container.Image.Set(s, "localhost/a:1", from)
	container.SeccompProfile.Set(s, own, from)
	run := form.Run{Name: "web", Spec: s, Files: []form.File{{Name: own, Data: []byte("{}")}}}
	for beside, line := range map[bool]string{false: "SeccompProfile=/home/a%%b/inference-0123.json", true: "SeccompProfile=%E/containers/systemd/inference-0123.json"} {
		run.Beside = beside
		doc := written(t, run, Ran)
		notes := strings.Join(doc.Notes, "\n")
		if text := string(doc.Files[0].Data); strings.Count(text, "SeccompProfile=") != 1 || !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("beside %t: %s", beside, text)
		}
		if len(doc.Beside) > 0 != beside || strings.Contains(notes, "right into that directory") != beside {
			t.Errorf("beside %t: %v %s", beside, doc.Beside, notes)
		}
	}
	dir := t.TempDir()
	run.Beside = true
	doc := written(t, run, "4.4")
	for _, f := range append(doc.Files, doc.Beside...) {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, program := range filepath.SplitList(os.Getenv("ZLAUNCH_QUADLET")) {
		c := exec.Command(program, "-user", "-dryrun", "-no-kmsg-log")
		c.Env = append(os.Environ(), "QUADLET_UNIT_DIRS="+dir)
		if out, err := c.Output(); err != nil || !strings.Contains(string(out), "seccomp=%E/containers/systemd/inference-0123.json") {
			t.Errorf("%s: %v\n%s", program, err, out)
		}
	}
}

// Read again, the file is the one that lies beside the unit; any other specifier is not known.
func TestReadBeside(t *testing.T) {
	for line, want := range map[string]string{
		"%E/containers/systemd/inference-0123.json": "/u/inference-0123.json",
		"%E/containers/systemd/../x.json":           "",
		"%E/containers/systemd/%i.json":             "",
		"%h/.config/containers/systemd/x.json":      "",
		"%E":                                        "",
	} {
		fsys := fstest.MapFS{"u/a.container": {Data: []byte("[Container]\nImage=a\nSeccompProfile=" + line + "\n"), Mode: 0o600}}
		r, err := Read(fsys, "u/a.container", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, known := container.SeccompProfile.Get(r.Spec); got != want || known != (want != "") {
			t.Errorf("%s is read as %q, known %t", line, got, known)
		}
	}
}
