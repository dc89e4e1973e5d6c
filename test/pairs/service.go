package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// answers tells whether a service listens on the user's own socket.
func (b *bed) answers() bool {
	conn, err := net.Dial("unix", b.socket)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// serve has the user's own Podman service up until the returned function is
// called. One that is up already is used and left alone.
func (b *bed) serve() (stop func(), err error) {
	if b.answers() {
		return func() {}, nil
	}
	if err := os.MkdirAll(filepath.Dir(b.socket), 0o700); err != nil {
		return nil, err
	}
	cmd := exec.Command("podman", "system", "service", "--time=0", "unix://"+b.socket)
	cmd.Env = b.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is this program's affair
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		os.Remove(b.socket)
	}
	for range 1000 {
		if b.answers() {
			return stop, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("starting podman system service: no answer on %s", b.socket)
}

// absent refuses to measure without a service where one is up.
func (b *bed) absent() error {
	if b.answers() {
		return fmt.Errorf("measuring without a service: one answers on %s; systemctl --user stop podman.socket podman.service", b.socket)
	}
	return nil
}

// network makes the network both sides join, so that neither has to make one.
func (b *bed) network(ctx context.Context) error {
	if b.do(ctx, "podman", "network", "exists", prefix) == nil {
		return nil
	}
	return b.do(ctx, "podman", "network", "create", prefix)
}
