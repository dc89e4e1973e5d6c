package launcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// placeTries bounds how often a port that somebody took between the check and
// the bind is given up for the next one.
const placeTries = 5

// place reserves name and ports, creates the container and has it set up. Ports
// are bound in the setting up; one that was lost by then is replaced, unless it
// was typed.
func (la *launch) place(ctx context.Context) error {
	for try := 1; ; try++ {
		err := la.placeOnce(ctx)
		if err == nil || try == placeTries || ctx.Err() != nil || !la.canMove(err) {
			return err
		}
		if err := la.remove(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
}

func (la *launch) placeOnce(ctx context.Context) error {
	for _, step := range []func(context.Context) error{la.reserve, la.create, la.init} {
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
func (la *launch) canMove(err error) bool {
	name, mark, _ := container.Name.Get(la.plan.Stated)
	if errors.Is(err, podman.ErrNameInUse) && !typedMark(mark) {
		la.refused[name] = true
		return true
	}
	return portTaken(err)
}

// portTaken knows the words of rootlessport and of netavark.
func portTaken(err error) bool { return strings.Contains(err.Error(), "address already in use") }

func (la *launch) reserve(ctx context.Context) error {
	if la.ports != nil {
		la.ports.release()
	}
	taken := func(name string) (bool, error) {
		if la.refused[name] {
			return true, nil
		}
		return la.Engine.Exists(ctx, name)
	}
	ports, err := la.Launcher.reserve(ctx, la.plan.Stated, taken)
	if err != nil {
		return err
	}
	la.ports = ports
	la.plan.Effective = effective.Of(la.plan.Stated, la.defaults(la.plan))
	return nil
}

// create makes the container. A warning of the engine is an error: it tells of
// something that was asked for and will not be.
func (la *launch) create(ctx context.Context) error {
	p := la.plan
	if err := la.makeOutput(); err != nil {
		return err
	}
	line, err := RunLine(p)
	if err != nil {
		return err
	}
	la.announce()
	turn, err := la.createTurn(ctx)
	if err != nil {
		return err
	}
	slow := time.AfterFunc(firstUse, func() {
		la.tell("the first use of an image copies its layers under your ids; the next one will not")
	})
	defer slow.Stop()
	name, _, _ := container.Name.Get(p.Stated)
	if err := la.claimContainer(name, ""); err != nil {
		turn.release()
		return err
	}
	id, warnings, err := la.Engine.Create(context.WithoutCancel(ctx), p.Stated, podmanrun.Redacted(line))
	turn.release()
	if err != nil {
		la.lost = !podman.Answered(err)
		return fmt.Errorf("creating the container of %s: %w", p.Profile.Name, err)
	}
	la.run.ID, la.run.Name, la.run.Command = id, name, podmanrun.Redacted(line)
	if err := la.claimContainer(name, id); err != nil {
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
// own has no other client.
func (la *launch) createTurn(ctx context.Context) (*lock, error) {
	if la.Engine.Private() {
		return nil, nil
	}
	return la.waitLock(ctx, "create", unix.LOCK_EX)
}

// makeOutput makes the output directory that was not there.
func (la *launch) makeOutput() error {
	if la.plan.makeDir == "" {
		return nil
	}
	err := os.Mkdir(la.plan.makeDir, 0o755)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the output directory: %w", err)
	}
	made := la.plan.makeDir
	inode, err := model.InodeOf(made)
	la.plan.hold(la.plan.Profile.Output.At, inode, err)
	la.undos = append(la.undos, func(context.Context) error {
		_ = os.Remove(made) // unless something was written to it
		return nil
	})
	return nil
}

// firstUse is how long a create takes that copies nothing: 6 ms measured, more
// on a busy host.
const firstUse = time.Second

// announce says what is about to be done to the caller's files.
func (la *launch) announce() {
	if m := la.plan.Models; m != nil && la.Host.SELinux.Enabled && m.Unlabelled > 0 {
		la.tell(fmt.Sprintf("labelling %d files and directories of %s for containers (z)", m.Unlabelled, m.Path))
	}
}

// init has the runtime set the container up: namespaces, mounts and filters are
// there, the workload waits.
func (la *launch) init(ctx context.Context) error {
	go la.Engine.Prepare(ctx)
	err := la.Engine.Init(context.WithoutCancel(ctx), la.run.ID)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("setting up the container of %s: %w", la.plan.Profile.Name, err)
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
