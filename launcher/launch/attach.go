package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Stdio is where an attached workload reads and writes.
type Stdio struct{ In, Out, Err *os.File }

// Attach starts an attached run by podman start --attach, so that the terminal,
// signals and exit status are Podman's own, and returns the workload's exit
// status. ready is called once, when the workload serves. The container and the
// network are gone when Attach returns, unless the user detached.
func (r *Run) Attach(ctx context.Context, std Stdio, ready func(*Run)) (int, error) {
	defer r.l.tx.letGo()
	signals := relay()
	defer signals.stop()
	if err := ctx.Err(); err != nil { // a signal before there was somebody to pass it to
		return 125, r.l.tx.abandon(ctx, err)
	}
	defer r.l.r.Dirs.ForgetAttached(r.Launch)
	cli := r.l.r.cli
	if cli == nil {
		cli = func(args ...string) *exec.Cmd { return r.l.r.Engine.CLI(context.Background(), args...) } // it ends with its workload
	}
	cmd := cli(r.attachArgs()...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = std.In, std.Out, std.Err
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return 125, r.l.tx.abandon(ctx, fmt.Errorf("starting podman: %w", err))
	}
	exited := make(chan struct{})
	watched := make(chan error, 1)
	go func() { watched <- r.watch(ctx, exited, ready) }()
	go signals.forward(cmd.Process, exited)
	killed := make(chan unix.Signal, 1)
	go func() { killed <- r.seeToEnd(ctx, signals.asked, exited) }()
	err := cmd.Wait()
	close(exited)
	unproved := <-watched
	code := exitCode(err)
	if sig := <-killed; sig != 0 {
		code = 128 + int(sig)
	}
	if unproved != nil {
		return 125, r.l.tx.abandon(ctx, unproved)
	}
	return code, r.ended(ctx)
}

func (r *Run) attachArgs() []string {
	args := []string{"start", "--attach", "--sig-proxy=true"}
	if in, _, _ := container.Interactive.Get(r.Plan.Stated); in {
		args = append(args, "--interactive")
	}
	return append(args, r.ID)
}

// watch looks at the started workload once more and waits until it serves. A
// difference kills the container and is returned; that a server did not get ready is
// only told, since the user sees its output.
func (r *Run) watch(ctx context.Context, exited <-chan struct{}, ready func(*Run)) error {
	if err := r.l.prover.proveRunning(ctx, exited); err != nil {
		if errors.Is(err, errExited) {
			return nil
		}
		// podman start --attach waits for the workload: end it first.
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
		defer cancel()
		return errors.Join(err, r.l.box.remove(undo))
	}
	if err := r.l.r.Dirs.SaveAttached(&r.Record); err != nil {
		r.l.r.tell(err.Error())
	}
	switch err := r.waitReady(ctx, exited); {
	case err == nil:
		ready(r)
	case !errors.Is(err, errExited) && ctx.Err() == nil:
		r.l.r.tell(err.Error())
	}
	r.rest(exited)
	return nil
}

// restAfter is when an attached job counts as one that stays: a service of our own that
// has to come back at the end costs a short one 60 ms.
const restAfter = 5 * time.Second

// rest gives memory back while the workload has the terminal: of a server at once, for
// one that serves stays.
func (r *Run) rest(exited <-chan struct{}) {
	after := restAfter
	if r.Plan.ReadyURL() != "" {
		after = 0
	}
	select {
	case <-exited:
	case <-time.After(after):
		r.l.r.Engine.Rest()
		debug.FreeOSMemory()
	}
}

// ended removes what the run leaves, except where the user detached from it and
// it goes on: then the record takes it over.
func (r *Run) ended(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	c, err := r.l.r.Engine.Containers.Inspect(ctx, r.ID)
	if err == nil && c.State.Status == "running" {
		return r.l.finish(ctx)
	}
	return r.l.tx.abandon(ctx, nil)
}

// exitCode is what a shell would report of the child.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return 128 + int(ws.Signal())
		}
		return exit.ExitCode()
	}
	return 125
}
