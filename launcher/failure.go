package launcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// tailLines is how much of a failed workload's output is shown.
const tailLines = 20

// ExitedError is a workload that ended before it served.
type ExitedError struct {
	Profile string
	Code    int
	Tail    string // its last lines, as it wrote them: hostile
}

func (e *ExitedError) Error() string {
	text := fmt.Sprintf("waiting for %s: the workload ended with status %d before it served", e.Profile, e.Code)
	if tail := strings.TrimRight(e.Tail, "\n"); tail != "" {
		text += "; its last lines:\n  " + strings.ReplaceAll(tail, "\n", "\n  ")
	}
	return text
}

// likely maps what servers typically say to the control that caused it and what
// to change (controls reference, section 12).
var likely = []struct{ says, cause string }{
	{"read-only file system", "the root file system is read-only (ZL-501): give the path a sized tmpfs in the profile, tmpfs.\"/path\" = { size = \"64m\" }"},
	{"failed to map segment", "the path is mounted noexec (ZL-503): tmpfs.\"/path\" = { size = …, exec = true, why = \"…\" }"},
	{"no space left on device", "a tmpfs or /dev/shm is full (ZL-806): raise shm_size or the tmpfs's size"},
	{"resource temporarily unavailable", "the pids limit is reached (ZL-803): raise pids_limit"},
	{"cannot allocate memory", "the memory limit is reached (ZL-801): zlaunch run --memory SIZE"},
	{"operation not permitted", "the workload wants a capability, usually to chown or change user at its start (ZL-203): start it as its final user"},
	{"permission denied", "a file is not the workload's to read (ZL-932), or not labelled for containers (ZL-510): zlaunch plan shows its identity"},
}

func likelyCause(tail string) string {
	low := strings.ToLower(tail)
	for _, l := range likely {
		if strings.Contains(low, l.says) {
			return "likely cause: " + l.cause
		}
	}
	return ""
}

// serve looks at the started workload once more and waits until it serves, both at
// once. A difference ends the wait.
func (la *launch) serve(ctx context.Context) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	looked := make(chan error, 1)
	go func() {
		err := la.proveStarted(ctx)
		if err != nil {
			stop()
		}
		looked <- err
	}()
	err := la.ready(waiting)
	if different := <-looked; different != nil {
		return different
	}
	return err
}

// ready waits until a detached run serves. Its early end is reported with its
// last lines and the likely cause.
func (la *launch) ready(ctx context.Context) error {
	if readyURL(la.plan) == "" {
		return nil
	}
	watch, cancel := context.WithCancel(ctx)
	exited, code := make(chan struct{}), 0
	var werr error
	go func() {
		defer close(exited)
		code, werr = la.Engine.Wait(watch, la.run.ID)
	}()
	err := la.waitReady(ctx, la.plan, exited)
	if errors.Is(err, errExited) {
		cancel()
		if werr != nil {
			return werr
		}
		tail := la.lastLines(ctx)
		return hint.Wrap(&ExitedError{la.plan.Profile.Name, code, tail}, likelyCause(tail))
	}
	if err != nil && ctx.Err() == nil {
		if tail := la.lastLines(ctx); tail != "" {
			err = hint.Wrap(fmt.Errorf("%w; its last lines:\n  %s", err, strings.ReplaceAll(tail, "\n", "\n  ")), hint.Of(err))
		}
	}
	cancel()
	<-exited
	return err
}

// lastLines is the end of the workload's output, bounded in lines and bytes.
func (la *launch) lastLines(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var buf bytes.Buffer
	w := &bounded{&buf, 16 << 10}
	if err := la.Engine.Logs(ctx, la.run.ID, podman.LogOptions{Tail: tailLines}, w, w); err != nil {
		return ""
	}
	return strings.TrimRight(buf.String(), "\n")
}

// bounded keeps the first n bytes and drops the rest.
type bounded struct {
	buf *bytes.Buffer
	n   int
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.n - b.buf.Len(); room > 0 {
		b.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
