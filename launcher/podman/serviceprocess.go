package podman

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
)

func (s *service) spawn() error {
	podman, err := findPodman(s.caller)
	if errors.Is(err, exec.ErrNotFound) {
		return hint.Errorf("sudo apt install podman, or sudo dnf install podman", "starting podman: %w", err)
	}
	if err != nil {
		return fmt.Errorf("starting podman: %w", err)
	}
	log, err := s.dir.openLog()
	if err != nil {
		return fmt.Errorf("starting podman: %w", err)
	}
	defer log.Close()
	os.Remove(s.dir.socket())
	idle := fmt.Sprintf("--time=%d", int(serviceIdle.Seconds()))
	cmd := exec.Command(podman, "system", "service", idle, s.address())
	cmd.Env, cmd.Dir, cmd.Stderr = s.environment(), "/", log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting podman: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		cmd.Wait()
		close(exited)
	}()
	s.cmd, s.exited = cmd, exited
	return nil
}

// address is where the service listens, as it is told.
func (s *service) address() string { return "unix://" + s.dir.socket() }

// environment is the service's. What it keeps aside while it exports or pulls an image lies in
// a directory of its own, and is gone with it: one that is ended meanwhile removes nothing.
func (s *service) environment() []string {
	if s.aside == nil {
		aside, err := s.place.Make(scratch.Claim{Kind: ofService, For: s.address()})
		if err != nil { // who needs the room says so
			return s.env
		}
		s.aside = aside
	}
	return keepingAside(s.env, s.caller, s.aside.Path)
}

// rest ends the service until the next request.
func (s *service) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil && !s.closed {
		s.end()
		s.cmd = nil
	}
}

// end ends the running service. Only the service itself is signalled, never its
// group: what it started for containers must stay.
func (s *service) end() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(serviceStop):
		s.cmd.Process.Kill()
		<-s.exited
	}
}

// close ends the service and removes its directory.
func (s *service) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.quit)
	if s.cmd != nil {
		s.end()
	}
	var err error
	if s.aside != nil {
		err = s.aside.Remove()
	}
	return errors.Join(err, s.dir.remove())
}
