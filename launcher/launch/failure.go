package launch

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

// serve looks at the started workload once more and waits until it serves, both at
// once. A difference ends the wait.
func (la *launch) serve(ctx context.Context) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	looked := make(chan error, 1)
	go func() {
		err := la.prover.proveStarted(ctx)
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
	if endpointOf(la.r.Engine, la.plan, la.run.pid) == nil {
		return nil
	}
	watch, cancel := context.WithCancel(ctx)
	exited, code := make(chan struct{}), 0
	var werr error
	go func() {
		defer close(exited)
		code, werr = la.r.Engine.Containers.Wait(watch, la.run.ID)
	}()
	err := la.run.waitReady(ctx, exited)
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
	if err := la.r.Engine.Containers.Logs(ctx, la.run.ID, podman.LogOptions{Tail: tailLines}, w, w); err != nil {
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
