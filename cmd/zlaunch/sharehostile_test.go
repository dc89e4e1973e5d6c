package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/share"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// What may come in a signed bundle is shown for what it is, or refused by name.
func TestHostileBundles(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	for name, c := range map[string]struct {
		toml   string
		status int
		says   string // on either
	}{
		"waives": {"[profile.x]\nextends = \"demo\"\n[profile.x.container]\nread_only = false\n[[profile.x.waiver]]\ncontrol = \"ZL-501\"\nreason = \"because\"\nowner = \"me\"\nexpires = 2099-01-01\n",
			0, "! waives ZL-501 until 2099-01-01: because (me)"},
		"its base": {"[profile.base]\nextends = \"base\"\n[profile.base.container]\nread_only = false\n[profile.x]\nkind = \"job\"\n[profile.x.container]\nimage = \"reg.example/x:1\"\n",
			0, "! read_only = false"},
		"a built-in name":   {"[profile.triton]\nkind = \"job\"\n[profile.triton.container]\nimage = \"reg.example/x:1\"\n", 3, "already defined in profiles/triton.toml, and this one does not extend it"},
		"an escape":         {"[profile.x]\nextends = \"demo\"\nabout = \"\\u001b[2J\"\n", 3, "U+001B, which does not print"},
		"an escape hatch":   {"[profile.x]\nextends = \"demo\"\npodman_arg = [\"--privileged\"]\n", 3, "podman_arg: unknown key"},
		"a policy":          {"[policy]\nread_only = false\n", 3, "policy"},
		"privilege":         {"[profile.x]\nextends = \"demo\"\n[profile.x.container]\nprivileged = true\n", 0, "! privileged = true"},
		"no profile at all": {"", 5, "it has no profiles"},
	} {
		p, err := share.Pack(fstest.MapFS{
			"bundle.toml": {Data: []byte("name = \"fraud\"\nversion = \"1.0.0\"\n")},
			"x.toml":      {Data: []byte("schema = 1\n" + c.toml)},
		})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir() + "/b"
		ref, err := bundle.ParseRef("dir:" + dir)
		if err != nil {
			t.Fatal(err)
		}
		key, err := signature.OpenKey(filepath.Join(w.dir, "key"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.shelf().Publish(t.Context(), p, ref, key); err != nil {
			t.Fatal(err)
		}
		key.Close()
		got := w.run("add", "dir:"+dir, "--signer", who)
		if all := w.stdout.String() + w.stderr.String(); got != c.status || !strings.Contains(all, c.says) || strings.Contains(all, "\x1b") {
			t.Errorf("%s: status %d\n%q", name, got, all)
		}
		w.run("remove", "fraud")
	}
}

// Ctrl-C while a registry is asked leaves nothing, and says so; on a terminal a line says what
// is waited for.
func TestAddInterrupted(t *testing.T) {
	w := newWorld(t)
	w.tty.err = true
	registry := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		w.signals.take(unix.SIGINT)
		<-r.Context().Done()
	}))
	defer registry.Close()
	got := w.run("add", "oci://"+strings.TrimPrefix(registry.URL, "http://")+"/ml/fraud:1")
	for _, says := range []string{"zlaunch: fetching oci://127.0.0.1", "zlaunch: interrupted", "zlaunch: nothing was changed"} {
		if !strings.Contains(w.stderr.String(), says) {
			t.Errorf("no %q in %q", says, w.stderr.String())
		}
	}
	if _, err := os.Stat(filepath.Join(w.home, ".config/zlaunch/zlaunch.lock")); got != 130 || !os.IsNotExist(err) {
		t.Errorf("status %d, %v", got, err)
	}
}

// Who names a profile reads the bundles it can come from and no others: what is wrong with
// another is told where that is named, and by what looks at all.
func TestOtherBundleTampered(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	for _, name := range []string{"fraud", "other"} {
		w.team(t, name)
		w.step(t, step{"push " + name + " dir:reg-" + name + " --sign key", 0, "", ""})
		w.step(t, step{"add dir:reg-" + name + " --signer " + who, 0, "", ""})
	}
	if err := os.MkdirAll(filepath.Join(w.home, ".config/zlaunch"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.tamper(t, "about other")
	own := "schema = 1\n[profile.near]\nextends = \"fraud\"\n[profile.far]\nextends = \"other/other\"\n"
	if err := os.WriteFile(filepath.Join(w.home, ".config/zlaunch/profiles.toml"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []step{
		{"show fraud", 0, "about fraud", ""},
		{"show fraud/fraud --json", 0, "about fraud", ""},
		{"show near", 0, "about fraud", ""},
		{"show demo", 0, "", ""},
		{"plan --arch s390x fraud", 1, "", ""},
		{"__complete -- show o", 0, "other\n", ""},
		{"show other", 3, "", "bundle other is refused: reading it from the store"},
		{"show other/other", 3, "", "bundle other is refused"},
		{"show far", 3, "", "bundle other is refused"},
		{"plan --arch s390x other", 3, "", "bundle other is refused"},
		{"run other", 125, "", "bundle other is refused"},
		{"list", 0, "fraud", "bundle other is refused"},
		{"verify", 5, "bundle other is refused", ""},
		{"show othre", 3, "", "did you mean other?"},
	} {
		w.step(t, s)
		if told := strings.Contains(w.stderr.String(), "is refused"); told != strings.Contains(s.err, "is refused") {
			t.Errorf("%s: %s", s.line, w.stderr.String())
		}
	}
}

// team writes a team's directory of one profile, which is called as the bundle is.
func (w *world) team(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(w.dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
	w.write(t, name+"/bundle.toml", "name = \""+name+"\"\nversion = \"1.0.0\"\n")
	w.write(t, name+"/p.toml", "schema = 1\n[profile."+name+"]\nextends = \"demo\"\nabout = \"about "+name+"\"\n")
}

// tamper changes the one blob of the store that holds text.
func (w *world) tamper(t *testing.T, text string) {
	t.Helper()
	blobs, err := filepath.Glob(filepath.Join(w.home, ".local/share/zlaunch/bundles/blobs/sha256/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range blobs {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), text) {
			if err := os.WriteFile(path, []byte(strings.Replace(string(data), text, strings.ToUpper(text), 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("no blob holds " + text)
}
