package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// loading is how long the stand-in takes to load its model, so that whoever
// waits for it has to wait.
const loading = 700 * time.Millisecond

// model is what is served.
type model struct {
	factor int
	facts  *facts
}

// listener is one port of a server.
type listener struct {
	port    int
	early   bool                       // open while the model loads, and says 503
	answers func(m model) http.Handler // nil takes connections and says nothing, as a gRPC port to one that does not speak it
}

// serve opens the ports and answers until SIGTERM.
func serve(ports []listener, m model) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	ended := make(chan error, len(ports))
	ready := &atomic.Bool{}
	for _, p := range ports {
		if p.early {
			go func() { ended <- p.open(m, ready) }()
		}
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	case <-time.After(loading):
	}
	ready.Store(true)
	for _, p := range ports {
		if !p.early {
			go func() { ended <- p.open(m, ready) }()
		}
	}
	fmt.Println("standin: serving")
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

func (p listener) open(m model, ready *atomic.Bool) error {
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", p.port))
	if err != nil {
		return err
	}
	if p.answers == nil {
		return mute(l)
	}
	inner, early := p.answers(m), &atomic.Int64{}
	return (&http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ready.Load() {
			early.Add(1)
			http.Error(w, "loading the model", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Standin-Early-Requests", fmt.Sprint(early.Load()))
		inner.ServeHTTP(w, r)
	})}).Serve(l)
}

// mute accepts and holds connections until the other side closes them.
func mute(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			conn.Read(make([]byte, 1))
		}()
	}
}
