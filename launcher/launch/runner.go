// Package launch carries plans out: it makes what a plan needs, proves that what
// would run is what was planned, starts it, and takes back whatever did not come to
// that. It also knows what zlaunch has running, and ends it.
package launch

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Runner carries plans out on one engine, and looks after what it made there.
type Runner struct {
	Planner *plan.Planner // plans anew with an image that had to be pulled
	Engine  *podman.Engine
	Host    *host.Facts
	Dirs    record.Dirs
	Version string           // of the program, for the labels
	Now     func() time.Time // nil: time.Now
	Tell    func(string)     // a step worth a line of its own; nil: silence
	Passing func(string)     // what goes on meanwhile, gone with the next call; nil: silence

	// look reads the evidence of a container, waiting or started; nil is [prover.gather].
	look func(ctx context.Context, c *podman.Container, started bool) (*observe.Proof, error)
	// cli is podman's command line; nil is [podman.Engine.CLI] without an end.
	cli func(args ...string) *exec.Cmd
}

func (l *Runner) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

func (l *Runner) tell(line string) {
	if l.Tell != nil {
		l.Tell(line)
	}
}

func (l *Runner) passing(line string) {
	if l.Passing != nil {
		l.Passing(line)
	}
}

// Pull fetches ref under policy and says so. For the demo's image, which zlaunch makes
// itself, no registry is asked, and of one of localhost none may know.
func (l *Runner) Pull(ctx context.Context, ref, policy string) error {
	if ref == plan.DemoImage {
		if _, err := l.Engine.Image(ctx, ref); !errors.Is(err, podman.ErrNoImage) {
			return err
		}
		return hint.Errorf(plan.ToGet("", ref), "finding image %s: it is made on this host, and is not here", ref)
	}
	if policy == "never" {
		return hint.Errorf("zlaunch pull, or another --pull", "finding image %s: it is not here, and pull is never", ref)
	}
	l.tell("pulling " + ref)
	_, err := l.Engine.Pull(ctx, ref, podman.PullOptions{Policy: policy, Progress: l.Passing})
	if strings.HasPrefix(ref, "localhost/") {
		err = hint.Wrap(err, plan.ToGet("", ref))
	}
	return err
}
