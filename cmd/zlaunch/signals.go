package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
)

// signals turns the signals that ask a program to end into the end of a context,
// so that whatever is under way is taken back before zlaunch exits. SIGPIPE is
// among those caught: a reader that went away must not end a launch half done.
type signals struct {
	c    chan os.Signal
	tell io.Writer

	mu     sync.Mutex
	first  unix.Signal
	cancel context.CancelFunc
	handed bool            // the signals are somebody else's
	pass   func(os.Signal) // who gets them; nil: one who catches them as well
}

// watchSignals begins to catch them. Those the caller had ignored stay ignored,
// as nohup and a shell's background jobs expect.
func watchSignals(tell io.Writer) *signals {
	s := &signals{c: make(chan os.Signal, 16), tell: tell}
	signal.Notify(s.c, unix.SIGPIPE)
	for _, sig := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT} {
		if !signal.Ignored(sig) {
			signal.Notify(s.c, sig)
		}
	}
	return s
}

// context ends with the first signal.
func (s *signals) context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
	go func() {
		for sig := range s.c {
			s.take(sig.(unix.Signal))
		}
	}()
	return ctx, cancel
}

func (s *signals) take(sig unix.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case sig == unix.SIGPIPE:
	case s.handed:
		if s.pass != nil {
			s.pass(sig)
		}
	case s.first == 0:
		s.first = sig
		s.cancel()
		fmt.Fprintln(s.tell, "\nzlaunch: interrupted")
	default:
		fmt.Fprintln(s.tell, "zlaunch: still taking back what was made; killed now, the next zlaunch does it")
	}
}

// handOver gives the signals away from now on: to a podman that is attached to
// the terminal. A nil pass is somebody in this process who catches them as well.
// A signal that came before still counts for zlaunch.
func (s *signals) handOver(pass func(os.Signal)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handed, s.pass = true, pass
}

// got is the signal that ended the context, 0 for none.
func (s *signals) got() unix.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// stop catches no more signals.
func (s *signals) stop() { signal.Stop(s.c) }
