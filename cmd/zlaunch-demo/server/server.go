// Package server is a small model server for trying zlaunch without a registry: the
// command zlaunch-demo, which zlaunch itself is under that name. It speaks the HTTP half of the KServe v2 inference protocol and
// answers health checks over gRPC; its models are linear classifiers read from
// a model repository.
package server

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

// Exit codes, the same as zlaunch's own.
const (
	exitUsage    = 2 // the command line is wrong
	exitCannotDo = 3 // no model, no port
)

// drainTime is how long requests under way may take after SIGTERM: below
// Podman's stop timeout of 10 seconds, after which it kills.
const drainTime = 5 * time.Second

//go:embed models
var models embed.FS

// Repository is the demo's own model repository.
func Repository() (fs.FS, error) { return fs.Sub(models, "models") }

// Main serves by the command line args until it is told to stop, and returns the exit
// code.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return run(ctx, args, stdout, stderr)
}

// run serves until ctx is done and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args, stderr)
	if errors.Is(err, errHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "zlaunch-demo: error: %v\n", err)
		return exitUsage
	}
	if err := serve(ctx, opts, stdout); err != nil {
		fmt.Fprintf(stderr, "zlaunch-demo: error: %v\n", err)
		return exitCannotDo
	}
	return 0
}

// serve loads the models, opens both ports, says so on stdout in one line, and
// answers until ctx is done.
func serve(ctx context.Context, opts options, stdout io.Writer) error {
	models, err := loadRepository(opts.repository)
	if err != nil {
		return err
	}
	web, err := net.Listen("tcp", opts.httpAddress())
	if err != nil {
		return fmt.Errorf("opening the HTTP port: %w", err)
	}
	defer web.Close()
	rpc, err := net.Listen("tcp", opts.grpcAddress())
	if err != nil {
		return fmt.Errorf("opening the gRPC port: %w", err)
	}
	defer rpc.Close()

	s := &server{models: models}
	fmt.Fprintf(stdout, "zlaunch-demo: serving %s: http %s, grpc %s\n", s.names(), web.Addr(), rpc.Addr())
	return s.serveBoth(ctx, web, rpc)
}

// serveBoth runs both servers until ctx is done or one of them fails.
func (s *server) serveBoth(ctx context.Context, web, rpc net.Listener) error {
	webServer, rpcServer := bounded(s.httpHandler()), bounded(s.grpcHandler())
	rpcServer.Protocols = new(http.Protocols)
	rpcServer.Protocols.SetUnencryptedHTTP2(true)

	failed := make(chan error, 2)
	go func() { failed <- webServer.Serve(web) }()
	go func() { failed <- rpcServer.Serve(rpc) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.draining.Store(true)
	late, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if webServer.Shutdown(late) != nil {
		webServer.Close()
	}
	if rpcServer.Shutdown(late) != nil {
		rpcServer.Close()
	}
	return err
}

// bounded is an HTTP server on which no client can hold a connection, a header
// or a request open without end.
func bounded(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
}
