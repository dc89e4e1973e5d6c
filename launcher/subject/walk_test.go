package subject

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"
)

// Whatever of a directory can run a container is read or open: links as what they lead
// to, and neither a pipe nor a link to nowhere is passed over.
func TestWalkLinks(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "d")
	write := func(name string) {
		if err := os.WriteFile(name, []byte("podman run --privileged x:1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, made := range []error{os.Mkdir(dir, 0o700), os.Mkdir(filepath.Join(root, "below"), 0o700),
		os.Symlink("../run.sh", filepath.Join(dir, "link.sh")), os.Symlink("nowhere", filepath.Join(dir, "lost.sh")),
		os.Symlink("../below", filepath.Join(dir, "below")), unix.Mkfifo(filepath.Join(dir, "pipe.sh"), 0o600), unix.Mkfifo(filepath.Join(dir, ".env"), 0o600),
		os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte("services: {w: {image: x:1}}\n"), 0o600)} {
		if made != nil {
			t.Fatal(made)
		}
	}
	write(filepath.Join(root, "run.sh"))
	write(filepath.Join(dir, "own.sh"))
	pending, err := Files{}.Path(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pending {
		a := p()
		got = append(got, filepath.Base(a.Subject)+" "+verdictOf(a, "ZL-201"))
	}
	if want := []string{".env open", "compose.yaml pass", "link.sh fail", "lost.sh open", "own.sh fail", "pipe.sh open", "d (the rest) open"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// counting counts how often each file is opened.
type counting struct {
	fs.FS
	mu     sync.Mutex
	opened map[string]int
}

func (c *counting) Open(name string) (fs.File, error) {
	c.mu.Lock()
	c.opened[name]++
	c.mu.Unlock()
	return c.FS.Open(name)
}

func (c *counting) Stat(name string) (fs.FileInfo, error) { return fs.Stat(c.FS, name) }

func (c *counting) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(c.FS, name) }

func (c *counting) ReadLink(name string) (string, error) {
	return c.FS.(interface{ ReadLink(string) (string, error) }).ReadLink(name)
}

// repository is one of every kind of file that people have, in directories.
var repository = map[string]string{
	"units/web.container": "[Container]\nImage=x:1\nNetwork=in.network\n", "units/web.container.d/10.conf": "[Container]\nAddCapability=SYS_ADMIN\n",
	"units/in.network": "[Network]\nInternal=true\n", "units/job.container": "[Container]\nImage=y:1\nNetwork=in.network\n", "units/container.d/all.conf": "[Container]\nReadOnly=true\n",
	"units/play.kube": "[Kube]\nYaml=pod.yaml\n", "units/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: x:1}]}\n",
	"units/many.quadlets": "# FileName=one\n[Container]\nImage=z:1\n---\n# FileName=two\n[Volume]\n", "sys/old.service": "[Service]\nExecStart=podman run --privileged o:1\n",
	"sys/old.service.d/x.conf": "[Service]\nNice=1\n", "prod/a.container": "[Container]\nImage=x:1\n", "prod/a.container.d/1.conf": "[Container]\nHostName=prod\n",
	"test/a.container": "[Container]\nImage=x:1\n", "app/compose.yaml": "include: [../lib/more.yaml, further.yaml]\nservices: {w: {image: 'x:${TAG}', extends: {file: common.yaml, service: b}}}\n",
	"app/compose.override.yaml": "services: {w: {privileged: true}}\n", "app/common.yaml": "services: {b: {image: y:1, env_file: e.env}}\n", "app/further.yaml": "services: {f: {image: x:1}}\n",
	"app/.env": "TAG=1\n", "app/e.env": "A=b\n", "lib/more.yaml": "services: {m: {image: x:1}}\n", "run": "#!/bin/sh\npodman run --privileged x:1\n", "Makefile": "run:\n\tdocker run x:1\n",
	".git/hooks/pre-commit": "docker run --privileged x\n", "node_modules/p/run.sh": "docker run --privileged x\n", "logo.png": "\x89PNG\x00\x00", "pure.go": "package main\n",
	"foo.d/x.service": "[Service]\nExecStart=/bin/true\n", "foo.d/x.service.d/1.conf": "[Service]\nExecStartPost=podman run --privileged d:1\n",
	"profiles.toml": "schema = 1\n", "names\n\x1b[31m.sh": "docker run x:1\n", "latin.sh": "# caf\xe9\ndocker run x:1\n",
}

// walked are the subjects of a walk, each with what is known of it.
func walked(t *testing.T, w *Walk) (out []string) {
	t.Helper()
	dir := w.Dir() + "/"
	err := Each(context.Background(), w.Subjects(context.Background()), func(a *Audited) func() error {
		one := strings.TrimPrefix(a.Subject, dir) + " " + verdictOf(a, "ZL-201")
		return func() error { out = append(out, one); return nil }
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A walk reads every file once, with what belongs to it, and says what became of each.
func TestWalk(t *testing.T) {
	dir := write(t, repository)
	w, err := Files{}.Walk(dir, "node_modules")
	if err != nil {
		t.Fatal(err)
	}
	count := &counting{FS: w.under.of, opened: map[string]int{}}
	w.under = newOnce(count)
	got := walked(t, w)
	want := []string{"Makefile pass", "app/common.yaml pass", "app/compose.yaml fail", "app/further.yaml pass", "foo.d/x.service fail", "latin.sh pass", "lib/more.yaml pass",
		"names\n\x1b[31m.sh pass", "prod/a.container pass", "run fail", "sys/old.service fail", "test/a.container pass", "units/job.container pass",
		"units/many.quadlets#one.container pass", "units/pod.yaml#Pod/p/a pass", "units/web.container pass"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for name := range repository {
		opened, passed := count.opened[strings.TrimPrefix(dir, "/")+"/"+name], strings.HasPrefix(name, ".git/") || strings.HasPrefix(name, "node_modules/")
		if opened != 1 && !passed || passed && opened > 0 {
			t.Errorf("%s was opened %d times", name, opened)
		}
	}
	seen := ""
	for _, c := range w.Seen() {
		seen += fmt.Sprintf("%d %s; ", c.N, c.As)
	}
	if want := "16 run containers, or may; 4 hold no container; 7 are read with what they belong to; 1 define profiles: name one to audit its plans; 1 are no text, and name no engine; 1 are excluded; 1 are of version control; "; seen != want {
		t.Errorf("seen %s", seen)
	}
}

// What is beside a unit counts for it, and not what is beside one of its name elsewhere.
func TestWalkUnits(t *testing.T) {
	w, err := Files{}.Walk(write(t, repository))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*Audited{}
	for judge := range w.Subjects(context.Background()) {
		a := judge()
		got[strings.TrimPrefix(a.Subject, w.Dir()+"/")] = a
	}
	if s := got["prod/a.container"].Spec; s.Hostname != "prod" || got["test/a.container"].Spec.Hostname == "prod" {
		t.Errorf("host names %q and %q", s.Hostname, got["test/a.container"].Spec.Hostname)
	}
	if v := verdictOf(got["units/web.container"], "ZL-204"); v != "fail" {
		t.Errorf("the drop-in of web: ZL-204 %s", v)
	}
	for _, name := range []string{"units/web.container", "units/job.container"} {
		if v := verdictOf(got[name], "ZL-501"); v != "pass" {
			t.Errorf("%s: the drop-in of all: ZL-501 %s", name, v)
		}
	}
	if s := got["app/compose.yaml"].Spec; s.Image != "x:1" {
		t.Errorf("the image of a service is %q", s.Image)
	}
}

// A walk that is given up ends, and begins nothing more.
func TestWalkGivenUp(t *testing.T) {
	w, err := Files{}.Walk(write(t, repository))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err = Each(ctx, w.Subjects(ctx), func(*Audited) func() error {
		return func() error { n++; cancel(); return nil }
	})
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%v after %d subjects", err, n)
	}
}

// What is excluded, a link to it, and a directory elsewhere, are not read for something else.
func TestWalkExcluded(t *testing.T) {
	dir := write(t, map[string]string{"a/run.sh": "docker run x:1\n", "b/run.sh": "docker run x:1\n", "b/c/deep.sh": "docker run x:1\n"})
	for to, name := range map[string]string{"../b/run.sh": "a/Makefile", "../b/c": "a/c", "run.sh": "a/again.bash", ".": "a/loop"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for pattern, want := range map[string][]string{
		"":     {"a/Makefile open", "a/run.sh pass", "b/c/deep.sh pass", "b/run.sh pass"},
		"b":    {"a/Makefile open", "a/run.sh pass", " (the rest) open"},
		"b/c/": {"a/Makefile open", "a/run.sh pass", "b/run.sh pass", " (the rest) open"},
	} {
		w, err := Files{}.Walk(dir, pattern)
		if err != nil {
			t.Fatal(err)
		}
		got := walked(t, w)
		for i := range got {
			got[i] = strings.TrimPrefix(got[i], dir)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", pattern, got)
		}
	}
}

func TestBesideName(t *testing.T) {
	for _, c := range []struct{ name, other, file, want string }{
		{"units/web.container", "home/a/repo/units/web.container", "home/a/repo/net/x.network", "net/x.network"},
		{"web.container", "home/a/repo/web.container", "home/a/repo/web.container.d/1.conf", "web.container.d/1.conf"},
		{"../web.container", "home/a/web.container", "home/a/sub/1.conf", "../sub/1.conf"},
		{"/srv/web.container", "srv/web.container", "srv/x/1.conf", "/srv/x/1.conf"}, {"web.container", "srv/web.container", "etc/x", "/etc/x"},
	} {
		if got := besideName(c.name, c.other, c.file); got != c.want {
			t.Errorf("%s beside %s is called %s", c.file, c.name, got)
		}
	}
}

// What is too deep, or cannot be listed, is open by its name.
func TestWalkBounds(t *testing.T) {
	deep := strings.Repeat("d/", maxDepth+2) + "run.sh"
	dir := write(t, map[string]string{deep: "podman run x:1\n", "shut/run.sh": "podman run x:1\n", "run.sh": "podman run x:1\n"})
	shut := filepath.Join(dir, "shut")
	if err := os.Chmod(shut, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(shut, 0o700) })
	w, err := Files{}.Walk(dir)
	if err != nil {
		t.Fatal(err)
	}
	var last *Audited
	for judge := range w.Subjects(context.Background()) {
		last = judge()
	}
	said := ""
	for _, f := range last.Findings {
		said += f.Message + "\n"
	}
	if last.Subject != dir+" (the rest)" || !strings.Contains(said, "is read: there are more than") {
		t.Errorf("%s: %s", last.Subject, said)
	}
	if os.Getuid() != 0 && !strings.Contains(said, "shut is not read: permission denied") { // root may read all
		t.Errorf("%s", said)
	}
}

// Of any two files each becomes something, and subjects are called by them.
func FuzzWalk(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(repository)) {
		text := repository[name]
		f.Add(name, text, "app/compose.yaml", repository["app/compose.yaml"])
		f.Add(name, text, "units/web.container", repository["units/web.container"])
	}
	f.Fuzz(func(t *testing.T, one, text, two, more string) {
		if !fs.ValidPath(one) || !fs.ValidPath(two) || one == "." || two == "." || strings.HasPrefix(one+"/", two+"/") || strings.HasPrefix(two+"/", one+"/") {
			return
		}
		under := fstest.MapFS{"r/" + one: {Data: []byte(text)}, "r/" + two: {Data: []byte(more)}}
		w := &Walk{dir: "r", place: place{newOnce(under), "r", nil}, seen: census{}}
		for judge := range w.Subjects(context.Background()) {
			if a := judge(); a.Subject != "r (the rest)" && !strings.HasPrefix(a.File, "r/") {
				t.Errorf("%q is of %q", a.Subject, a.File)
			}
		}
		n := 0
		for _, c := range w.Seen() {
			if n += c.N; c.As == AsSubject && slices.Contains(c.Names, "r") || c.As == AsVersioned {
				n-- // the directory itself, or one that stands for its file
			}
		}
		if n > 2 || n < 2 && len(w.seen) > 0 && w.seen[AsVersioned] == nil {
			t.Errorf("%d of 2 files: %v", n, w.Seen())
		}
	})
}
