package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// obey answers HTTP on every port until SIGTERM: to /do?a=ACTION&a=ARG it
// answers with what that action said, run as a child of this process and so
// confined as this process is. The exit code is the header Code.
func obey(args []string) (int, error) { return answer(args, order, false) }

// answer serves HTTP on every port until SIGTERM; two is HTTP/2 without TLS as well.
func answer(ports []string, do http.HandlerFunc, two bool) (int, error) {
	ctx, cancel := untilStopped()
	defer cancel()
	if len(ports) == 0 {
		return 2, errors.New("want ports")
	}
	failed := make(chan error, len(ports))
	for _, arg := range ports {
		port, err := strconv.ParseUint(arg, 10, 16)
		if err != nil {
			return 2, err
		}
		listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			return 1, err
		}
		server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: do, Protocols: &http.Protocols{}}
		server.Protocols.SetHTTP1(true)
		server.Protocols.SetUnencryptedHTTP2(two)
		go func() { failed <- server.Serve(listener) }()
	}
	select {
	case <-ctx.Done():
		return 0, nil
	case err := <-failed:
		return 1, err
	}
}

func order(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/do" {
		fmt.Fprintf(w, "%s %q\n", r.Method, r.URL.Path)
		return
	}
	said, code := child(r.Context(), r.URL.Query()["a"])
	w.Header().Set("Code", strconv.Itoa(code))
	w.Write(said)
}

// child runs this program once more and gives all it wrote, with its exit code.
func child(ctx context.Context, args []string) ([]byte, int) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return []byte(err.Error()), 1
	}
	return said.Bytes(), cmd.ProcessState.ExitCode()
}

// each does actions one after the other, whatever each one's end: every argument
// is an action and what it takes, divided by spaces. Headings tell them apart.
func each(args []string) (int, error) {
	for _, line := range args {
		said, code := child(context.Background(), strings.Fields(line))
		fmt.Printf("== %s\n%s\n== code %d\n", line, bytes.TrimRight(said, "\n\x00"), code)
	}
	return 0, nil
}

// program runs another program of the image and ends with its code.
func program(args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New("want a program")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return 126, err
	}
	return cmd.ProcessState.ExitCode(), nil
}
