package podman

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// maxUnshared bounds what a program in Podman's namespaces says.
const maxUnshared = 64 << 20

// Enter is the command that runs a program as root of the user namespace that rootless
// Podman's containers are in, and in Podman's mounts: for root itself the program alone.
func (ev *Evidence) Enter(ctx context.Context, program ...string) (*exec.Cmd, error) {
	if !ev.local {
		return nil, fmt.Errorf("entering Podman's namespace: %w: the engine is not on this host", ErrNoEvidence)
	}
	if os.Geteuid() != 0 {
		return inPause(ctx, ev.runtimeDir, program...)
	}
	return exec.CommandContext(ctx, program[0], program[1:]...), nil
}

// Output runs a command of [Evidence.Enter] and returns what it said, also where it failed.
func Output(cmd *exec.Cmd) ([]byte, error) {
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("entering Podman's namespace: %w", err)
	}
	out, rerr := readBounded(pipe, maxUnshared)
	if rerr != nil {
		_ = cmd.Process.Kill() // it may be over
	}
	return out, errors.Join(rerr, cmd.Wait())
}
