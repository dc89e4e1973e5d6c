package prison

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/canary"
	"github.com/zlaunch/zlaunch/launcher/scan/reports"
)

// run has the scanner look at one layout and reads its report.
func (j *job) run(ctx context.Context, dir string, image scan.Image) (s *scan.Scan, err error) {
	p, err := j.plan(ctx, dir, nil)
	if err != nil {
		return nil, err
	}
	err = j.hear(ctx, p, func(r io.Reader) (err error) {
		s, err = reports.Read(r, reports.About{Image: image})
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, j.finish(s, p)
}

// hear carries a plan out, and has what the scanner prints read meanwhile. Whatever the reader
// refuses ends the scanner.
func (j *job) hear(ctx context.Context, p *plan.Plan, read func(io.Reader) error) error {
	var said tail
	out, in := io.Pipe()
	heard := make(chan error, 1)
	go func() {
		err := read(&bound{out, maxReport})
		out.CloseWithError(cmp.Or(err, io.ErrClosedPipe))
		heard <- err
	}()
	ended, err := launch.Capture(ctx, j.Runner, p, in, &said)
	in.CloseWithError(err) // nil is the end of the report
	wrong := <-heard
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case ended != nil && (ended.Code != 0 || ended.OOM):
		return failed(ended, said.String())
	case wrong != nil && (err == nil || errors.Is(err, wrong)):
		return wrong
	}
	return err
}

// maxReport bounds what a scanner may print, in bytes. Reports of the largest public images
// with all their packages have some tens of MiB; what was made elsewhere may be larger,
// see [scan.MaxReport].
const maxReport = 128 << 20

// bound is a reader that ends with an error where more comes than may.
type bound struct {
	from io.Reader
	left int64
}

func (b *bound) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("it prints more than %d MiB", maxReport>>20)
	}
	return n, err
}

// plan works out the run, and refuses one that is no prison. args are the scanner's arguments;
// nil: those of its profile.
func (j *job) plan(ctx context.Context, dir string, args []string) (*plan.Plan, error) {
	p, err := j.Runner.Planner.Plan(ctx, plan.Options{
		Profile: j.by.Profile, Scanning: &plan.Scanning{Image: dir, Database: j.database.dir},
		Memory: j.by.Memory, Waive: j.by.Waive, FailOn: j.by.FailOn, Args: args, Detach: true, Pull: "never",
	})
	if err != nil {
		return nil, err
	}
	if open := confined(p); len(open) > 0 {
		return nil, hint.Errorf("zlaunch show "+j.by.Profile+"\nzlaunch plan "+j.by.Profile,
			"a scanner is run as a prisoner or not at all, and its profile is none: %s", strings.Join(open, "; "))
	}
	return p, nil
}

// finish writes down what zlaunch knows better than the report: who scanned, and when.
func (j *job) finish(s *scan.Scan, p *plan.Plan) error {
	if s.Tool.Name != j.profile.Scanner.Tool {
		return fmt.Errorf("its report is by %q, and its profile says that it is %s", s.Tool.Name, j.profile.Scanner.Tool)
	}
	s.Scanned = j.now().UTC()
	s.Prison = &scan.Prison{Profile: j.by.Profile, Plan: p.Hash, Database: j.database.digest, Canary: canary.Found(j.profile.Scanner.Finds)}
	if p.Image != nil {
		s.Prison.Scanner = scan.ImageOf(p.Image.ID).Config
	}
	return nil
}

// failed is what a scanner says that did not end well.
func failed(ended *launch.Captured, said string) error {
	text := fmt.Sprintf("it ended with status %d", ended.Code)
	next := "zlaunch scan --scanner PROFILE tries another"
	switch {
	case ended.OOM:
		text, next = "it was killed, for it took more memory than it may", "zlaunch scan --memory SIZE"
	case ended.Code == killed:
		text, next = "it was killed; if nobody did that, it ran out of its memory", "zlaunch scan --memory SIZE"
	case online(said):
		next = "it has no network, on purpose: give it a whole database, zlaunch scan --db DIRECTORY"
	}
	if said != "" {
		text += "; its last lines:\n  " + strings.ReplaceAll(said, "\n", "\n  ")
	}
	return hint.Wrap(errors.New(text), next)
}

// killed is the status of what SIGKILL ended.
const killed = 128 + 9

// online tells whether a scanner's words are those of one that missed a network: of Go's
// net package and of the C library.
func online(said string) bool {
	for _, words := range []string{"dial tcp", "dial udp", "no such host", "etwork is unreachable", "emporary failure in name resolution", "server misbehaving"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

// maxSaid is how much is kept of what a scanner says beside its report, in bytes.
const maxSaid = 2 << 10

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p[max(0, len(p)-maxSaid):]...)
	t.kept = append(t.kept[:0], t.kept[max(0, len(t.kept)-maxSaid):]...)
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(strings.ToValidUTF8(string(t.kept), "?")) }
