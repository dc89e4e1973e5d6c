package podman

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// buildGrace is how long a build has to end by itself once its command was ended: it may
	// be at writing gigabytes.
	buildGrace = time.Minute
	// endGrace is how long a podman has that was interrupted.
	endGrace = 20 * time.Second
	// endPoll is how often an end is looked for, and commands to be ended.
	endPoll = 50 * time.Millisecond
)

// untilEnd runs a build in a session of its own, so that the terminal's Ctrl-C does not reach
// it: podman itself ends at once by a signal, and leaves the container it works in. When ctx
// ends, its command is ended, by which the build fails and takes its container away.
func (im Images) untilEnd(ctx context.Context, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	over := make(chan struct{})
	var err error
	go func() {
		err = cmd.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
		ended := func() bool { return closedIn(over, endPoll) }
		if len(im.e.cli) == 0 { // another engine takes away by itself whose client has gone
			endBuild(cmd.Process.Pid, ended)
		}
		endHard(cmd.Process.Pid, ended)
		<-over
	}
	return err
}

// closedIn waits for a channel to be closed.
func closedIn(over <-chan struct{}, wait time.Duration) bool {
	select {
	case <-over:
		return true
	case <-time.After(wait):
		return false
	}
}

// endBuild ends the commands of a build until it has ended.
func endBuild(pid int, ended func() bool) {
	for until := time.Now().Add(buildGrace); !ended() && time.Now().Before(until); {
		for _, command := range commandsOf(pid, 1) {
			_ = syscall.Kill(command, syscall.SIGKILL) // gone already
		}
	}
}

// endHard ends a podman that does not end by itself, by which it may leave its container.
func endHard(pid int, ended func() bool) {
	sig := syscall.SIGINT
	for until := time.Now().Add(endGrace); !ended(); {
		if time.Now().After(until) {
			sig = syscall.SIGKILL
		}
		_ = syscall.Kill(pid, sig) // gone already
	}
}

// commandsOf are the processes below a podman that are in a process namespace of their own:
// the command of a RUN, and what that started. What podman itself needs is not among them.
func commandsOf(pid, depth int) (pids []int) {
	const deepest = 32 // a build has three
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range tasks {
		children, _ := os.ReadFile(file)
		for _, child := range strings.Fields(string(children)) {
			n, err := strconv.Atoi(child)
			if err != nil || n <= 1 || depth > deepest {
				continue
			}
			if nested(n) > nested(pid) {
				pids = append(pids, n) // its first process; the others end with it
				continue
			}
			pids = append(pids, commandsOf(n, depth+1)...)
		}
	}
	return pids
}

// nested is how deep the process namespace of a process is below ours (proc_pid_status(5)).
func nested(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "\nNSpid:")
	line, _, _ := strings.Cut(rest, "\n")
	return len(strings.Fields(line))
}

// undo ends a build whose zlaunch was killed, and removes what it made, where that has no name.
// It tells whether nothing of it is left.
func (im Images) undo(ctx context.Context, dir string) bool {
	for _, pid := range commanded(idIn(dir)) {
		ended := func() bool {
			time.Sleep(endPoll)
			return len(commanded(idIn(dir))) == 0
		}
		endBuild(pid, ended)
		endHard(pid, ended)
	}
	data, _ := readFile(idIn(dir), 128)
	id := strings.TrimPrefix(strings.TrimSpace(string(data)), "sha256:")
	if !isID(id) {
		return true
	}
	img, err := inspectImage(ctx, im.e.api, id)
	if errors.Is(err, ErrNoImage) {
		return true
	}
	if err == nil && len(img.RepoTags) == 0 {
		err = im.Remove(ctx, id)
	}
	return err == nil
}
