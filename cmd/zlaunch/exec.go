package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

var cmdExec = &command{
	usage:    "exec [OPTION]... NAME COMMAND [ARG]...",
	short:    "run a command in a running container",
	long:     `Hands over to podman exec, so that terminal, signals and exit status are Podman's own. NAME is a container's name, the beginning of its id, or a profile of which one run is there. What follows NAME is the command's, options included.`,
	example:  []string{"zlaunch exec triton cat /proc/self/status", "zlaunch exec -it jupyter sh"},
	complete: completeRuns,
	workload: true,
	opaque:   true,
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		interactive := fs.BoolP("interactive", "i", false, "keep standard input open")
		tty := fs.BoolP("tty", "t", false, "give the command a terminal")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if len(args.words) > 1 && args.words[1] == "--" {
				args.words = append(args.words[:1], args.words[2:]...)
			}
			if len(args.words) < 2 {
				return &usageError{errors.New("a run and a command are needed")}
			}
			l, done, err := std.launcher(ctx, engine, nil)
			if err != nil {
				return err
			}
			defer done()
			r, err := l.One(ctx, args.words[0])
			if err != nil {
				return err
			}
			line := []string{"exec"}
			for _, o := range []struct {
				on   bool
				word string
			}{{*interactive, "--interactive"}, {*tty, "--tty"}} {
				if o.on {
					line = append(line, o.word)
				}
			}
			return std.handTo(l.Engine.CLI(context.Background(), append(append(line, r.ID), args.words[1:]...)...))
		}
	},
}

// handTo runs podman in zlaunch's place: on its streams, with its signals and to
// its exit status. What the terminal sends reaches podman by itself.
func (s *stdio) handTo(cmd *exec.Cmd) error {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.files.In, s.files.Out, s.files.Err
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting podman: %w", err)
	}
	s.signals.handOver(func(sig os.Signal) {
		if sig != unix.SIGINT && sig != unix.SIGQUIT || !s.tty.in {
			_ = cmd.Process.Signal(sig) // one that has ended needs none
		}
	})
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return &statusError{status: exitSignal + int(ws.Signal())}
	}
	return &statusError{status: exit.ExitCode()}
}
