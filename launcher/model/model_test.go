package model_test

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// plant writes files below a new directory with modes 0755 and 0600, the umask
// notwithstanding. A name that ends in / is a directory.
func plant(t testing.TB, files map[string]string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "models")
	must(t, os.Mkdir(root, 0o755))
	for name, content := range files {
		path := filepath.Join(root, name)
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return root
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func treeAt(path string) model.Tree {
	return model.Tree{Path: path, Arch: "amd64", Identity: model.Identity{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())},
		Places: model.Places{Home: "/home/nobody-here"}}
}

// fatal asserts one fatal problem of control whose message or hint has text; "" asserts none.
func fatal(t *testing.T, problems []audit.Problem, control, text string) {
	t.Helper()
	for _, p := range problems {
		if p.Fatal && p.Control == control && strings.Contains(p.Message+"\n"+p.Hint, text) && p.Hint != "" {
			return
		}
		if p.Fatal && control == "" {
			t.Errorf("refused: %+v", p)
		}
	}
	if control != "" {
		t.Errorf("no fatal %s with %q in %+v", control, text, problems)
	}
}

func TestGoodTree(t *testing.T) {
	root := plant(t, map[string]string{"a/1/model.onnx": "12345", "a/config.pbtxt": "x", "b/": ""})
	must(t, os.Symlink("1/model.onnx", filepath.Join(root, "a/current")))
	res, problems := model.Check(context.Background(), treeAt(root+"/."))
	fatal(t, problems, "", "")
	if len(problems) != 0 || res.Files != 2 || res.Dirs != 4 || res.Links != 1 || res.Bytes != 6 || !res.Dir || res.Ino == 0 {
		t.Errorf("got %+v, %v", res, problems)
	}
	if real, _ := filepath.EvalSymlinks(root); res.Path != real {
		t.Errorf("path %q, want %q", res.Path, real)
	}
}

// What must never be mounted, however it is spelled.
func TestDenied(t *testing.T) {
	home := filepath.Join(t.TempDir(), "ann")
	for _, d := range []string{"models", ".ssh/keys", ".config/x", ".cache/huggingface/hub", ".local/share/containers/storage", "x"} {
		must(t, os.MkdirAll(filepath.Join(home, d), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(home, ".cache/huggingface/token"), nil, 0o600))
	must(t, os.Symlink(filepath.Join(home, ".ssh"), filepath.Join(home, "models/innocent")))
	must(t, os.Symlink("/etc", filepath.Join(home, "etc")))
	run := filepath.Join(home, "x")
	for path, control := range map[string]string{
		home: "ZL-507", home + "/.": "ZL-507", home + "/x/..": "ZL-507", home + "//": "ZL-507", filepath.Dir(home): "ZL-507",
		home + "/.ssh": "ZL-508", home + "/.ssh/keys": "ZL-508", home + "/models/innocent": "ZL-508",
		home + "/.config": "ZL-508", home + "/.cache": "ZL-508", home + "/.cache/huggingface": "ZL-508",
		home + "/.local/share/containers/storage": "ZL-506", home + "/.local": "ZL-508",
		run: "ZL-509", "/": "ZL-506", "/etc": "ZL-506", "/etc/ssl": "ZL-506", home + "/etc": "ZL-506", "/usr": "ZL-506", "/usr/share": "ZL-506",
		"/var": "ZL-506", "/var/lib": "ZL-506", "/var/log": "ZL-506", "/proc": "ZL-506", "/run": "ZL-509", "/tmp": "ZL-506", "/home": "ZL-506",
	} {
		res, problems := model.Check(context.Background(), model.Tree{Path: path, Places: model.Places{Home: home, RuntimeDir: run}})
		if res != nil || len(problems) != 1 || !problems[0].Fatal || problems[0].Control != control || problems[0].Hint == "" {
			t.Errorf("%s: %+v, want %s", path, problems, control)
		}
	}
	for _, path := range []string{home + "/models", home + "/.cache/huggingface/hub"} {
		if _, p := model.Resolve(path, model.Places{Home: home, RuntimeDir: run}); p != nil {
			t.Errorf("%s is refused: %+v", path, p)
		}
	}
}

// What is not there is named as it would be typed, whole.
func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, p := model.Resolve("./nope", model.Places{Home: "/h"}); p == nil || strings.Contains(p.Message+p.Hint, "/./") {
		t.Errorf("%+v", p)
	}
}

// A home directory in a forbidden place may still be used by its owner.
func TestHomeBelowDenied(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("/root is not readable here")
	}
	if _, p := model.Resolve("/root", model.Places{Home: "/root"}); p == nil || p.Control != "ZL-507" && p.Control != "ZL-506" {
		t.Errorf("/root as home: %+v", p)
	}
	dir, err := os.MkdirTemp("/root", "zlaunch-test")
	must(t, err)
	defer os.Remove(dir)
	if _, p := model.Resolve(dir, model.Places{Home: "/root"}); p != nil {
		t.Errorf("%s is refused: %+v", dir, p)
	}
	if _, p := model.Resolve(dir, model.Places{Home: "/home/ann"}); p == nil {
		t.Errorf("%s of another user is accepted", dir)
	}
}

func TestSpelling(t *testing.T) {
	for _, path := range []string{"", "a:b", "a,b", "a\nb", "a\x1b[31m", "\xff", "/no/such/dir"} {
		_, p := model.Resolve(path, model.Places{})
		if p == nil || strings.ContainsAny(p.Message+p.Hint, "\n\x1b") || !utf8.ValidString(p.Message+p.Hint) {
			t.Errorf("%q: %+v", path, p)
		}
	}
}

// Each bad entry is refused, named, and comes with a next step.
func TestRefusedEntries(t *testing.T) {
	for name, c := range map[string]struct {
		control, text string
		spoil         func(root string) error
	}{
		"absolute link":        {"ZL-933", `"bad"`, func(r string) error { return os.Symlink("/etc/passwd", r+"/bad") }},
		"link out":             {"ZL-933", `"bad"`, func(r string) error { return os.Symlink("../../x", r+"/bad") }},
		"link out by two":      {"ZL-933", `"bad"`, func(r string) error { os.Symlink("d", r+"/in"); return os.Symlink("in/../../x", r+"/bad") }},
		"dangling":             {"ZL-933", "-xtype l", func(r string) error { return os.Symlink("nothing", r+"/bad") }},
		"loop":                 {"ZL-933", `"bad"`, func(r string) error { return os.Symlink("bad", r+"/bad") }},
		"FIFO":                 {"ZL-933", "FIFO", func(r string) error { return syscall.Mkfifo(r+"/bad", 0o600) }},
		"socket":               {"ZL-933", "socket", func(r string) error { _, err := net.Listen("unix", r+"/bad"); return err }},
		"world-writable file":  {"ZL-931", `"f"`, func(r string) error { return os.Chmod(r+"/f", 0o602) }},
		"world-writable dir":   {"ZL-931", `"d"`, func(r string) error { return os.Chmod(r+"/d", 0o777|fs.ModeSticky) }},
		"world-writable tree":  {"ZL-931", `"."`, func(r string) error { return os.Chmod(r, 0o777) }},
		"unreadable file":      {"ZL-302", "u+rX", func(r string) error { return os.Chmod(r+"/f", 0o060) }},
		"unsearchable dir":     {"ZL-302", `"d"`, func(r string) error { return os.Chmod(r+"/d", 0o600) }},
		"key":                  {"ZL-938", `"d/id_rsa"`, func(r string) error { return os.WriteFile(r+"/d/id_rsa", nil, 0o600) }},
		"directory of keys":    {"ZL-938", `".ssh"`, func(r string) error { return os.Mkdir(r+"/.ssh", 0o700) }},
		"link to a login":      {"ZL-938", `".netrc"`, func(r string) error { return os.Symlink("f", r+"/.netrc") }},
		"world-writable above": {"ZL-522", "chmod o-w", func(r string) error { return os.Chmod(filepath.Dir(r), 0o777) }},
	} {
		t.Run(name, func(t *testing.T) {
			root := plant(t, map[string]string{"f": "x", "d/g": "x"})
			defer os.Chmod(root+"/d", 0o755)
			must(t, c.spoil(root))
			_, problems := model.Check(context.Background(), treeAt(root))
			fatal(t, problems, c.control, c.text)
		})
	}
}

// A file that may be a secret by its name is told, and one that only looks like one of
// a tokenizer is not.
func TestLikelySecrets(t *testing.T) {
	root := plant(t, map[string]string{"d/.ENV": "x", "server.pem": "x", "tokenizer.json": "x", "special_tokens_map.json": "x", "keys.npy": "x"})
	_, problems := model.Check(context.Background(), treeAt(root))
	if len(problems) != 1 || problems[0].Control != "ZL-938" || problems[0].Fatal || !strings.Contains(problems[0].Message, `"d/.ENV", "server.pem" in`) {
		t.Errorf("got %+v", problems)
	}
}

// What only somebody else's bits decide is judged for the workload's ids, not
// the caller's.
func TestIdentity(t *testing.T) {
	root := plant(t, map[string]string{"f": "x"})
	must(t, os.Chmod(root+"/f", 0o640))
	tree := treeAt(root)
	tree.Identity = model.Identity{UID: 54321, GID: 54321}
	res, problems := model.Check(context.Background(), tree)
	fatal(t, problems, "ZL-302", "uid 54321")
	if res.Foreign == 0 && os.Getuid() != 0 {
		t.Errorf("got %+v", res)
	}
	tree.Identity.Groups = []int{os.Getgid()}
	_, problems = model.Check(context.Background(), tree)
	fatal(t, problems, "ZL-302", "supplementary group")
	fatal(t, problems, "ZL-302", "cp -rL")
	tree.Identity.Groups = nil
	fatal(t, second(model.Check(context.Background(), tree)), "ZL-302", "ask their owner")
	me := treeAt(root).Identity
	tree.Identity, tree.Reader = me, &model.Identity{UID: model.NoID, GID: model.NoID}
	fatal(t, second(model.Check(context.Background(), tree)), "ZL-302", "one of your sub-uids")
	fatal(t, second(model.Check(context.Background(), tree)), "ZL-302", "leave userns away")
	must(t, os.Chmod(root+"/f", 0o644))
	res, problems = model.Check(context.Background(), tree)
	fatal(t, problems, "", "")
	if res.Foreign != 0 {
		t.Errorf("%d entries of the caller's count as foreign", res.Foreign)
	}
}

func second(_ *model.Result, problems []audit.Problem) []audit.Problem { return problems }

func TestSubMount(t *testing.T) {
	root := plant(t, map[string]string{"d/": ""})
	real, err := filepath.EvalSymlinks(root)
	must(t, err)
	info := filepath.Join(t.TempDir(), "mountinfo")
	must(t, os.WriteFile(info, []byte("1 2 0:1 / "+real+"/d rw - tmpfs t rw\n"), 0o600))
	tree := treeAt(root)
	tree.MountInfo = info
	_, problems := model.Check(context.Background(), tree)
	fatal(t, problems, "ZL-516", "remount,bind,ro")
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if res, problems := model.Check(ctx, treeAt(plant(t, map[string]string{"f": ""}))); res != nil || len(problems) != 1 {
		t.Errorf("got %+v, %v", res, problems)
	}
}

// The same tree gives the same result whichever goroutine comes first, and a
// tree of 2,000 files is counted completely.
func TestManyFiles(t *testing.T) {
	root := plant(t, nil)
	grow(t, root, 2000)
	tree := treeAt(root)
	tree.Identity = model.Identity{UID: 54321, GID: 54321}
	want, wantProblems := model.Check(context.Background(), tree)
	if want.Files != 2000 || want.Dirs != 21 || want.Bytes != 2000 {
		t.Fatalf("got %+v", want)
	}
	for range 5 {
		got, problems := model.Check(context.Background(), tree)
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(problems, wantProblems) {
			t.Fatalf("got %+v %v\nwant %+v %v", got, problems, want, wantProblems)
		}
	}
}

func grow(t testing.TB, root string, files int) {
	for i := range files {
		dir := filepath.Join(root, fmt.Sprintf("d%03d", i%(files/100)))
		if i < files/100 {
			must(t, os.Mkdir(dir, 0o755))
		}
		must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("model-%06d.dat", i)), []byte("x"), 0o600))
	}
}

func BenchmarkWalk(b *testing.B) {
	root := plant(b, nil)
	grow(b, root, 100_000)
	b.Run("Check", func(b *testing.B) {
		for b.Loop() {
			model.Check(context.Background(), treeAt(root))
		}
	})
	b.Run("WalkDir", func(b *testing.B) {
		for b.Loop() {
			filepath.WalkDir(root, func(_ string, d fs.DirEntry, _ error) error { d.Info(); return nil })
		}
	})
}

func TestOutput(t *testing.T) {
	base := plant(t, map[string]string{"models/f": "", "out/": "", "open/": "", "file": ""})
	must(t, os.Chmod(base+"/open", 0o777))
	real, err := filepath.EvalSymlinks(base)
	must(t, err)
	for path, control := range map[string]string{
		base + "/out": "", base + "/new": "", base + "/open": "ZL-931", base + "/file": "ZL-522", base + "/no/new": "ZL-522",
		base + "/models": "ZL-505", base + "/models/new": "ZL-505", base: "ZL-505", "/etc/new": "ZL-506", "/etc": "ZL-506", base + "/a:b": "ZL-522",
	} {
		out, problems := model.CheckOutput(path, real+"/models", treeAt(base))
		fatal(t, problems, control, "")
		if (out != nil) != (control == "") {
			t.Errorf("%s: %+v", path, out)
		}
		if out != nil && out.Create != strings.HasSuffix(path, "new") {
			t.Errorf("%s: create %v", path, out.Create)
		}
	}
}

func TestDigest(t *testing.T) {
	digest := func(path string) string {
		t.Helper()
		print, err := model.Take(context.Background(), path)
		must(t, err)
		return print.Digest
	}
	root := plant(t, map[string]string{"a": "1", "b/c": "2"})
	want := digest(root)
	if digest(plant(t, map[string]string{"b/c": "2", "a": "1"})) != want || !strings.HasPrefix(want, "sha256:") || len(want) != 71 {
		t.Errorf("a copy differs from %s", want)
	}
	must(t, os.Chmod(root+"/a", 0o644))
	if digest(root) != want {
		t.Error("read permissions count")
	}
	for _, c := range []struct {
		name   string
		change func() error
	}{
		{"content", func() error { return os.WriteFile(root+"/a", []byte("2"), 0o600) }},
		{"execute", func() error { return os.Chmod(root+"/a", 0o755) }},
		{"name", func() error { return os.Rename(root+"/a", root+"/d") }},
		{"link", func() error { return os.Symlink("d", root+"/e") }},
	} {
		before := digest(root)
		must(t, c.change())
		if digest(root) == before {
			t.Errorf("%s does not count", c.name)
		}
	}
	if digest(plant(t, map[string]string{"x": "1"})+"/x") != digest(plant(t, map[string]string{"y": "1"})+"/y") {
		t.Error("the name of a single file counts")
	}
	must(t, syscall.Mkfifo(root+"/fifo", 0o600))
	if _, err := model.Take(context.Background(), root); err == nil {
		t.Error("a FIFO is digested")
	}
}
