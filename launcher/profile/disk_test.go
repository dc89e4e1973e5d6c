package profile_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

const small = "schema = 1\n"

func write(t *testing.T, data string, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func dirs(t *testing.T) profile.Dirs {
	d := t.TempDir()
	return profile.Dirs{
		System: d + "/etc", User: d + "/home/.config/zlaunch", Home: d + "/home", Project: d + "/project",
		Approved: profile.Approvals{Dir: d + "/state/approved"},
	}
}

func names(src []profile.Source) string {
	var out []string
	for _, s := range src {
		if s.Layer != container.LayerBuiltIn {
			out = append(out, string(s.Layer)+" "+filepath.Base(s.File))
		}
	}
	return strings.Join(out, ", ")
}

func TestSourcesOrder(t *testing.T) {
	d := dirs(t)
	write(t, small, d.System, "b.toml")
	write(t, small, d.System, "a.toml")
	write(t, small, d.System, ".hidden.toml")
	write(t, small, d.System, "readme.txt")
	write(t, small, d.User, "profiles.toml")
	write(t, small, d.User, "profiles.d/c.toml")
	path := write(t, small, d.Project, "profiles.toml")
	if err := d.Approved.Approve(path, []byte(small)); err != nil {
		t.Fatal(err)
	}
	src, pending, err := profile.Sources(d)
	if err != nil || len(pending) != 0 {
		t.Fatal(err, pending)
	}
	if got, want := names(src), "system a.toml, system b.toml, user profiles.toml, user c.toml, project profiles.toml"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if last := src[len(src)-2]; last.File != "~/.config/zlaunch/profiles.d/c.toml" {
		t.Errorf("shown as %s", last.File)
	}
	if src[0].File != "profiles/base.toml" {
		t.Errorf("first is %s", src[0].File)
	}
}

func TestSourcesNone(t *testing.T) {
	for _, d := range []profile.Dirs{dirs(t), {}} {
		src, pending, err := profile.Sources(d)
		if err != nil || names(src) != "" || len(pending) != 0 {
			t.Errorf("got %s, %v, %v", names(src), pending, err)
		}
	}
}

// A project file is pending until it is approved, and again once it changes.
func TestSourcesPending(t *testing.T) {
	d := dirs(t)
	path := write(t, small, d.Project, "profiles.toml")
	want := func(isPending bool) {
		t.Helper()
		src, pending, err := profile.Sources(d)
		if err != nil || (len(pending) == 1) != isPending || (names(src) == "") != isPending {
			t.Fatalf("pending %v, sources %s, %v", pending, names(src), err)
		}
		if isPending && (pending[0].Path != path || pending[0].Hash != profile.Hash(pending[0].Data)) {
			t.Errorf("got %+v", pending[0])
		}
	}
	want(true)
	if err := d.Approved.Approve(path, []byte(small)); err != nil {
		t.Fatal(err)
	}
	want(false)
	write(t, small+"# changed\n", path)
	want(true)
	write(t, small, path)
	want(false)
	if _, err := d.Approved.Revoke(path); err != nil {
		t.Fatal(err)
	}
	want(true)
}

// What is no plain file of the owner's is refused, not read.
func TestSourcesRefuse(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(t *testing.T, d profile.Dirs)
		want string
		next string
	}{
		"project link": {func(t *testing.T, d profile.Dirs) {
			target := write(t, small, d.Home, "other.toml")
			os.MkdirAll(d.Project, 0o755)
			if err := os.Symlink(target, d.Project+"/profiles.toml"); err != nil {
				t.Fatal(err)
			}
		}, "may be no symbolic link", "put the file itself there"},
		"project FIFO": {func(t *testing.T, d profile.Dirs) {
			os.MkdirAll(d.Project, 0o755)
			if err := syscall.Mkfifo(d.Project+"/profiles.toml", 0o644); err != nil {
				t.Fatal(err)
			}
		}, "not a regular file", "ls -ld "},
		"project directory": {func(t *testing.T, d profile.Dirs) { os.MkdirAll(d.Project+"/profiles.toml", 0o755) }, "not a regular file", "ls -ld ./profiles.toml"},
		"project too large": {func(t *testing.T, d profile.Dirs) {
			write(t, strings.Repeat("#", 1<<20+1), d.Project, "profiles.toml")
		}, "larger than 1048576 bytes", "ls -ld "},
		"user FIFO": {func(t *testing.T, d profile.Dirs) {
			os.MkdirAll(d.User, 0o755)
			if err := syscall.Mkfifo(d.User+"/profiles.toml", 0o644); err != nil {
				t.Fatal(err)
			}
		}, "not a regular file", "ls -ld "},
		"user file for all": {func(t *testing.T, d profile.Dirs) {
			os.Chmod(write(t, small, d.User, "profiles.toml"), 0o666)
		}, "anybody can write to it", ""},
		"system directory for all": {func(t *testing.T, d profile.Dirs) {
			write(t, small, d.System, "a.toml")
			os.Chmod(d.System, 0o777)
		}, "anybody can write to it", ""},
		"somebody else's": {func(t *testing.T, d profile.Dirs) {
			if os.Getuid() != 0 {
				t.Skip("only root can give a file away")
			}
			os.Chown(write(t, small, d.System, "a.toml"), 12345, 12345)
		}, "it belongs to uid 12345", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := dirs(t)
			tt.make(t, d)
			src, _, err := profile.Sources(d)
			if err == nil {
				_, err = profile.Load(src)
			}
			check(t, err, tt.want, "")
			// Nothing is known of what it was to define, so nothing can be used.
			_, err = profile.Assemble(src).Resolve("demo", "amd64")
			check(t, err, tt.want, tt.next)
		})
	}
}

// A user's file may be a link: that is how dotfiles are kept.
func TestSourcesUserLink(t *testing.T) {
	d := dirs(t)
	target := write(t, small, d.Home, "dotfiles/p.toml")
	os.MkdirAll(d.User, 0o755)
	if err := os.Symlink(target, d.User+"/profiles.toml"); err != nil {
		t.Fatal(err)
	}
	src, _, err := profile.Sources(d)
	if err != nil || names(src) != "user profiles.toml" {
		t.Errorf("got %s, %v", names(src), err)
	}
}

func TestDirsOf(t *testing.T) {
	env := map[string]string{"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "relative"}
	d := profile.DirsOf(func(k string) string { return env[k] }, "/home/u", "/w")
	if d.User != "/c/zlaunch" || d.Approved.Dir != "/home/u/.local/state/zlaunch/approved" || d.Project != "/w" {
		t.Errorf("got %+v", d)
	}
}
