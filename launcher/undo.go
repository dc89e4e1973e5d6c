package launcher

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/claim"
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

// dropNetwork removes the network where it is claimed and no other launch or
// container has it.
func (la *launch) dropNetwork(ctx context.Context) error {
	name := la.plan.Network
	la.net.share()
	la.net = nil
	err := la.removeNetworks(ctx, name)
	if errors.Is(err, podman.ErrNoService) && la.dropNetworkByCLI(ctx, name) == nil {
		return nil
	}
	return err
}

// dropNetworkByCLI is dropNetwork where the service is gone. Podman refuses to
// remove a network that is used; only one that this launch made is tried.
func (la *launch) dropNetworkByCLI(ctx context.Context, name string) error {
	return la.unlessUsed(name, func() error {
		out, err := la.Engine.CLIContext(ctx, "network", "ls", "--filter", "label="+LabelLaunch+"="+la.run.Launch, "--format", "{{.Name}}").Output()
		if err != nil || !slices.Contains(strings.Fields(string(out)), name) {
			return err
		}
		if out, err := la.Engine.CLIContext(ctx, "network", "rm", name).CombinedOutput(); err != nil && !strings.Contains(string(out), "being used") {
			return err
		}
		return la.claims().Drop(claim.Network, la.run.Launch)
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

// remove takes away the container of this launch, started or not, and the claim on
// it. Where the service itself is gone, podman is asked directly.
func (la *launch) remove(ctx context.Context) error {
	if la.claim.Token == "" {
		return nil
	}
	if la.lost {
		defer la.removeStorage(ctx)
	}
	if la.claim.ID == "" {
		found, err := la.Engine.Claimed(ctx, la.claim) // the answer may have been lost
		switch {
		case err == nil:
			la.claim.ID = found.ID
		case errors.Is(err, podman.ErrNoContainer):
			return la.unclaim()
		default:
			la.claim.ID = la.idByCLI(ctx)
		}
	}
	if la.claim.ID == "" {
		return la.unclaim()
	}
	err := la.Engine.Remove(ctx, la.claim.ID, podman.RemoveOptions{Force: true, Volumes: true})
	if err != nil && !errors.Is(err, podman.ErrNoContainer) {
		if out, rerr := la.Engine.CLIContext(ctx, "rm", "-f", "-i", "-t", "0", la.claim.ID).CombinedOutput(); rerr != nil {
			return hint.Errorf("podman rm -f "+la.claim.ID, "removing the container: %s", strings.TrimSpace(string(out)))
		}
	}
	la.Engine.EndOrphans(la.claim.ID)
	return la.unclaim()
}

// unclaim takes the claim back, unless the engine may still be at work on what it
// did not answer for: then the next call that reaps looks again.
func (la *launch) unclaim() error {
	if la.lost && la.claim.ID == "" {
		return nil
	}
	la.run.ID, la.claim.ID = "", ""
	return la.claims().Drop(claim.Container, la.claim.Token)
}

// idByCLI finds the container where no service answers: one of the name and the
// label of this launch, which only it has before the engine names it.
func (la *launch) idByCLI(ctx context.Context) string {
	out, err := la.Engine.CLIContext(ctx, "ps", "-a", "--no-trunc", "--filter", "label="+LabelLaunch+"="+la.claim.Token,
		"--format", "{{.ID}} {{.Names}}").Output()
	if err != nil {
		return "" // the claim stays where the answer was lost
	}
	for line := range strings.Lines(string(out)) {
		if id, name, _ := strings.Cut(strings.TrimSpace(line), " "); name == la.claim.Name {
			return id
		}
	}
	return ""
}

// removeStorage takes away what a service that was killed in the middle of a create
// leaves: a storage under the name this launch had reserved, made since, without a
// container and without labels.
func (la *launch) removeStorage(ctx context.Context) {
	out, err := la.Engine.CLIContext(ctx, "ps", "-a", "--external", "--filter", "name=^"+regexp.QuoteMeta(la.claim.Name)+"$", "--format", "json").Output()
	var list []struct {
		ID      string `json:"Id"`
		State   string
		Status  string
		Names   []string
		Created int64 // seconds since 1970
	}
	if err != nil || json.Unmarshal(out, &list) != nil {
		return // the name is then passed over by the next launch
	}
	for _, c := range list {
		storage := strings.EqualFold(c.State, "storage") || strings.EqualFold(c.Status, "storage")
		if storage && slices.Equal(c.Names, []string{la.claim.Name}) && c.Created >= la.claim.Time.Unix() {
			_ = la.Engine.CLIContext(ctx, "rm", "-f", c.ID).Run()
		}
	}
}
