package podman

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"golang.org/x/sys/unix"
)

func TestPrivateServiceGoesAway(t *testing.T) {
	ctx, e := realEngine(t)
	dir := e.service.dir.path
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("the directory is %v, %v", info.Mode(), err)
	}
	if !e.Local() || !e.Private() {
		t.Errorf("local %t, private %t", e.Local(), e.Private())
	}
	ours, _ := unix.Getsid(0)
	if sid, err := unix.Getsid(e.service.cmd.Process.Pid); err != nil || sid == ours {
		t.Errorf("the service is in the terminal's session: %d, %v", sid, err)
	}
	if _, err := e.Info(ctx); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("closed in %v", time.Since(start))
	if p := processes(t, dir); len(p) != 0 {
		t.Errorf("still running: %q", p)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory is still there")
	}
	if _, err := e.Containers.Exists(ctx, "x"); err == nil {
		t.Error("a closed engine answers")
	}
}

// A service that was killed is started again by the next request.
func TestKilledServiceRevives(t *testing.T) {
	ctx, e := realEngine(t)
	e.service.cmd.Process.Kill()
	<-e.service.exited
	if _, err := e.Info(ctx); err != nil {
		// the request may have met a connection that was still open
		if _, err = e.Info(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// The service outlives a pause longer than its own idle time while the program
// lives.
func TestServiceStaysAwake(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 25 s")
	}
	ctx, e := realEngine(t)
	pid := e.service.cmd.Process.Pid
	time.Sleep(25 * time.Second) // idle time plus the server's own keep-alive, 2*5 s
	if _, err := e.Info(ctx); err != nil {
		t.Fatal(err)
	}
	if e.service.cmd.Process.Pid != pid {
		t.Error("it was started again")
	}
}

// hold starts a child that owns a private service below dir, and kills it.
func holdAndKill(t *testing.T, dir string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), "ZLAUNCH_TEST_HOLD="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGKILL)
	line, _ := bufio.NewReader(out).ReadString('\n')
	if line != "up\n" {
		t.Fatalf("the child said %q", line)
	}
	before := serviceDirs(t, dir)
	reapServices(dir) // a living owner's directory stays
	if after := serviceDirs(t, dir); len(after) != len(before) || len(after) == 0 {
		t.Errorf("a living owner's directory was removed: %q, %q", before, after)
	}
}

// After SIGKILL the service ends by itself, and the next call clears up.
func TestKilledOwner(t *testing.T) {
	needPodman(t)
	parent, err := os.MkdirTemp(runtimeDir(os.Getenv), "zl-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(parent)
	t.Run("reaped", func(t *testing.T) {
		holdAndKill(t, parent)
		reapServices(parent)
		if d := serviceDirs(t, parent); len(d) != 0 {
			t.Errorf("left: %q", d)
		}
		within(t, 3*time.Second, "the service has ended", func() bool { return len(processes(t, parent)) == 0 })
	})
	t.Run("idle", func(t *testing.T) {
		if testing.Short() {
			t.Skip("takes 6 s")
		}
		holdAndKill(t, parent)
		start := time.Now()
		within(t, 3*serviceIdle, "the service has ended by itself", func() bool { return len(processes(t, parent)) == 0 })
		t.Logf("ended by itself after %v", time.Since(start).Round(100*time.Millisecond))
		reapServices(parent)
		if d := serviceDirs(t, parent); len(d) != 0 {
			t.Errorf("left: %q", d)
		}
	})
}

// Reap touches only what is plainly its own.
func TestReapIsCareful(t *testing.T) {
	dir := t.TempDir()
	mk := func(name string, files ...string) string {
		p := filepath.Join(dir, name)
		if err := os.Mkdir(p, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			os.WriteFile(filepath.Join(p, f), nil, 0o600)
		}
		return p
	}
	old := time.Now().Add(-time.Hour)
	stale := mk("zlaunch-stale", serviceLock, serviceLog)
	socket, err := net.Listen("unix", filepath.Join(stale, serviceSocket))
	if err != nil {
		t.Fatal(err)
	}
	socket.(*net.UnixListener).SetUnlinkOnClose(false)
	socket.Close()
	unlike := mk("zlaunch-unlike", serviceLock, "notes")
	linkedSocket := mk("zlaunch-socket", serviceLock)
	os.Symlink(filepath.Join(dir, "own.sock"), filepath.Join(linkedSocket, serviceSocket))
	half := mk("zlaunch-half", ".lock123")
	os.Chtimes(half, old, old)
	young := mk("zlaunch-young")
	foreign := mk("zlaunch-foreign", "data")
	os.Chtimes(foreign, old, old)
	other := mk("zlaunch", serviceLock)
	linked := mk("elsewhere", serviceLock)
	os.Symlink(linked, filepath.Join(dir, "zlaunch-link"))
	reapServices(dir)
	for _, p := range []string{stale, half} {
		if _, err := os.Stat(p); err == nil {
			t.Errorf("%s is still there", p)
		}
	}
	for _, p := range []string{young, foreign, other, linked, unlike, linkedSocket, filepath.Join(linked, serviceLock)} {
		if _, err := os.Stat(p); err != nil {
			t.Errorf("removed: %v", err)
		}
	}
	if _, err := newServiceDir(filepath.Join(dir, strings.Repeat("x", 90))); err == nil {
		t.Error("a directory that is not there was accepted")
	}
}

func TestNoPodman(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	_, err := openPrivate(t.Context(), Target{Env: os.Getenv}, dir)
	if err == nil || hint.Of(err) == "" || !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("%v, hint %q", err, hint.Of(err))
	}
	if d := serviceDirs(t, dir); len(d) != 0 {
		t.Errorf("left: %q", d)
	}
}

// A podman that fails is quoted, and nothing is left of the attempt.
func TestFailingPodmanIsQuoted(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "podman"), []byte("#!/bin/sh\necho 'Error: cannot set up namespace' >&2\nexit 125\n"), 0o755)
	t.Setenv(ProgramVariable, filepath.Join(dir, "podman"))
	_, err := openPrivate(t.Context(), Target{Env: os.Getenv}, dir)
	if err == nil || !strings.Contains(err.Error(), "cannot set up namespace") {
		t.Error(err)
	}
	if d := serviceDirs(t, dir); len(d) != 0 {
		t.Errorf("left: %q", d)
	}
}

// A live socket is used, and a server started by podman is seen to be local.
func TestLiveSocket(t *testing.T) {
	ctx, e := realEngine(t)
	live, err := Connect(ctx, Target{URL: "unix://" + e.service.dir.socket(), Env: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	if !live.Local() || live.Private() || live.Version() == "" {
		t.Errorf("local %t, private %t, version %q", live.Local(), live.Private(), live.Version())
	}
	out, err := live.CLI(context.Background(), "version", "--format", "{{.Server.Version}}").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != live.Version() {
		t.Errorf("podman says %s, %v", out, err)
	}
}

// Connect without a target prefers a socket that answers to a service, and a
// service to one that does not.
func TestDiscovery(t *testing.T) {
	needPodman(t)
	real := runtimeDir(os.Getenv)
	if _, err := os.Stat(defaultSocket(real)); err == nil {
		t.Skip("needs a machine without podman.socket: it would answer first")
	}
	e, err := Connect(t.Context(), Target{Env: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	if !e.Private() {
		t.Error("no private service although no socket is there")
	}
	e.Close()
	if _, err := Connect(t.Context(), Target{Env: os.Getenv, NoService: true}); !errors.Is(err, ErrNoService) || hint.Of(err) == "" {
		t.Errorf("no service: %v", err)
	}

	dir, err := os.MkdirTemp("", "zl")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	os.Mkdir(filepath.Join(dir, "podman"), 0o700)
	env := environment(map[string]string{"XDG_RUNTIME_DIR": dir})
	s := &http.Server{Handler: libpod("5.1.0", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "{}") })}
	l, err := net.Listen("unix", defaultSocket(dir))
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	e, err = Connect(ctx, Target{Env: env})
	if err != nil || e.Private() || e.Version() != "5.1.0" {
		t.Errorf("a live socket is not used: %v", err)
	}
}

// A service that rests is gone, and there again for the next request.
func TestServiceRests(t *testing.T) {
	ctx, e := realEngine(t)
	e.Rest()
	if p := processes(t, e.service.dir.path); len(p) != 0 || e.service.started() {
		t.Errorf("still running: %q", p)
	}
	e.Rest()
	if _, err := e.Containers.Exists(ctx, "x"); err != nil {
		t.Error(err)
	}
	if !e.service.started() {
		t.Error("nothing was started")
	}
}
