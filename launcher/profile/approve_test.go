package profile_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/profile"
)

func TestApprovals(t *testing.T) {
	a := profile.Approvals{Dir: filepath.Join(t.TempDir(), "state", "approved")}
	approved := func(path, data string) bool {
		t.Helper()
		ok, err := a.Approved(path, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if approved("/p/profiles.toml", "one") {
		t.Error("approved before anybody did")
	}
	for _, data := range []string{"one", "two", "two"} {
		if err := a.Approve("/p/profiles.toml", []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		path, data string
		want       bool
	}{
		{"/p/profiles.toml", "one", true}, {"/p/profiles.toml", "two", true}, {"/p/./profiles.toml", "two", true},
		{"/p/profiles.toml", "one ", false}, {"/p/profiles.toml", "", false}, {"/q/profiles.toml", "one", false},
	} {
		if got := approved(tt.path, tt.data); got != tt.want {
			t.Errorf("%s %q: %v", tt.path, tt.data, got)
		}
	}
	if was, err := a.Revoke("/p/profiles.toml"); err != nil || !was || approved("/p/profiles.toml", "one") {
		t.Errorf("still approved, %v", err)
	}
	for _, path := range []string{"/p/profiles.toml", "/never/seen"} {
		if was, err := a.Revoke(path); err != nil || was {
			t.Errorf("%s: %v, %v", path, was, err)
		}
	}
	if err := a.Approve("relative", nil); err == nil {
		t.Error("a relative path was approved")
	}
	if ok, err := (profile.Approvals{}).Approved("/p", nil); ok || err != nil {
		t.Errorf("nowhere approves: %v, %v", ok, err)
	}
}

// The store is the user's alone and holds no half-written record.
func TestApprovalsOnDisk(t *testing.T) {
	a := profile.Approvals{Dir: filepath.Join(t.TempDir(), "approved")}
	var wait sync.WaitGroup
	for range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if err := a.Approve("/p/profiles.toml", []byte("x")); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	info, err := os.Stat(a.Dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	files, err := filepath.Glob(a.Dir + "/*/*")
	hidden, _ := filepath.Glob(a.Dir + "/*/.new*")
	if err != nil || len(files) != 1 || len(hidden) != 0 {
		t.Errorf("got %v %v, %v", files, hidden, err)
	}
}

// A link in the place of a record approves nothing, and neither does swapping
// the approved project file for a link to another.
func TestApprovalsLinkSwap(t *testing.T) {
	d := dirs(t)
	path := write(t, small, d.Project, "profiles.toml")
	if err := d.Approved.Approve(path, []byte(small)); err != nil {
		t.Fatal(err)
	}
	records, _ := filepath.Glob(d.Approved.Dir + "/*/*")
	evil := write(t, small+"[profile.base]\nextends='base'\ncontainer.read_only=false\n", d.Home, "evil.toml")
	os.Remove(path)
	if err := os.Symlink(evil, path); err != nil {
		t.Fatal(err)
	}
	if src, _, err := profile.Sources(d); err != nil || src[len(src)-1].Err == nil {
		t.Error("a link in the place of an approved file was read")
	}
	os.Remove(records[0])
	if err := os.Symlink(evil, records[0]); err != nil {
		t.Fatal(err)
	}
	if ok, err := d.Approved.Approved(path, []byte(small)); ok || err != nil {
		t.Errorf("a link approves: %v, %v", ok, err)
	}
}

// What was approved last is remembered with its content, and believed only as what it is.
func TestApprovalsLast(t *testing.T) {
	d := dirs(t)
	path := d.Project + "/profiles.toml"
	last := func(want string) {
		t.Helper()
		if got, err := d.Approved.Last(path); string(got) != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	last("")
	for i, text := range []string{small, small + "# two\n"} {
		if err := d.Approved.Approve(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		records, _ := filepath.Glob(d.Approved.Dir + "/*/" + strings.TrimPrefix(profile.Hash([]byte(text)), "sha256:"))
		when := time.Now().Add(time.Duration(i-5) * time.Hour)
		if err := os.Chtimes(records[0], when, when); err != nil {
			t.Fatal(err)
		}
		last(text)
	}
	records, _ := filepath.Glob(d.Approved.Dir + "/*/*")
	for _, r := range records {
		if err := os.WriteFile(r, []byte(path+"\nother"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	last("")
}
