package disk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

const good = "schema = 1\n[require]\nread_only = true\n"

const waives = good + `[[waiver]]
control = "ZL-102"
reason = "r"
owner = "o"
approved_by = "a"
expires = 2027-01-01
`

// host is one whose policy lies below a directory of the test's: what is above that
// counts as root's, for a test cannot write there.
func host(t *testing.T) (h Host, dir string) {
	t.Helper()
	root := t.TempDir()
	dir = filepath.Join(root, "policy.d")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return Host{[]string{filepath.Join(root, "vendor.d"), dir}, trust.Within(root).Fixed}, dir
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

// Whatever is wrong with the host's policy stops everything; nothing is passed over.
func TestHost(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, dir string)
		says string // "" it is read
	}{
		"a file":        {func(t *testing.T, dir string) { write(t, dir+"/site.toml", good, 0o644) }, ""},
		"with a waiver": {func(t *testing.T, dir string) { write(t, dir+"/site.toml", waives, 0o644) }, ""},
		"leftovers": {func(t *testing.T, dir string) {
			write(t, dir+"/site.toml", good, 0o644)
			write(t, dir+"/site.toml.rpmsave", "[", 0o644)
			write(t, dir+"/.site.toml", "[", 0o644)
		}, ""},
		"for a group to write":      {func(t *testing.T, dir string) { write(t, dir+"/site.toml", good, 0o664) }, "group"},
		"for everybody to write":    {func(t *testing.T, dir string) { write(t, dir+"/site.toml", good, 0o646) }, "anybody can write"},
		"a directory for everybody": {func(t *testing.T, dir string) { must(t, os.Chmod(dir, os.ModeSticky|0o777)) }, "anybody can write"},
		"a link": {func(t *testing.T, dir string) {
			write(t, dir+"/real", good, 0o644)
			must(t, os.Symlink("real", dir+"/site.toml"))
		}, "symbolic link"},
		"a directory that is a link": {func(t *testing.T, dir string) {
			must(t, os.Rename(dir, dir+".real"))
			must(t, os.Symlink(dir+".real", dir))
		}, "symbolic link"},
		"no TOML":     {func(t *testing.T, dir string) { write(t, dir+"/site.toml", "[", 0o644) }, "site.toml:1"},
		"empty":       {func(t *testing.T, dir string) { write(t, dir+"/site.toml", "", 0o644) }, "schema"},
		"too big":     {func(t *testing.T, dir string) { write(t, dir+"/site.toml", strings.Repeat("#", 1<<20+1), 0o644) }, "larger"},
		"a directory": {func(t *testing.T, dir string) { must(t, os.Mkdir(dir+"/site.toml", 0o755)) }, "not a regular file"},
		"one bad file": {func(t *testing.T, dir string) {
			write(t, dir+"/a.toml", good, 0o644)
			write(t, dir+"/b.toml", "x", 0o644)
		}, "b.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			h, dir := host(t)
			c.make(t, dir)
			set, err := h.Read()
			switch {
			case c.says == "" && (err != nil || len(set) != 1):
				t.Errorf("%d files, %v", len(set), err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "nothing runs") || !strings.Contains(hint.Of(err), "administers")):
				t.Errorf("%v (%s), want %q", err, hint.Of(err), c.says)
			}
		})
	}
}

// What a caller adds only adds: beside the host's, never instead, and no waivers.
func TestAdded(t *testing.T) {
	h, dir := host(t)
	write(t, dir+"/site.toml", good, 0o644)
	own := filepath.Join(t.TempDir(), "ci.toml")
	write(t, own, good, 0o666)
	if set, err := h.Read(own); err != nil || len(set) != 2 {
		t.Errorf("%d files, %v", len(set), err)
	}
	write(t, own, waives, 0o644)
	if _, err := h.Read(own); err == nil || !strings.Contains(err.Error(), "carries no waivers") {
		t.Errorf("a waiver of the caller's own: %v", err)
	}
	if _, err := h.Read(own + "-none"); err == nil {
		t.Error("a file that is not there adds nothing, in silence")
	}
}

// Nothing but this file says where the policy of a host lies.
func TestNoVariableMovesIt(t *testing.T) {
	for _, name := range []string{"ZLAUNCH_POLICY", "ZLAUNCH_POLICY_DIR", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS", "HOME", "ZLAUNCH_CONFIG"} {
		t.Setenv(name, t.TempDir())
	}
	if got := strings.Join(System().Dirs(), " "); got != "/usr/share/zlaunch/policy.d "+etc()+"/zlaunch/policy.d" {
		t.Error(got)
	}
	source, err := os.ReadFile("disk.go")
	if err != nil || strings.Contains(string(source), "Getenv") || strings.Contains(string(source), "LookupEnv") || strings.Contains(string(source), "UserHomeDir") {
		t.Errorf("the reader of policy asks the environment: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
