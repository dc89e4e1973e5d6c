package quadlet

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

func subjects(in []*form.Reading) []string {
	var out []string
	for _, r := range in {
		out = append(out, r.File)
	}
	return out
}

// dirs reads every unit of directories, as a walk would.
func dirs(t *testing.T, fsys fs.FS, in ...string) (out []*form.Reading, open []string) {
	t.Helper()
	s, err := NewSet(fsys, in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range in {
		entries, err := fs.ReadDir(fsys, clean(dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() || !RunsCommands(e.Name()) {
				continue
			}
			runs, more, err := s.Unit(clean(dir) + "/" + e.Name())
			if err != nil {
				open = append(open, e.Name()+": "+err.Error())
			}
			for _, o := range more {
				open = append(open, e.Name()+": "+o.Why)
			}
			out = append(out, runs...)
		}
	}
	return out, open
}

func TestSet(t *testing.T) {
	fsys := files("u/b.container", image, "u/a.container", image+"Network=n.network\n", "u/sub/c.container", image, "u/sub/n.network", "[Network]\n",
		"u/sub/a.container", image, "u/x.kube", "[Kube]\n", "u/v.volume", "[Service]\nExecStartPre=podman start x\n", "u/bad.container", "\xff", "u/nul.container", "a\x00", "u/a.container.d/z.conf", "[Container]\nHostName=z\n",
		"u/c.container.d/1.conf", "[Container]\nHostName=h\n", "u/notes.txt", "x")
	got, open := dirs(t, fsys, "/u", "/u/sub")
	if want := []string{"/u/a.container", "/u/b.container", "/u/sub/a.container", "/u/sub/c.container"}; !slices.Equal(subjects(got), want) {
		t.Errorf("%q", subjects(got))
	}
	if len(got[0].Open) > 0 || got[3].Spec.Hostname != "h" {
		t.Errorf("a linked unit and a drop-in elsewhere: %v, %q", got[0].Open, got[3].Spec.Hostname)
	}
	if got[0].Spec.Hostname != "z" || got[2].Spec.Hostname == "z" || len(got[2].Notes) != 1 {
		t.Errorf("the second of a name: %q and %q, %q", got[0].Spec.Hostname, got[2].Spec.Hostname, got[2].Notes)
	}
	text := strings.Join(open, "\n")
	for _, want := range []string{"v.volume: line 2: podman start", "bad.container: reading /u/bad.container: line 1 is not UTF-8", "nul.container: reading /u/nul.container: line 1 holds a NUL"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}

// TestHostileSet has everything in a directory that is no file.
func TestHostileSet(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "units")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) { t.Helper(); must(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)) }
	must(os.MkdirAll(filepath.Join(dir, "web.container.d"), 0o755))
	write("web.container", image)
	must(syscall.Mkfifo(filepath.Join(dir, "fifo.container"), 0o644))
	must(syscall.Mkfifo(filepath.Join(dir, "web.container.d", "10.conf"), 0o644))
	must(syscall.Mkfifo(filepath.Join(dir, "pipe.network"), 0o644))
	write("net.container", image+"Network=pipe.network\n")
	l, err := net.Listen("unix", filepath.Join(dir, "sock.container"))
	must(err)
	defer l.Close()
	must(os.WriteFile(filepath.Join(top, "outside.container"), []byte(image), 0o644))
	link := func(to, name string) { t.Helper(); must(os.Symlink(to, filepath.Join(dir, name))) }
	link("../outside.container", "out.container")
	link("/etc/passwd", "passwd.container")
	link("loop2.container", "loop1.container")
	link("loop1.container", "loop2.container")
	link("/dev/null", "masked.container")
	link("/dev/zero", "zero.container")
	link("web.container", "in@one.container")
	link(".", "circle")
	link("/", "web.container.d/root.conf")
	link("/dev/null", "web.container.d/20.conf")

	got, open := dirs(t, os.DirFS("/"), dir)
	names := []string{}
	for _, r := range got {
		names = append(names, r.Subject)
	}
	want := []string{"net.container", "web.container"}
	if _, knows := os.DirFS("/").(links); knows {
		want = []string{"in@one.container", "net.container", "web.container"}
	}
	if !slices.Equal(names, want) {
		t.Errorf("units %q", names)
	}
	text := strings.Join(open, "\n")
	for _, n := range []string{"fifo.container: it is a FIFO", "sock.container: it is a socket", "out.container: it is a symlink", "passwd.container", "loop1.container", "zero.container"} {
		if !strings.Contains(text, n) {
			t.Errorf("%q is not in\n%s", n, text)
		}
	}
	web := got[len(got)-1]
	if !says(web, "10.conf: it is a FIFO") || !says(web, "root.conf: it is a symlink") {
		t.Errorf("open %v", web.Open)
	}
	if _, err := Read(os.DirFS("/"), filepath.Join(dir, "fifo.container"), Options{}); err == nil || !strings.Contains(err.Error(), "FIFO") {
		t.Errorf("a FIFO: %v", err)
	}
	if _, err := Read(os.DirFS("/"), filepath.Join(dir, "loop1.container"), Options{}); err == nil {
		t.Error("a loop is read")
	}
}

func TestHostileUnits(t *testing.T) {
	for name, text := range map[string]string{
		"long line": image + "Exec=" + strings.Repeat("x", 1<<20) + "\n", "many keys": image + strings.Repeat("Foo=1\nDropCapability=a b\n", 10_000),
		"unknown keys": image + func() string {
			var b strings.Builder
			for i := range 10_000 {
				b.WriteString("Key" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + "=1\n")
			}
			return b.String()
		}(),
		"continued": image + "Exec=" + strings.Repeat("a \\\n", 100_000), "sections": strings.Repeat("[Container]\nReadOnly=yes\n", 20_000) + image,
		"escapes": image + "PodmanArgs=\x1b[31m --label=\\x1b]0;x\\x07 \\q\n\x1b[0m\n", "environment": image + strings.Repeat("Environment=A=1 B=2 C\n", 10_000),
		"args":   image + "PodmanArgs=" + strings.Repeat("--cap-add=x ", 50_000) + "\n",
		"faults": strings.Repeat("nonsense\n", 50_000), "quotes": image + "Exec=" + strings.Repeat(`"`, 100_000) + "\n",
		"remaps": image + "RemapUsers=auto\n" + strings.Repeat("RemapUid=1\n", 10_000), "links": image + strings.Repeat("Volume=a.volume:/x\n", 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Read(files("u/web.container", text), "u/web.container", Options{})
			if err != nil {
				return
			}
			if len(r.Open) > 2*maxOpen {
				t.Errorf("%d things are open", len(r.Open))
			}
			for _, o := range r.Open {
				if strings.ContainsAny(o.Why, "\x1b\n\x00\x07") {
					t.Errorf("raw escape in %q", o.Why)
				}
			}
		})
	}
	deep := files("u/"+strings.Repeat("a-", 120)+".container", image)
	for i := range 1500 {
		deep["u/container.d/"+strings.Repeat("z", 1+i%40)+string(rune('a'+i%26))+strings.Repeat("y", i/40)+".conf"] = files("x", "[Container]\nLabel=a=b\n")["x"]
	}
	r := read(t, deep, "u/"+strings.Repeat("a-", 120)+".container", Options{})
	if !says(r, "more than 1000 drop-ins") && len(deep) > maxDropins {
		t.Errorf("%d drop-ins: %v", len(deep), r.Open)
	}
	if _, err := Read(files("u/web.container", strings.Repeat("#", maxFile+1)), "u/web.container", Options{}); err == nil {
		t.Error("a file beyond the limit is read")
	}
	if _, err := Read(fs.FS(files("u/web.container", image)), "../../u/web.container", Options{}); err != nil {
		t.Errorf("dots in a path: %v", err)
	}
}

// A file of several units gives each of them, at its lines and with what it links there.
func TestSeveral(t *testing.T) {
	text := "# FileName=web\n[Container]\nImage=x:1\nNetwork=in.network\nAddCapability=ALL\n---\n#FileName=in\n[Network]\nInternal=true\n --- \n\n---\n" +
		"[Container]\nImage=y\n---\n# FileName=job\n[Container]\nImage=z\n[Service]\nExecStartPre=podman run w\nnonsense\n"
	got, open := dirs(t, files("u/all.quadlets", text, "u/web.container.d/1.conf", "[Container]\nHostName=h\n"), "u")
	var names []string
	for _, r := range got {
		names = append(names, r.File+" "+r.Subject)
	}
	want := []string{"/u/all.quadlets all.quadlets#web.container", "/u/all.quadlets all.quadlets#job.container", "/u/all.quadlets all.quadlets#job.container#1"}
	if !slices.Equal(names, want) {
		t.Fatalf("%q, %q", names, open)
	}
	if v, _, _ := container.NetworkEgress.Get(got[0].Spec); v || got[0].Spec.Hostname != "h" {
		t.Error("a unit beside it, and its drop-in, do not count")
	}
	if w := lineOf(t, got[0], rowPath(container.CapAdd)); w.Line != 5 || w.File != "" {
		t.Errorf("its line is %d of %q", w.Line, w.File)
	}
	if w := lineOf(t, got[0], rowPath(container.NetworkEgress)); w.Line != 9 || w.File != "" {
		t.Errorf("the line of the network is %d of %q", w.Line, w.File)
	}
	if !says(got[1], "job.container:21") || !slices.ContainsFunc(got[1].Words, func(w form.Word) bool { return w.Line == 21 && w.Text == "nonsense" }) {
		t.Errorf("a fault: %v, %v", got[1].Open, got[1].Words)
	}
	if len(open) != 1 || !strings.Contains(open[0], "line 13: a unit in it has no # FileName=NAME") {
		t.Errorf("open %q", open)
	}
}

// A .kube unit names its YAML, and what it says beside that is open.
func TestPlays(t *testing.T) {
	s, err := NewSet(files("u/a.kube", "[Kube]\nYaml=a.yaml\nYaml=/b/c.yaml\nUserNS=host\nPodmanArgs=--x\nKubeDownForce=true\n", "u/b.kube", "[Kube]\n",
		"u/c.kube", "[Kube]\nYaml=%h/x.yaml\n"), []string{"u"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"u/a.kube": "u/a.yaml b/c.yaml|userns line 4: UserNS= changes what podman kube play makes, and is not read| line 5: PodmanArgs= changes what podman kube play makes, and is not read",
		"u/b.kube": "| the unit names no Yaml=, and Podman refuses it", "u/c.kube": "| line 2: the YAML that Yaml= names is not read",
	} {
		p, err := s.Plays(name)
		got := strings.Join(p.Files, " ")
		for _, o := range p.Open {
			got += "|" + o.At.Key + " " + o.Why
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
