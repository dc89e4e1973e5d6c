package launcher

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// undoTime is how long a failed or interrupted launch may take to remove what
// it made: the workload has not run or gets no time to stop.
const undoTime = 60 * time.Second

// abandon takes away what the launch made, newest first, and joins to cause what
// could not be taken away.
func (la *launch) abandon(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	for i := len(la.undos) - 1; i >= 0; i-- {
		if err := la.undos[i](ctx); err != nil {
			cause = errors.Join(cause, err)
		}
	}
	la.letGo()
	return cause
}

// letGo gives back the locks.
func (la *launch) letGo() {
	if la.ports != nil {
		la.ports.release()
	}
	la.net.share()
	for _, k := range la.locks {
		k.release()
	}
	la.ports, la.net, la.locks = nil, nil, nil
}

// dropNetwork removes the network unless another launch or container has it.
func (la *launch) dropNetwork(ctx context.Context) error {
	name := la.plan.Network
	la.net.share()
	la.net = nil
	err := la.removeNetwork(ctx, name)
	if errors.Is(err, podman.ErrNoService) && la.dropNetworkByCLI(ctx, name) == nil {
		return nil
	}
	return err
}

// dropNetworkByCLI is dropNetwork where the service is gone. Podman refuses to
// remove a network that is used; only one that zlaunch made is tried.
func (la *launch) dropNetworkByCLI(ctx context.Context, name string) error {
	return la.unlessUsed(name, func() error {
		out, err := la.Engine.CLIContext(ctx, "network", "ls", "--filter", "label="+LabelProfile, "--format", "{{.Name}}").Output()
		if err != nil || !slices.Contains(strings.Fields(string(out)), name) {
			return err
		}
		if out, err := la.Engine.CLIContext(ctx, "network", "rm", name).CombinedOutput(); err != nil && !strings.Contains(string(out), "being used") {
			return err
		}
		return nil
	})
}

func (l *Launcher) removeNetwork(ctx context.Context, name string) error {
	return l.unlessUsed(name, func() error {
		_, err := l.Engine.RemoveNetworkIfUnused(ctx, name)
		return err
	})
}

// unlessUsed does what no other launch that wants the network may see half done,
// or nothing where there is one.
func (l *Launcher) unlessUsed(network string, do func() error) error {
	k, err := l.tryLock("net-" + network)
	if errors.Is(err, errHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.release()
	return do()
}

// remove takes away every container of this launch, known by its label: an
// answer of the engine may have been lost. Where the service itself is gone,
// podman is asked directly.
func (la *launch) remove(ctx context.Context) error {
	defer la.Engine.EndOrphans(la.run.ID)
	if la.lost {
		defer la.removeStorage(ctx)
	}
	label := LabelLaunch + "=" + la.run.Launch
	err := la.removeByAPI(ctx)
	if err == nil {
		return nil
	}
	out, lerr := la.Engine.CLIContext(ctx, "ps", "-aq", "--no-trunc", "--filter", "label="+label).Output()
	if lerr != nil {
		return hint.Wrap(fmt.Errorf("removing the container: %w", err), "podman ps -a --filter label="+label)
	}
	for _, id := range strings.Fields(string(out)) {
		if out, rerr := la.Engine.CLIContext(ctx, "rm", "-f", "-t", "0", "-v", id).CombinedOutput(); rerr != nil {
			return hint.Errorf("podman rm -f "+id, "removing the container: %s", strings.TrimSpace(string(out)))
		}
	}
	return nil
}

// removeStorage takes away what a service that was killed in the middle of a create
// leaves: a storage under the name this launch had reserved, without a container
// and without labels.
func (la *launch) removeStorage(ctx context.Context) {
	name, _, _ := container.Name.Get(la.plan.Stated)
	out, err := la.Engine.CLIContext(ctx, "ps", "-a", "--external", "--no-trunc", "--filter", "name=^"+regexp.QuoteMeta(name)+"$", "--format", "{{.ID}} {{.Status}}").Output()
	if err != nil {
		return // the name is then passed over by the next launch
	}
	for _, line := range strings.Split(string(out), "\n") {
		if id, ok := strings.CutSuffix(line, " Storage"); ok {
			_ = la.Engine.CLIContext(ctx, "rm", "-f", id).Run()
		}
	}
}

func (la *launch) removeByAPI(ctx context.Context) error {
	list, err := la.Engine.List(ctx, map[string]string{LabelLaunch: la.run.Launch})
	for _, c := range list {
		err = errors.Join(err, la.Engine.Remove(ctx, c.ID, podman.RemoveOptions{Force: true, Volumes: true}))
	}
	return err
}
