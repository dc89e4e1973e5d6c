package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// placeTries bounds how often a port that somebody took between the check and
// the bind is given up for the next one.
const placeTries = 5

// box is the container of one plan under way: from the reservation of its name and
// ports until it waits, set up, to be proved.
type box struct {
	r    *Runner
	tx   *transaction
	plan *plan.Plan
	run  *Run

	stack   string          // token of the stack that it is of; "" none
	ports   *reservation    // renewed at each try
	claim   claim.Claim     // no token: there is nothing to claim yet
	lost    bool            // the answer to a create never came
	refused map[string]bool // names the engine would not give, though no container has them
}

// place reserves name and ports, creates the container and has it set up. Ports
// are bound in the setting up; one that was lost by then is replaced, unless it
// was typed.
func (b *box) place(ctx context.Context) error {
	b.tx.holds(b.ports.release)
	for try := 1; ; try++ {
		err := b.placeOnce(ctx)
		if err == nil || try == placeTries || ctx.Err() != nil || !b.canMove(err) {
			return err
		}
		if err := b.remove(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
}

func (b *box) placeOnce(ctx context.Context) error {
	for _, step := range []func(context.Context) error{b.reserve, b.create, b.init} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// canMove tells whether another name or port may do: the port was lost between
// the check and the bind, or a storage without a container has the name, as a
// service that was killed leaves it.
func (b *box) canMove(err error) bool {
	name, mark, _ := container.Name.Get(b.plan.Stated)
	if errors.Is(err, podman.ErrNameInUse) && !plan.TypedMark(mark) {
		b.refused[name] = true
		return true
	}
	return portTaken(err)
}

// portTaken knows the words of rootlessport and of netavark.
func portTaken(err error) bool { return strings.Contains(err.Error(), "address already in use") }

func (b *box) reserve(ctx context.Context) error {
	taken := func(name string) (bool, error) {
		if b.refused[name] {
			return true, nil
		}
		return b.r.Engine.Containers.Exists(ctx, name)
	}
	if err := b.ports.settle(ctx, b.plan.Stated, taken); err != nil {
		return err
	}
	b.plan.Effective = effective.Of(b.plan.Stated, b.r.Planner.Defaults(b.plan))
	return nil
}

// create makes the container. A warning of the engine is an error: it tells of
// something that was asked for and will not be.
func (b *box) create(ctx context.Context) error {
	p := b.plan
	if err := b.makeOutput(); err != nil {
		return err
	}
	line, err := p.RunLine()
	if err != nil {
		return err
	}
	b.announce()
	release, err := plan.KeepModels(ctx, p, b.r.tell)
	if err != nil {
		return fmt.Errorf("running %s: %w", p.Profile.Name, err)
	}
	defer release()
	turn, err := b.createTurn(ctx)
	if err != nil {
		return err
	}
	slow := time.AfterFunc(firstUse, func() {
		b.r.tell("the first use of an image copies its layers under your ids; the next one will not")
	})
	defer slow.Stop()
	name, _, _ := container.Name.Get(p.Stated)
	if err := b.claimContainer(name, ""); err != nil {
		turn.Release()
		return err
	}
	id, warnings, err := b.r.Engine.Containers.Create(context.WithoutCancel(ctx), p.Stated, podmanrun.Redacted(line))
	turn.Release()
	if err != nil {
		b.lost = !podman.Answered(err)
		return fmt.Errorf("running %s: %w", p.Profile.Name, err)
	}
	b.run.ID, b.run.Name, b.run.Command = id, name, podmanrun.Redacted(line)
	if err := b.claimContainer(name, id); err != nil {
		return err
	}
	if len(warnings) > 0 {
		return hint.Errorf("zlaunch doctor", "creating the container of %s: the engine warns: %s", p.Profile.Name, strings.Join(warnings, "; "))
	}
	return nil
}

// createTurn waits for this user's turn to create. One Podman 4.3 service that
// looks up sub-ids for two keep-id containers at once crashes in libsubid, which
// is not safe for threads (measured: fifty launches at once). A service of our
// own has no other client, but for the members of one stack, whose turns are nobody's news.
func (b *box) createTurn(ctx context.Context) (*record.Lock, error) {
	lock, tell := "create", b.r.tell
	if b.stack != "" {
		tell = nil
	}
	if b.r.Engine.Private() {
		if b.stack == "" {
			return nil, nil
		}
		lock += "-" + b.stack
	}
	return b.r.Dirs.Locks().Wait(ctx, lock, tell)
}

// makeOutput makes the output directory that was not there.
func (b *box) makeOutput() error {
	if b.plan.MakeDir == "" {
		return nil
	}
	err := os.Mkdir(b.plan.MakeDir, 0o755)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the output directory: %w", err)
	}
	made := b.plan.MakeDir
	inode, err := model.InodeOf(made)
	b.plan.Hold(b.plan.Profile.Output.At, inode, err)
	b.tx.undo(func(context.Context) error {
		_ = os.Remove(made) // unless something was written to it
		return nil
	})
	return nil
}

// firstUse is how long a create takes that copies nothing: 6 ms measured, more
// on a busy host.
const firstUse = time.Second

// announce says what is about to be done to the caller's files.
func (b *box) announce() {
	if m := b.plan.Models; m != nil && b.r.Host.SELinux.Enabled && m.Unlabelled > 0 {
		b.r.tell(fmt.Sprintf("labelling %d files and directories of %s for containers (z)", m.Unlabelled, m.Path))
	}
}

// init has the runtime set the container up: namespaces, mounts and filters are
// there, the workload waits.
func (b *box) init(ctx context.Context) error {
	go b.r.Engine.Evidence.Prepare(ctx)
	err := b.r.Engine.Containers.Init(context.WithoutCancel(ctx), b.run.ID)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("setting up the container of %s: %w", b.plan.Profile.Name, err)
	switch {
	case strings.Contains(err.Error(), "rootless netns"):
		// Podman 4.3 leaves its shared network namespace half made when a service
		// is killed while making it (measured).
		err = hint.Wrap(err, "podman system migrate, which mends podman's network namespace and stops your containers")
	case strings.Contains(err.Error(), "workdir") && strings.Contains(err.Error(), "does not exist on container"):
		err = hint.Wrap(err, "the image's WORKDIR is not in it, or a link leads it elsewhere: --podman-arg=--workdir=/, or another directory of the image")
	case strings.Contains(err.Error(), "lsetxattr") && strings.Contains(err.Error(), "operation not permitted"):
		err = hint.Wrap(err, "only the owner of a file can label it: sudo chcon -R -t container_file_t PATH, or a copy of your own")
	}
	return err
}
