package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
	"unsafe"
)

func exit(args []string) (int, error) {
	code, err := onlyNumber(args, math.MaxUint8)
	if err != nil {
		return 2, err
	}
	return int(code), nil
}

// endBySignal sends itself a signal. The kernel protects process 1 of a
// container from its own signals: there a child does it, and this process exits
// with 128 and the signal's number, as a shell would.
func endBySignal(args []string) (int, error) {
	arg, err := only(args)
	if err != nil {
		return 2, err
	}
	number, known := map[string]syscall.Signal{
		"TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "INT": syscall.SIGINT,
		"HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT, "ABRT": syscall.SIGABRT,
	}[arg]
	if !known {
		return 2, fmt.Errorf("unknown signal %q", arg)
	}
	if os.Getpid() == 1 {
		child := exec.Command("/proc/self/exe", "signal", arg)
		child.Stderr = os.Stderr
		child.Run()
		return 128 + int(number), nil
	}
	if err := syscall.Kill(os.Getpid(), number); err != nil {
		return 1, err
	}
	time.Sleep(time.Second)
	return 1, fmt.Errorf("still alive after SIG%s", arg)
}

// untilStopped is done at SIGTERM or SIGINT.
func untilStopped() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
}

func sleep(args []string) (int, error) {
	d, err := onlyDuration(args)
	if err != nil {
		return 2, err
	}
	ctx, cancel := untilStopped()
	defer cancel()
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	return 0, nil
}

// deaf is a program without handlers, as sh -c is: as the first process of a pid
// namespace it is reached by no signal.
func deaf(args []string) (int, error) {
	d, err := onlyDuration(args)
	if err != nil {
		return 2, err
	}
	var byDefault [64]byte // sigaction: SIG_DFL, no flags, nothing blocked
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		const setSize = 8 // bytes of a set of 64 signals
		if _, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&byDefault)), 0, setSize, 0, 0); errno != 0 {
			return 1, errno
		}
	}
	fmt.Println("deaf")
	time.Sleep(d)
	return 0, nil
}

// interrupts counts, and says on the way that it does.
func interrupts(args []string) (int, error) {
	d, err := onlyDuration(args)
	if err != nil {
		return 2, err
	}
	came := make(chan os.Signal, 100)
	signal.Notify(came, syscall.SIGINT)
	fmt.Println("counting SIGINT")
	<-came
	over, n := time.After(d), 1
	for {
		select {
		case <-came:
			n++
		case <-over:
			fmt.Println("SIGINT came", n, "times")
			return 0, nil
		}
	}
}

// maxChildren bounds fork: no limit worth testing is higher.
const maxChildren = 10000

// fork starts children until n run at once or the kernel refuses, prints how
// many there were, and ends them. The code is 1 when it was refused.
func fork(args []string) (int, error) {
	n, err := onlyNumber(args, maxChildren)
	if err != nil {
		return 2, err
	}
	var children []*exec.Cmd
	var refused error
	for uint64(len(children)) < n && refused == nil {
		child := exec.Command("/proc/self/exe", "sleep", "1h")
		if refused = child.Start(); refused == nil {
			children = append(children, child)
		}
	}
	for _, child := range children {
		child.Process.Kill()
		child.Wait()
	}
	fmt.Println(len(children))
	return 0, refused
}

func serve(args []string) (int, error) {
	port, err := onlyNumber(args, math.MaxUint16)
	if err != nil {
		return 2, err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return 1, err
	}
	fmt.Println("serving", listener.Addr())
	ctx, cancel := untilStopped()
	defer cancel()
	server := &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %q\n", r.Method, r.URL.Path)
		}),
	}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return 1, err
	}
	return 0, nil
}
