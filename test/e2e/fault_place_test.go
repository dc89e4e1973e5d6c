package e2e

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// A port that was asked for and is taken is named with who has it; one that
// zlaunch chose is passed over.
func TestPortTaken(t *testing.T) {
	s := newScene(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	s.row("process", "a port asked for that another process has: its process is named", func(w *world, p *proof) {
		refused(p, w.zlaunch(run("-d", "-p", fmt.Sprintf("%d:http", port), "web")...),
			fmt.Sprintf("port %d of 127.0.0.1 is taken by process %d", port, os.Getpid()), "-p HOST:NAME")
	})
	name := "e2e-foreign"
	free := freePort(t)
	if got := s.podman("run", "-d", "--name", name, "-p", fmt.Sprintf("127.0.0.1:%d:8000", free), image, "serve", "8000"); got.code != 0 {
		t.Fatalf("a container of somebody else: %s", got.stderr)
	}
	t.Cleanup(func() { s.podman("rm", "-f", "-t", "0", name) })
	s.before = s.quiet()
	s.row("container", "a port asked for that another container has: the container is named and left alone", func(w *world, p *proof) {
		refused(p, w.zlaunch(run("-d", "-p", fmt.Sprintf("%d:http", free), "web")...),
			fmt.Sprintf("port %d of 127.0.0.1 is taken by container %s", free, name))
	})
	s.row("name", "a name asked for that a foreign container has: refused, the container left alone", func(w *world, p *proof) {
		refused(p, w.zlaunch(run("-d", "--name", name, "web")...), "the name is taken", name)
	})
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// What zlaunch chooses moves on to what is free, and foreign things stay.
func TestForeignThings(t *testing.T) {
	s := newScene(t)
	foreign := func(args ...string) {
		t.Helper()
		if got := s.podman(args...); got.code != 0 {
			t.Fatalf("podman %v: %s", args, got.stderr)
		}
	}
	foreign("create", "--name", "zlaunch-web", "--network", "none", image, "exit", "0")
	t.Cleanup(func() { s.podman("rm", "-f", "-t", "0", "zlaunch-web") })
	foreign("network", "create", "zlaunch-web")
	t.Cleanup(func() { s.podman("network", "rm", "-f", "zlaunch-web") })
	s.before = s.quiet()
	s.row("adopted", "a foreign container has the name and somebody else's network the network's: the next name is taken, the network is used, both stay", func(w *world, p *proof) {
		got := w.zlaunch(run("-d", "web")...)
		if got.code != 0 {
			w.t.Fatalf("run: %s", got.stderr)
		}
		p.saw("%s", strings.TrimSpace(w.podman("ps", "--filter", "label=io.zlaunch.launch", "--format", "{{.Names}} in {{.Networks}}").stdout))
		if !strings.Contains(got.stderr, "zlaunch-web-2") || strings.Contains(got.stderr, "created network") {
			w.t.Errorf("it says %s", got.stderr)
		}
		w.zlaunch("stop", "web")
	})
	s.podman("network", "rm", "zlaunch-web")
	foreign("network", "create", "-d", "macvlan", "--subnet", "10.99.7.0/24", "zlaunch-web")
	s.before = s.quiet()
	s.row("unfit", "a network of that name with another driver: refused, and left alone", func(w *world, p *proof) {
		refused(p, w.zlaunch(run("-d", "web")...), "using network zlaunch-web", "driver=macvlan")
	})
}
