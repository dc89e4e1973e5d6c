package podman

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
)

// The kinds of directories that podman writes to.
const (
	ofService = "service" // its claim is for the service's address, as podman was told it
	ofBuild   = "build"   // its claim is for the place of the engine
)

// keepingAside is the environment of a podman that keeps its temporary files in dir. Without
// a runtime directory, podman's state would lie below them: then they lie where they did.
func keepingAside(env []string, caller func(string) string, dir string) []string {
	if os.Getuid() != 0 && runtimeDir(caller) == os.TempDir() {
		return env
	}
	return append(slices.Clip(env), "TMPDIR="+dir)
}

// reapScratch removes the directories of podman's temporary files that killed programs left,
// once what wrote to them has ended.
func reapScratch(ctx context.Context, e *Engine) error {
	return e.scratch.Sweep(func(c scratch.Claim) bool {
		switch {
		case c.Kind == ofService:
			return endCommanded(c.For)
		case c.Kind == ofBuild:
			return c.For == e.Place() && Images{e}.undo(ctx, c.Path)
		}
		return c.For == ""
	})
}

// endCommanded ends a private service of a program that was killed.
func endCommanded(address string) (ended bool) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		for until := time.Now().Add(serviceStop); time.Now().Before(until); time.Sleep(endPoll) {
			pids := commanded(address)
			if len(pids) == 0 {
				return true
			}
			for _, pid := range pids {
				signalCommanded(pid, address, sig)
			}
		}
	}
	return false
}

// signalCommanded signals a process that is held by more than its number, for that can be another's by now.
func signalCommanded(pid int, word string, sig os.Signal) {
	p, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	defer p.Release()
	if slices.Contains(commanded(word), pid) {
		_ = p.Signal(sig) // gone already
	}
}

// commanded are the processes of this user's whose command line is podman's with a word that
// nobody else's has: the name of a directory that nobody could guess is in it.
func commanded(word string) (pids []int) {
	procs, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is a constant
	for _, file := range procs {
		line, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(line), word) || !runsAsUs(filepath.Dir(file)) {
			continue
		}
		words := strings.Split(string(line), "\x00")
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if pid > 1 && strings.HasPrefix(filepath.Base(words[0]), "podman") && slices.Contains(words[1:], word) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// runsAsUs tells whether a process is this user's (proc_pid_status(5)). Who owns its directory
// of /proc is another matter: root, while podman enters its namespace.
func runsAsUs(dir string) bool {
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	_, rest, _ := strings.Cut(string(status), "\nUid:\t")
	uid, _, _ := strings.Cut(rest, "\t")
	return err == nil && uid == strconv.Itoa(os.Getuid())
}
