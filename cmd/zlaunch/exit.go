package main

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/podman"
)

// Exit statuses. Those of run and exec are podman-run's own, so that they can
// take its place in a script.
const (
	exitOK        = 0
	exitFindings  = 1
	exitUsage     = 2
	exitFailed    = 3
	exitOpen      = 4
	exitRefused   = 5
	exitOwn       = 125
	exitCannotRun = 126
	exitNotFound  = 127
	exitSignal    = 128
)

// status is one line of a man page's EXIT STATUS.
type status struct {
	code  string
	means string
}

// statuses are those of every command but the ones below.
var statuses = []status{
	{"0", "all is well"},
	{"1", "something stands against a run: a plan that would be refused, a failed check"},
	{"2", "the command line is wrong"},
	{"3", "it could not be done: no engine, no such profile or run, a failed pull"},
	{"4", "the evidence is incomplete: what was asked for cannot be seen from here"},
	{"128+N", "signal N ended it"},
}

// shareStatuses are those of the commands that share profiles.
var shareStatuses = []status{
	{"0", "as locked, or done"},
	{"1", "something is newer, or would change"},
	{"2", "the command line is wrong"},
	{"3", "it could not be done: no such place, nothing there, not for this zlaunch"},
	{"4", "part of it cannot be known from here"},
	{"5", "refused: a bundle's signature, its signer, its content, or the policy"},
	{"128+N", "signal N ended it"},
}

// modelStatuses are those of what takes models from strangers.
var modelStatuses = []status{
	{"0", "all is well"},
	{"1", "the answer of verify or list --check is no: a model is not what was signed or pulled, or nobody signed it who is trusted"},
	{"2", "the command line is wrong"},
	{"3", "it could not be done: no such model, registry, key or engine"},
	{"5", "refused by pull: a model is not what was asked for, or not signed by who must have"},
	{"128+N", "signal N ended it"},
}

// workloadStatuses are those of the commands that run a workload.
var workloadStatuses = []status{
	{"125", "zlaunch or Podman failed or refused, the command line included; nothing is left behind"},
	{"126", "the command in the container cannot be run"},
	{"127", "the command in the container is not there"},
	{"128+N", "signal N ended the workload, or zlaunch before the workload ran"},
	{"else", "the workload's own; 0 for a detached run that serves"},
}

// usageError is a command line that is wrong.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// statusError ends zlaunch with a status of its own. A nil err says nothing.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}
func (e *statusError) Unwrap() error { return e.err }

// exitStatus is the status of what c came to. c is nil where no command was found.
func exitStatus(c *command, err error, interrupted unix.Signal) int {
	var own *statusError
	var usage *usageError
	switch {
	case errors.As(err, &own):
		return own.status
	case err == nil:
		return exitOK
	case interrupted != 0:
		return exitSignal + int(interrupted)
	case errors.Is(err, unix.EPIPE):
		return exitSignal + int(unix.SIGPIPE)
	case c != nil && c.workload:
		return workloadStatus(err)
	case errors.As(err, &usage):
		return exitUsage
	case refusedBundle(err) && (c == nil || c.shares):
		return exitRefused
	}
	return exitFailed
}

func workloadStatus(err error) int {
	switch {
	case errors.Is(err, podman.ErrCommandNotFound):
		return exitNotFound
	case errors.Is(err, podman.ErrCommandCannotRun):
		return exitCannotRun
	}
	return exitOwn
}
