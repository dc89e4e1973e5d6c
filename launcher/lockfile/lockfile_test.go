package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	key    = "SHA256:0123456789012345678901234567890123456789012"
)

func sample() *File {
	return &File{Bundles: []Bundle{
		{Name: "zeta", Ref: "dir:/media/zeta", Digest: digest, Version: "0.1.0", Unsigned: "built here for a trial", Profiles: []string{"zeta"}},
		{Name: "fraud", Ref: "oci://registry.example/team/fraud:1", Digest: digest, Version: "1.2.0-rc.1",
			Signer: &Signer{"ann@example.org", key}, Profiles: []string{"triton", "fraud"}, Requires: "0.9.0",
			Outlines: []Outline{{Name: "triton", File: "b.toml", Extends: "triton"},
				{Name: "fraud", File: "a.toml", Extends: "other/fraud", About: `it "is" – C:\fraud`, Kind: "server", Owner: "the fraud team", Deprecated: "fraud-2", Archs: []string{"amd64", "s390x"}}},
			Images: []Image{{"registry.example/b:1", "s390x", digest}, {"registry.example/a:1", "s390x", digest}, {"registry.example/a:1", "amd64", digest}}},
	}}
}

// What is written is what is read, in one order, and the same bytes each time.
func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", Name)
	if f, data, err := Read(path); err != nil || data != nil || len(f.Bundles) != 0 {
		t.Fatalf("a file that is not there: %v, %q, %v", f, data, err)
	}
	f := sample()
	if err := f.Write(path); err != nil {
		t.Fatal(err)
	}
	got, first, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Bundles[0].Name != "fraud" || got.Bundles[0].Images[0].Arch != "amd64" || !reflect.DeepEqual(got, f) {
		t.Errorf("read %+v", got)
	}
	if again, err := got.Encode(); err != nil || string(again) != string(first) {
		t.Errorf("the second time it is\n%s\nand was\n%s: %v", again, first, err)
	}
	if m := got.Bundle("fraud").ImagesOf("registry.example/a:1"); m["s390x"] != digest || len(m) != 2 {
		t.Errorf("images %v", m)
	}
}

func TestPutAndRemove(t *testing.T) {
	f := sample()
	f.Put(Bundle{Name: "fraud", Version: "2.0.0"})
	if len(f.Bundles) != 2 || f.Bundle("fraud").Version != "2.0.0" {
		t.Errorf("%+v", f)
	}
	if !f.Remove("fraud") || f.Remove("fraud") || f.Bundle("fraud") != nil {
		t.Errorf("%+v", f)
	}
}

// Whatever a lock may not say is refused by name.
func TestRefused(t *testing.T) {
	good, err := sample().Encode()
	if err != nil {
		t.Fatal(err)
	}
	one := "schema = \"" + Schema + "\"\n[[bundle]]\nname = \"a\"\nref = \"dir:/a\"\ndigest = \"" + digest + "\"\nversion = \"1.0.0\"\nprofiles = [\"p\"]\n"
	const p = "name = \"p\"\nfile = \"a.toml\"\n"
	outlined := func(text string) string { return one + "unsigned = \"x\"\n[[bundle.outline]]\n" + text + "\n" }
	for name, c := range map[string]struct{ text, want string }{
		"no schema":      {"[[bundle]]\nname = \"a\"\n", `schema is ""`},
		"newer":          {strings.Replace(string(good), "/v1", "/v2", 1), `"zlaunch.dev/lock/v2"`},
		"unknown key":    {string(good) + "colour = \"red\"\n", `unknown key "bundle.colour"`},
		"policy":         {"policy = \"/tmp/p\"\n" + string(good), `"policy" in a lock`},
		"trust":          {string(good) + "[trust]\nsigner = \"me\"\n", `"trust`},
		"name":           {strings.ReplaceAll(one, `"a"`, `"../x"`), `name is "../x"`},
		"ref":            {strings.ReplaceAll(one, `dir:/a`, `https://x`), `ref is "https://x"`},
		"newline in ref": {strings.ReplaceAll(one, `dir:/a`, `dir:/a\nb`), `ref is "dir:/a\nb"`},
		"digest":         {strings.ReplaceAll(one, digest, digest[:40]), "digest is"},
		"version":        {strings.ReplaceAll(one, "1.0.0", "1"), `version is "1"`},
		"no signer":      {one, "bundle a: neither a signer nor the reason"},
		"both":           {one + "unsigned = \"x\"\nsigner = {principal = \"p\", key = \"" + key + "\"}\n", "a signer, and a reason"},
		"fingerprint":    {one + "signer = {principal = \"p\", key = \"MD5:00\"}\n", `key "MD5:00"`},
		"twice":          {one + "unsigned = \"x\"\n" + strings.SplitAfterN(one, "\n", 2)[1] + "unsigned = \"x\"\n", "locked twice"},
		"image twice": {one + "unsigned = \"x\"\n" + strings.Repeat("[[bundle.image]]\nref = \"i\"\narch = \"s390x\"\ndigest = \""+digest+"\"\n", 2),
			"image i is locked twice for s390x"},
		"profiles":          {strings.Replace(one, `["p"]`, `["../p"]`, 1) + "unsigned = \"x\"\n", `profiles is "../p"`},
		"a profile twice":   {strings.Replace(one, `["p"]`, `["p", "p"]`, 1) + "unsigned = \"x\"\n", `profiles is "p"`},
		"no profiles":       {strings.Replace(one, `["p"]`, `[]`, 1) + "unsigned = \"x\"\n", `profiles are 0 names`},
		"a mark of a merge": {strings.Replace(one, "digest", "<<<<<<< HEAD\ndigest", 1), "line 5"},
		"arch":              {one + "unsigned = \"x\"\n[[bundle.image]]\nref = \"i\"\narch = \"vax\"\ndigest = \"" + digest + "\"\n", `image.arch is "vax"`},
		"requires":          {one + "unsigned = \"x\"\nrequires = \"2\"\n", `requires is "2"`},
		"outline's name":    {outlined("name = \"../p\"\nfile = \"a.toml\""), `outline.name is "../p"`},
		"outline twice":     {outlined(p) + "[[bundle.outline]]\n" + p, `outline.name is "p"`},
		"outline's file":    {outlined("name = \"p\"\nfile = \"../a.toml\""), `outline.file is "../a.toml"`},
		"outline's extends": {outlined(p + "extends = \"a/b/c\""), `outline.extends is "a/b/c"`},
		"outline's kind":    {outlined(p + "kind = \"demon\""), `outline.kind is "demon"`},
		"outline's archs":   {outlined(p + "archs = [\"vax\"]"), `outline.archs is "vax"`},
		"an arch twice":     {outlined(p + "archs = [\"s390x\", \"s390x\"]"), `outline.archs is "s390x"`},
		"an escape":         {outlined(p + `about = "\u001b[2J"`), "outline.about: the text holds the character U+001B"},
		"a new line":        {outlined(p + `owner = "a\nb"`), "outline.owner: the text holds the character U+000A"},
		"turned around":     {outlined(p + "deprecated = \"a\u202eb\""), "outline.deprecated: the text holds the character U+202E"},
		"too long":          {outlined(p + "about = \"" + strings.Repeat("a", 4097) + "\""), "longer than 4096 bytes"},
		"outline's keys":    {outlined(p + "image = \"a:1\""), `unknown key "bundle.outline.image"`},
		"depth":             {strings.Repeat("[", 100), "nested deeper"},
		"no toml":           {"<<<<<<< HEAD\n", "line 1"},
	} {
		if f, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %q", name, f, err, c.want)
		}
	}
	many := &File{}
	for range MaxBundles + 1 {
		many.Bundles = append(many.Bundles, sample().Bundles[0])
	}
	if _, err := many.Encode(); err == nil || !strings.Contains(err.Error(), "more than 512") {
		t.Errorf("too many: %v", err)
	}
}

// What is no file is refused without being waited for.
func TestReadWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	link, fifo := filepath.Join(dir, "link"), filepath.Join(dir, "fifo")
	if err := os.Symlink("/etc/hostname", link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{link: "symbolic link", fifo: "not a regular file", dir: "not a regular file"} {
		if _, _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Whatever is read can be written, and means the same then.
func FuzzParse(f *testing.F) {
	good, err := sample().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("schema = \"" + Schema + "\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(append([]byte{}, data...))
		if err != nil {
			return
		}
		out, err := file.Encode()
		if err != nil {
			t.Fatalf("read, and not written: %v", err)
		}
		again, err := Parse(out)
		if err != nil || !reflect.DeepEqual(again, file) {
			t.Fatalf("%+v became %+v: %v", file, again, err)
		}
	})
}

// A writer takes away what one left that was killed long ago, and nothing else: not what one
// is writing now, and not what has another name or is no file.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	path, old := filepath.Join(dir, Name), time.Now().Add(-2*leftover)
	left := map[string]bool{".zlaunch.lock1": true, ".zlaunch.lock4037200794235010051": true} // whether it goes
	for _, name := range []string{".zlaunch.lock", ".zlaunch.lock.swp", ".zlaunch.lock1x", "zlaunch.lock1", ".zlaunch.lock-1", ".profiles.toml1"} {
		left[name] = false
	}
	for name := range left {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, ".zlaunch.lock2"), 0o700), os.Symlink(".zlaunch.lock", filepath.Join(dir, ".zlaunch.lock3"))); err != nil {
		t.Fatal(err)
	}
	left[".zlaunch.lock2"], left[".zlaunch.lock3"] = false, false
	for name := range left {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	left[".zlaunch.lock5"] = false // somebody writes it now
	if err := os.WriteFile(filepath.Join(dir, ".zlaunch.lock5"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sample().Write(path); err != nil {
		t.Fatal(err)
	}
	for name, goes := range left {
		if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) != goes {
			t.Errorf("%s: goes is to be %t: %v", name, goes, err)
		}
	}
}

// Many who write at once take nothing of each other away.
func TestWritersAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 8 {
				if err := sample().Write(path); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	all.Wait()
	if f, _, err := Read(path); err != nil || len(f.Bundles) != 2 {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

// All that is wrong with a lock is told at once, each with its line: of tables that stand
// below an element of a list, of those within it, and of keys that nobody knows.
func TestValidate(t *testing.T) {
	text := `schema = "` + Schema + `"
more = 1
[[bundle]]
name = "a"
ref = "dir:/a"
digest = "` + digest + `"
version = "1"
profiles = ["p"]
signer = { key = "x" }
[[bundle]]
name = "b"
ref = "https://b"
digest = "` + digest + `"
version = "1.0.0"
profiles = ["P"]
colour = "red"
[bundle.signer]
key = "y"
[[bundle.image]]
ref = "i"
arch = "s390x"
digest = "` + digest + `"
[[bundle.image]]
ref = "i"
arch = "z"
digest = ""
[[bundle]]
name = "b"
ref = "dir:/b"
digest = "` + digest + `"
version = "1.0.0"
profiles = ["p"]
`
	var got []string
	for _, f := range Validate([]byte(text)) {
		got = append(got, fmt.Sprintf("%d %s", f.Line, f.Key))
	}
	want := []string{"2 more", "16 bundle.colour", "7 bundle[0].version", "9 bundle[0].signer.key", "12 bundle[1].ref", "18 bundle[1].signer.key", "15 bundle[1].profiles",
		"25 bundle[1].image[1].arch", "26 bundle[1].image[1].digest", "27 bundle[2]", "28 bundle[2].name"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nand not\n%q", got, want)
	}
	if all := Validate([]byte("x = [")); len(all) != 1 || all[0].Line != 0 {
		t.Errorf("no TOML: %v", all)
	}
	good, err := sample().Encode()
	if all := Validate(good); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
