package podman

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The tests of this file's kind run against the real rootless Podman of the
// machine: as root, or without podman, they skip.

const realImage = "localhost/zlaunch-podman-test:latest"

// imported tells that these tests have made realImage and so remove it.
var imported atomic.Bool

// needPodman skips where no rootless Podman can be run.
func needPodman(t *testing.T) {
	t.Helper()
	if os.Getuid() == 0 {
		t.Skip("needs an ordinary user: this is root, and the engine under test is rootless")
	}
	if _, err := exec.LookPath("podman"); err != nil {
		t.Skip("needs podman in PATH: ", err)
	}
}

// realEngine is a private service of the test's own.
func realEngine(t *testing.T) (context.Context, *Engine) {
	t.Helper()
	needPodman(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	e, err := openPrivate(ctx, Target{Env: os.Getenv, CacheDir: t.TempDir()}, runtimeDir(os.Getenv))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return ctx, e
}

// importImage makes the test image out of the machine's static busybox.
func importImage(t *testing.T, e *Engine) {
	t.Helper()
	if out, err := e.CLI(context.Background(), "image", "exists", realImage).CombinedOutput(); err == nil {
		return
	} else if len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Skip("needs a static /bin/busybox (package busybox-static): ", err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(h tar.Header, data []byte) {
		h.Size = int64(len(data))
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	for _, d := range []string{"bin/", "etc/", "tmp/", "proc/", "sys/", "dev/", "run/"} {
		add(tar.Header{Name: d, Typeflag: tar.TypeDir, Mode: 0o755}, nil)
	}
	add(tar.Header{Name: "bin/busybox", Mode: 0o755}, busybox)
	for _, n := range []string{"sh", "sleep", "cat", "httpd", "wget", "yes", "head"} {
		add(tar.Header{Name: "bin/" + n, Typeflag: tar.TypeSymlink, Linkname: "busybox"}, nil)
	}
	add(tar.Header{Name: "etc/passwd"}, []byte("root:x:0:0:root:/root:/bin/sh\nibm-user:x:1000:100:u:/home/ibm-user:/bin/sh\n"))
	add(tar.Header{Name: "etc/group"}, []byte("root:x:0:\nusers:x:100:\nextra:x:77:ibm-user\n"))
	add(tar.Header{Name: "etc/link", Typeflag: tar.TypeSymlink, Linkname: "passwd"}, nil)
	add(tar.Header{Name: "etc/outside", Typeflag: tar.TypeSymlink, Linkname: "../../../../../../../proc/self/status"}, nil)
	add(tar.Header{Name: "etc/group-outside", Typeflag: tar.TypeSymlink, Linkname: "../../../../../../etc/group"}, nil)
	add(tar.Header{Name: "etc/loop", Typeflag: tar.TypeSymlink, Linkname: "loop"}, nil)
	add(tar.Header{Name: "etc/fifo", Typeflag: tar.TypeFifo}, nil)
	add(tar.Header{Name: "etc/to-fifo", Typeflag: tar.TypeSymlink, Linkname: "fifo"}, nil)
	add(tar.Header{Name: "etc/to-dir", Typeflag: tar.TypeSymlink, Linkname: "."}, nil)
	add(tar.Header{Name: "etc/to-none", Typeflag: tar.TypeSymlink, Linkname: "none"}, nil)
	add(tar.Header{Name: "etc/big"}, make([]byte, maxImageFile+1))
	add(tar.Header{Name: "etc/not-executable"}, []byte("#!/bin/sh\n"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := e.CLI(context.Background(), "import", "--change", "USER ibm-user:extra", "--change", "ENV A=b", "--change", "CMD [\"/bin/sh\"]",
		"--change", "LABEL x=y", "--change", "VOLUME /data", file, realImage)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("importing the image: %v: %s", err, out)
	}
	imported.Store(true)
}

// bare creates a container of the test image by the wire form itself.
func bare(t *testing.T, e *Engine, command []string, more map[string]any) string {
	t.Helper()
	importImage(t, e)
	body := map[string]any{
		"image": realImage, "command": command, "netns": map[string]string{"nsmode": "none"},
		"image_volume_mode": "ignore", "user": "0:0", "cap_drop": []string{"all"}, "no_new_privileges": true,
		"labels": map[string]string{"io.zlaunch.test": "podman"},
	}
	for k, v := range more {
		body[k] = v
	}
	id, _, err := create(t.Context(), e.api, "creating the test container", body)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := e.Containers.Remove(context.WithoutCancel(t.Context()), id, RemoveOptions{Force: true, Volumes: true})
		if err != nil && !errors.Is(err, ErrNoContainer) {
			t.Error(err)
		}
	})
	return id
}

// processes lists the command lines of this user's processes that hold text.
func processes(t *testing.T, text string) (out []string) {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		data, err := readFile(f, 64<<10)
		if err == nil && strings.Contains(string(data), text) {
			out = append(out, strings.ReplaceAll(string(data), "\x00", " "))
		}
	}
	return out
}

// serviceDirs lists the directories of private services.
func serviceDirs(t *testing.T, runtimeDir string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(escapeGlob(runtimeDir), servicePrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// within fails unless f holds before the time is over.
func within(t *testing.T, d time.Duration, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Errorf("after %v still not: %s", d, what)
}

// environment is the real one but for the given changes.
func environment(changes map[string]string) func(string) string {
	return func(k string) string {
		if v, ok := changes[k]; ok {
			return v
		}
		return os.Getenv(k)
	}
}

func TestMain(m *testing.M) {
	LogTo(io.Discard)
	if dir := os.Getenv("ZLAUNCH_TEST_HOLD"); dir != "" {
		holdService(dir)
	}
	code := m.Run()
	if imported.Load() {
		exec.Command("podman", "rmi", realImage).Run()
	}
	os.Exit(code)
}

// holdService is the body of a child that starts a service and waits to be
// killed.
func holdService(dir string) {
	_, err := openPrivate(context.Background(), Target{Env: os.Getenv}, dir)
	if err != nil {
		io.WriteString(os.Stdout, "error: "+err.Error()+"\n")
		os.Exit(1)
	}
	io.WriteString(os.Stdout, "up\n")
	select {}
}
