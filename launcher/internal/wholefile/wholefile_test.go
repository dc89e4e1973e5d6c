package wholefile

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What a killed writer left goes, and what one is at work on, or is none of these, stays.
func TestReap(t *testing.T) {
	dir := t.TempDir()
	for name, stays := range map[string]bool{".claim-a.7.part": false, "claim-a.part": true, ".claim-a": true, "claim-a": true} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Reap(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(path); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := begun(filepath.Join(dir, "record"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Reap(dir); err != nil || !there(f) {
		t.Errorf("what is written is gone: %v", err)
	}
	f.Close()
	if err := Reap(dir); err != nil || there(f) {
		t.Errorf("what nobody writes stays: %v", err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, ".x.part")); err != nil {
		t.Fatal(err)
	}
	if err := Reap(dir); err == nil {
		t.Error("a link is followed")
	}
	if err := Reap(filepath.Join(dir, "absent")); err != nil {
		t.Error(err)
	}
}

// Writers of one file and a reaper are in nobody's way: each file is whole.
func TestAtOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "record")
	var all sync.WaitGroup
	for i := range 8 {
		text := strings.Repeat(string(rune('a'+i)), 5000)
		all.Add(1)
		go func() {
			defer all.Done()
			for range 50 {
				if err := Write(path, []byte(text)); err != nil {
					t.Error(err)
				}
				if err := Reap(dir); err != nil {
					t.Error(err)
				}
				got, err := os.ReadFile(path)
				if err != nil || len(got) != 5000 || strings.Trim(string(got), string(got[:1])) != "" {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			}
		}()
	}
	all.Wait()
	entries, err := os.ReadDir(dir)
	if info, serr := os.Stat(path); err != nil || serr != nil || len(entries) != 1 || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, %v", entries, err, serr)
	}
	if err := Write(filepath.Join(dir, "absent", "x"), nil); err == nil {
		t.Error("written into no directory")
	}
}
