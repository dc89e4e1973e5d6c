package launcher

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// undoTime is how long a failed or interrupted launch may take to remove what
// it made: the workload has not run or gets no time to stop.
const undoTime = 60 * time.Second

// launch is one launch under way. Each step that makes something pushes how to
// take it away; finish empties the list.
type launch struct {
	*Launcher
	plan  *Plan
	run   *Run
	undos []func(context.Context) error
	locks []*lock
	ports *reservation
	net   *lock

	waiting *evidence       // what was seen before the start
	lost    bool            // the answer to a create never came
	refused map[string]bool // names the engine would not give, though no container has them
}

// Run is a container that was proved and started, or is about to be started by
// [Run.Attach].
type Run struct {
	Record
	Plan *Plan
	l    *launch
	pid  int
}

// Launch creates the container of p, proves it, and, for a detached plan, starts
// it and waits until it serves. An attached run is left for [Run.Attach] to start.
// On an error, the end of ctx included, everything it made is gone again.
func (l *Launcher) Launch(ctx context.Context, p *Plan) (*Run, error) {
	if err := p.Refusal(); err != nil {
		return nil, err
	}
	la := &launch{Launcher: l, plan: p, refused: map[string]bool{}}
	steps := []func(context.Context) error{la.begin, la.pull, la.network, la.place, la.prove}
	if p.Options.Detach {
		steps = append(steps, la.start, la.serve, la.finish)
	}
	for _, step := range steps {
		err := ctx.Err()
		if err == nil {
			err = step(ctx)
		}
		if err != nil {
			return nil, la.abandon(ctx, err)
		}
	}
	return la.run, nil
}

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

// begin claims a fresh launch id; the label carries it to the container.
func (la *launch) begin(context.Context) error {
	var id [12]byte
	rand.Read(id[:]) // never fails (crypto/rand)
	name := la.hostPrefix() + hex.EncodeToString(id[:])
	k, err := la.tryLock("launch-" + name)
	if err != nil {
		return err
	}
	la.locks = append(la.locks, k)
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(la.plan.Stated, LabelLaunch, name, from)
	la.run = &Run{Plan: la.plan, l: la, Record: Record{
		Schema: recordSchema, Launch: name, Profile: la.plan.Profile.Name, Plan: la.plan.Hash,
		User: la.Host.Username, Time: la.now().UTC(), Engine: "podman " + la.Engine.Version(), Version: la.Version,
		Network: la.plan.Network, Waivers: la.plan.Waivers,
	}}
	return nil
}

// pull fetches an absent image, and then works out what only the image can tell.
func (la *launch) pull(ctx context.Context) error {
	p := la.plan
	ref, _, _ := container.Image.Get(p.Stated)
	policy, _, _ := container.Pull.Get(p.Stated)
	if p.Image != nil && policy != "always" && policy != "newer" {
		return nil
	}
	if err := la.Pull(ctx, ref, policy); err != nil {
		return err
	}
	return la.replan(ctx)
}

// replan works the plan out again with the image at hand, and refuses what that
// brought to light.
func (la *launch) replan(ctx context.Context) error {
	launchID, _, _ := container.Labels.Get(la.plan.Stated, LabelLaunch)
	fresh, err := la.Plan(ctx, la.plan.Options)
	if err != nil {
		return err
	}
	if err := fresh.Refusal(); err != nil {
		return err
	}
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(fresh.Stated, LabelLaunch, launchID, from)
	*la.plan = *fresh
	la.run.Record.Plan, la.run.Record.Waivers = fresh.Hash, fresh.Waivers
	return nil
}

// Pull fetches ref under policy and says so.
func (l *Launcher) Pull(ctx context.Context, ref, policy string) error {
	if policy == "never" {
		return hint.Errorf("zlaunch pull, or another --pull", "finding image %s: it is not here, and pull is never", ref)
	}
	l.tell("pulling " + ref)
	_, err := l.Engine.Pull(ctx, ref, podman.PullOptions{Policy: policy, Progress: l.Passing})
	return err
}

// network makes the run's own network where it is not there. The shared lock
// keeps a reaper from taking it away before the container holds it.
func (la *launch) network(ctx context.Context) (err error) {
	name := la.plan.Network
	if name == "" {
		return nil
	}
	if la.net, err = la.shareLock("net-" + name); err != nil {
		return err
	}
	labels := map[string]string{LabelProfile: la.plan.Profile.Name, LabelVersion: la.Version}
	created, err := la.Engine.EnsureNetwork(context.WithoutCancel(ctx), podman.Network{Name: name, Labels: labels})
	if err != nil {
		return fmt.Errorf("creating network %s: %w", name, err)
	}
	la.undos = append(la.undos, func(ctx context.Context) error { return la.dropNetwork(ctx) })
	if created {
		line, _ := podmanrun.Line(NetworkLine(la.plan)) // the engine took the name: it can be quoted
		la.tell("created network " + name + ": " + line)
	}
	return nil
}

// dropNetwork removes the network unless another launch or container has it.
func (la *launch) dropNetwork(ctx context.Context) error {
	name := la.plan.Network
	la.net.share()
	la.net = nil
	return la.removeNetwork(ctx, name)
}

func (l *Launcher) removeNetwork(ctx context.Context, name string) error {
	k, err := l.tryLock("net-" + name)
	if errors.Is(err, errHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.release()
	_, err = l.Engine.RemoveNetworkIfUnused(ctx, name)
	return err
}

// NetworkLine is the podman command that makes the plan's network, nil when it
// needs none.
func NetworkLine(p *Plan) []string {
	if p.Network == "" {
		return nil
	}
	return []string{"podman", "network", "create", "--label", LabelProfile + "=" + p.Profile.Name, p.Network}
}

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
	ports, err := la.Launcher.reserve(la.plan.Stated, taken)
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
	if la.run.ID == "" {
		la.undos = append(la.undos, la.remove)
	}
	la.announce()
	slow := time.AfterFunc(firstUse, func() {
		la.tell("the first use of an image copies its layers under your ids; the next one will not")
	})
	defer slow.Stop()
	turn, err := la.createTurn()
	if err != nil {
		return err
	}
	id, warnings, err := la.Engine.Create(context.WithoutCancel(ctx), p.Stated, podmanrun.Redacted(line))
	turn.release()
	if err != nil {
		la.lost = !podman.Answered(err)
		return fmt.Errorf("creating the container of %s: %w", p.Profile.Name, err)
	}
	la.run.ID = id
	la.run.Name, _, _ = container.Name.Get(p.Stated)
	la.run.Command = podmanrun.Redacted(line)
	if len(warnings) > 0 {
		return hint.Errorf("zlaunch doctor", "creating the container of %s: the engine warns: %s", p.Profile.Name, strings.Join(warnings, "; "))
	}
	return nil
}

// createTurn waits for this user's turn to create. One Podman 4.3 service that
// looks up sub-ids for two keep-id containers at once crashes in libsubid, which
// is not safe for threads (measured: fifty launches at once). A service of our
// own has no other client.
func (la *launch) createTurn() (*lock, error) {
	if la.Engine.Private() {
		return nil, nil
	}
	return la.flock("create", unix.LOCK_EX)
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
	err := la.Engine.Init(context.WithoutCancel(ctx), la.run.ID)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("setting up the container of %s: %w", la.plan.Profile.Name, err)
	if strings.Contains(err.Error(), "rootless netns") {
		// Podman 4.3 leaves its shared network namespace half made when a service
		// is killed while making it (measured).
		err = hint.Wrap(err, "podman system migrate, which mends podman's network namespace and stops your containers")
	}
	return err
}

func (la *launch) start(ctx context.Context) error {
	if err := la.Engine.Start(context.WithoutCancel(ctx), la.run.ID); err != nil {
		return fmt.Errorf("starting the container of %s: %w", la.plan.Profile.Name, err)
	}
	return nil
}

// remove takes away every container of this launch, known by its label: an
// answer of the engine may have been lost. Where the service itself is gone,
// podman is asked directly.
func (la *launch) remove(ctx context.Context) error {
	defer la.Engine.EndOrphans(la.run.ID)
	if la.lost {
		defer la.removeStorage()
	}
	label := LabelLaunch + "=" + la.run.Launch
	err := la.removeByAPI(ctx)
	if err == nil {
		return nil
	}
	out, lerr := la.Engine.CLI("ps", "-aq", "--no-trunc", "--filter", "label="+label).Output()
	if lerr != nil {
		return hint.Wrap(fmt.Errorf("removing the container: %w", err), "podman ps -a --filter label="+label)
	}
	for _, id := range strings.Fields(string(out)) {
		if out, rerr := la.Engine.CLI("rm", "-f", "-t", "0", "-v", id).CombinedOutput(); rerr != nil {
			return hint.Errorf("podman rm -f "+id, "removing the container: %s", strings.TrimSpace(string(out)))
		}
	}
	return nil
}

// removeStorage takes away what a service that was killed in the middle of a create
// leaves: a storage under the name this launch had reserved, without a container
// and without labels.
func (la *launch) removeStorage() {
	name, _, _ := container.Name.Get(la.plan.Stated)
	out, err := la.Engine.CLI("ps", "-a", "--external", "--no-trunc", "--filter", "name=^"+name+"$", "--format", "{{.ID}} {{.Status}}").Output()
	if err != nil {
		return // the name is then passed over by the next launch
	}
	for _, line := range strings.Split(string(out), "\n") {
		if id, ok := strings.CutSuffix(line, " Storage"); ok {
			_ = la.Engine.CLI("rm", "-f", id).Run()
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

// finish records the launch, which from then on owns its container.
func (la *launch) finish(context.Context) error {
	if err := la.save(&la.run.Record); err != nil {
		return err
	}
	la.undos = nil
	la.letGo()
	return nil
}

// RunLine is the podman command that does what the plan does, word by word.
func RunLine(p *Plan) ([]string, error) {
	args, err := podmanrun.Args(p.Stated)
	if err != nil {
		return nil, err
	}
	line := []string{"podman", "run"}
	if p.Options.Detach {
		line = append(line, "--detach")
	}
	return append(line, args...), nil
}
