package podman

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An engine that names another file as the configuration is not followed: a prepared
// one, that of another container, a pipe.
func TestConfigOfAnotherPlace(t *testing.T) {
	id, other := strings.Repeat("a", 64), strings.Repeat("b", 64)
	dir := t.TempDir()
	write := func(name string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	e := &Evidence{local: true, runtimeDir: dir}
	right := write("overlay-containers/" + id + "/userdata/config.json")
	if _, err := e.OCIConfig(t.Context(), &Container{ID: id, OCIConfigPath: right}); err != nil {
		t.Errorf("the right one: %v", err)
	}
	for _, path := range []string{
		write("prepared.json"), write("overlay-containers/" + other + "/userdata/config.json"), write(id + "/userdata/config.json"),
		dir + "/overlay-containers/x/../" + id + "/userdata/config.json", "overlay-containers/" + id + "/userdata/config.json", "",
	} {
		if _, err := e.OCIConfig(t.Context(), &Container{ID: id, OCIConfigPath: path}); !errors.Is(err, ErrNoEvidence) {
			t.Errorf("%q was read: %v", path, err)
		}
	}
}

// A pipe or a directory in place of a file is an error at once.
func TestReadFileDoesNotWait(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skipf("a FIFO cannot be made here: %v", err)
	}
	for _, name := range []string{pipe, dir, "/dev/zero"} {
		done := make(chan error, 1)
		go func() {
			_, err := readFile(name, 10)
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil {
				t.Errorf("%s was read", name)
			}
		case <-time.After(time.Minute):
			t.Fatalf("reading %s waits", name)
		}
	}
}
