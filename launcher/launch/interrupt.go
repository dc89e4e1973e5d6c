package launch

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/podman"
)

// ending are the signals that ask a program to end.
var ending = []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT}

// signalRelay passes the signals zlaunch gets on to podman, which passes them on
// to the workload. What the terminal sends reaches podman by itself, since both
// are in the foreground group.
type signalRelay struct {
	c     chan os.Signal
	asked chan unix.Signal // the first signal that asks for the end
}

// relay begins to catch them, but for those the caller had ignored, as nohup does.
func relay() *signalRelay {
	r := &signalRelay{make(chan os.Signal, 16), make(chan unix.Signal, 1)}
	for _, sig := range append(slices.Clone(ending), unix.SIGUSR1, unix.SIGUSR2) {
		if !signal.Ignored(sig) {
			signal.Notify(r.c, sig)
		}
	}
	return r
}

func (r *signalRelay) stop() { signal.Stop(r.c) }

func (r *signalRelay) forward(to *os.Process, done <-chan struct{}) {
	for {
		select {
		case s := <-r.c:
			if !(s == unix.SIGINT || s == unix.SIGQUIT) || !inForeground() {
				_ = to.Signal(s) // a child that has ended needs none
			}
			if slices.Contains(ending, s) {
				select {
				case r.asked <- s.(unix.Signal):
				default: // it is being seen to
				}
			}
		case <-done:
			return
		}
	}
}

// inForeground tells whether this process is in the group its terminal signals.
func inForeground() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := terminalGroup(int(tty.Fd()))
	return err == nil && group == unix.Getpgrp()
}

// The pace at which a workload is looked at that was asked to end: it may be about to
// become the program that is meant. After waitTold it is said what is waited for.
const (
	askedPause = 100 * time.Millisecond
	waitTold   = 3 * time.Second
)

// seeToEnd ends a workload that was asked to and cannot hear it, and says of another one
// that it is waited for. It returns the signal that a workload was killed for, 0 for none.
func (r *Run) seeToEnd(ctx context.Context, asked <-chan unix.Signal, exited <-chan struct{}) unix.Signal {
	for {
		select {
		case <-exited:
			return 0
		case sig := <-asked:
			if r.l.r.Engine.Local() && r.deaf(sig, exited) {
				r.l.r.tell(fmt.Sprintf("the workload has no handler for %s, and is killed", unix.SignalName(sig)))
				stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
				defer cancel()
				if err := r.l.r.Engine.Containers.Stop(stopping, r.ID, 0); err != nil {
					r.l.r.tell(err.Error())
				}
				return sig
			}
		}
	}
}

// deaf looks at a workload that was asked to end until it has, or waitTold is over.
func (r *Run) deaf(sig unix.Signal, exited <-chan struct{}) bool {
	told := time.After(waitTold)
	for {
		if podman.Deaf(r.pid, sig) {
			return true
		}
		select {
		case <-exited:
			return false
		case <-told:
			r.l.r.tell(fmt.Sprintf("waiting for the workload to end: it has got %s; zlaunch stop %s kills it", unix.SignalName(sig), r.Name))
			return false
		case <-time.After(askedPause):
		}
	}
}
