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

	"github.com/zlaunch/zlaunch/launcher/form"
)

func subjects(in []*form.Reading) []string {
	var out []string
	for _, r := range in {
		out = append(out, r.File)
	}
	return out
}

func TestDir(t *testing.T) {
	fsys := files("u/b.container", image, "u/a.container", image+"Network=n.network\n", "u/sub/c.container", image, "u/sub/n.network", "[Network]\n",
		"u/sub/a.container", image, "u/x.kube", "[Kube]\n", "u/v.volume", "[Service]\nExecStartPre=podman start x\n", "u/bad.container", "\xff", "u/nul.container", "a\x00", "u/a.container.d/z.container", image,
		"u/c.container.d/1.conf", "[Container]\nHostName=h\n", "u/notes.txt", "x")
	got, open, err := Dir(fsys, "/u", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"/u/a.container", "/u/b.container", "/u/sub/c.container"}; !slices.Equal(subjects(got), want) {
		t.Errorf("%q", subjects(got))
	}
	if len(got[0].Open) > 0 || got[2].Spec.Hostname != "h" {
		t.Errorf("a linked unit and a drop-in elsewhere: %v, %q", got[0].Open, got[2].Spec.Hostname)
	}
	text := ""
	for _, o := range open {
		text += o.Why + "\n"
	}
	for _, want := range []string{"u/x.kube: it plays the Kubernetes YAML that Yaml= names, which is not read yet", "u/v.volume: line 2: podman start", "u/bad.container: line 1 is not UTF-8", "u/nul.container: line 1 holds a NUL", "u/sub/a.container does not count"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if _, _, err := Dir(fsys, "nowhere", Options{}); err == nil {
		t.Error("no directory is read")
	}
}

// TestHostileDir has everything in a directory that is no file.
func TestHostileDir(t *testing.T) {
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

	got, open, err := Dir(os.DirFS("/"), dir, Options{})
	must(err)
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
	text := ""
	for _, o := range open {
		text += o.Why + "\n"
	}
	for _, n := range []string{"fifo.container: it is a FIFO", "sock.container: it is a socket", "out.container: it is a symlink", "passwd.container", "loop1.container", "zero.container", "masked.container", "circle is a symlink"} {
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
