package files

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestNames(t *testing.T) {
	for _, bad := range []string{"", ".", "..", "../x", "a/b", "A", "a b", "-a", "a\x00", "ä", strings.Repeat("a", 64)} {
		if d, err := Root("/state").Gateway(bad); err == nil {
			t.Errorf("%q is a gateway, at %s", bad, d.Path(""))
		}
	}
	d, err := Root("/state").Gateway("fraud-2")
	if err != nil || d.Path("tokens.json") != "/state/gateways/fraud-2/tokens.json" || d.There() {
		t.Errorf("%+v, %v", d, err)
	}
}

// state is a directory that only the user can write to.
func state(t *testing.T) Root {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return Root(dir)
}

func TestGateways(t *testing.T) {
	r := state(t)
	if got, err := r.Gateways(); err != nil || got != nil {
		t.Errorf("none yet: %v, %v", got, err)
	}
	for _, name := range []string{"b", "a"} {
		d, _ := r.Gateway(name)
		if err := d.Locked(context.Background(), func() error { return d.Write("x", []byte("1")) }); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(d.Path("x"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(string(r), "gateways", ".tmp"), 0o700), os.WriteFile(filepath.Join(string(r), "gateways", "file"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	got, err := r.Gateways()
	if err != nil || len(got) != 2 || got[0].Name() != "a" || !got[0].There() {
		t.Errorf("%v, %v", got, err)
	}
}

// Two writers never meet, and one that is told to stop does not wait on.
func TestLocked(t *testing.T) {
	d, _ := state(t).Gateway("g")
	var inside, most int
	var mu sync.Mutex
	var all sync.WaitGroup
	step := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		inside += by
		most = max(most, inside)
	}
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := d.Locked(context.Background(), func() error { step(1); step(-1); return nil }); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	if most != 1 {
		t.Errorf("%d at once", most)
	}
	ctx, stop := context.WithCancel(context.Background())
	err := d.Locked(ctx, func() error {
		stop()
		return d.Locked(ctx, func() error { t.Error("two are in"); return nil })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("waits on: %v", err)
	}
}

// Nothing is believed that others can write, and no secret that they can read.
func TestTrust(t *testing.T) {
	d, _ := state(t).Gateway("g")
	lay := func() {
		t.Helper()
		if err := d.Locked(context.Background(), func() error { return d.Write("x", []byte("1")) }); err != nil {
			t.Fatal(err)
		}
	}
	lay()
	if data, err := d.Secret("x", 1); err != nil || string(data) != "1" {
		t.Fatalf("%q, %v", data, err)
	}
	if _, err := d.Read("y", 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not there: %v", err)
	}
	for name, spoil := range map[string]func() error{
		"a file for all to write":  func() error { return os.Chmod(d.Path("x"), 0o602) },
		"a file for all to read":   func() error { return os.Chmod(d.Path("x"), 0o604) },
		"a directory for all":      func() error { return os.Chmod(d.Path(""), 0o707) },
		"a file too long":          func() error { return os.WriteFile(d.Path("x"), []byte("12"), 0o600) },
		"a pipe":                   func() error { return errors.Join(os.Remove(d.Path("x")), syscall.Mkfifo(d.Path("x"), 0o600)) },
		"a link":                   func() error { return errors.Join(os.Remove(d.Path("x")), os.Symlink("/etc/hostname", d.Path("x"))) },
		"a directory of that name": func() error { return errors.Join(os.Remove(d.Path("x")), os.Mkdir(d.Path("x"), 0o700)) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if name == "a file for all to read" { // and is not for all to read once it is written again
			defer func() {
				if info, err := os.Stat(d.Path("x")); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%v, %v", info.Mode(), err)
				}
			}()
		}
		if data, err := d.Secret("x", 1); err == nil || len(data) > 1 {
			t.Errorf("%s: %q is read", name, data)
		}
		if name == "a directory for all" {
			if err := d.Locked(context.Background(), func() error { return nil }); err == nil {
				t.Error("a directory for all is written to")
			}
		}
		if err := errors.Join(os.Chmod(d.Path(""), 0o700), os.RemoveAll(d.Path("x"))); err != nil {
			t.Fatal(err)
		}
		lay()
	}
}

// What a killed writer left is gone after a while, and nothing else is.
func TestClean(t *testing.T) {
	d, _ := state(t).Gateway("g")
	nothing := func() error { return nil }
	if err := d.Locked(context.Background(), nothing); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	for file, stays := range map[string]bool{".tokens.json123": false, "files/.server.pem9": false, "x9": true, "files/.young7": true} {
		if err := os.WriteFile(d.Path(file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if file != "files/.young7" {
			if err := os.Chtimes(d.Path(file), old, old); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Locked(context.Background(), nothing); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(d.Path(file)); (err == nil) != stays {
			t.Errorf("%s: %v", file, err)
		}
	}
}
