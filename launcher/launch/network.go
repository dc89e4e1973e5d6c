package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// network is a named network of one plan under way.
type network struct {
	r     *Runner
	tx    *transaction
	plan  *plan.Plan
	want  plan.Network
	token string          // of the claim on it
	lock  *record.Lock    // shared with other launches
	own   map[string]bool // as [launch.own]
}

// make makes the network where it is not there. The shared lock
// keeps a reaper from taking it away before the container holds it.
func (n *network) make(ctx context.Context) (err error) {
	name := n.want.Name
	if n.lock, err = n.r.Dirs.Locks().Share(ctx, "net-"+name, n.r.tell); err != nil {
		return err
	}
	n.tx.holds(n.letGo)
	n.tx.undo(n.drop)
	created, err := n.ensure(context.WithoutCancel(ctx), name)
	if err != nil {
		return n.failed(context.WithoutCancel(ctx), name, err)
	}
	if n.own != nil && !created && !n.own[name] {
		return hint.Errorf("what is in it: podman ps -a --filter network="+name+"\nelse: podman network rm "+name+", or another name: zlaunch up --name NAME",
			"creating network %s: there is one of that name, and the stack shares none", name)
	}
	if created {
		if n.own != nil {
			n.own[name] = true
		}
		line, _ := podmanrun.Line(n.want.Line(n.plan)) // the engine took the name: it can be quoted
		n.r.tell("created network " + name + ": " + line)
	}
	return nil
}

// ensure claims the network before it is made, and takes the claim back where
// it was there.
func (n *network) ensure(ctx context.Context, name string) (created bool, err error) {
	c := claim.Claim{Kind: claim.Network, Token: n.token, Engine: n.r.Engine.Place(), Name: name, Time: time.Now()}
	if err := n.r.Dirs.Claims().Put(c); err != nil {
		return false, record.WritingTo(n.r.Dirs.Runtime, err)
	}
	labels := map[string]string{plan.LabelProfile: n.plan.Profile.Name, plan.LabelVersion: n.r.Version, plan.LabelLaunch: c.Token}
	created, err = n.r.Engine.Networks.Ensure(ctx, podman.Network{Name: name, Internal: n.want.Internal, NoDNS: n.want.NoDNS, Labels: labels})
	if !created {
		if err == nil || podman.Answered(err) {
			err = errors.Join(err, n.r.Dirs.Claims().Drop(c.Kind, c.Token))
		}
		return false, err
	}
	made, err := n.r.Engine.Networks.Inspect(ctx, name)
	if c.ID = made.ID; err == nil && made.Labels[plan.LabelLaunch] == c.Token {
		err = n.r.Dirs.Claims().Put(c)
	}
	return true, err
}

// letGo gives back the share in the network.
func (n *network) letGo() {
	n.lock.Unshare()
	n.lock = nil
}

// drop removes the network where it is claimed and no other launch or
// container has it.
func (n *network) drop(ctx context.Context) error {
	name := n.want.Name
	n.letGo() // for whoever removes it takes the lock alone
	err := n.r.networks().remove(ctx, name)
	if errors.Is(err, podman.ErrNoService) && n.dropByCLI(ctx, name) == nil {
		return nil
	}
	return err
}

// dropByCLI is drop where the service is gone. Podman refuses to
// remove a network that is used; only one that this launch made is tried.
func (n *network) dropByCLI(ctx context.Context, name string) error {
	return n.r.networks().unlessUsed(name, func() error {
		out, err := n.r.Engine.CLI(ctx, "network", "ls", "--filter", "label="+plan.LabelLaunch+"="+n.token, "--format", "{{.Name}}").Output()
		if err != nil || !slices.Contains(strings.Fields(string(out)), name) {
			return err
		}
		if out, err := n.r.Engine.CLI(ctx, "network", "rm", name).CombinedOutput(); err != nil && !strings.Contains(string(out), "being used") {
			return err
		}
		return n.r.Dirs.Claims().Drop(claim.Network, n.token)
	})
}

// failed gives an error of making the network its next step. Podman on a
// full disk leaves its own file of the network empty, and complains of it from
// then on (measured: 4.3, netavark): that file is taken away.
func (n *network) failed(ctx context.Context, name string, err error) error {
	err = fmt.Errorf("creating network %s: %w", name, err)
	if !strings.Contains(err.Error(), "no space left on device") {
		return err
	}
	info, ierr := n.r.Engine.Info(ctx)
	if ierr != nil || !n.r.Engine.Local() {
		return hint.Wrap(err, "podman system df; make room there, then the same command again")
	}
	file := filepath.Join(info.GraphRoot, "networks", name+".json")
	if st, serr := os.Lstat(file); serr == nil && st.Mode().IsRegular() && st.Size() == 0 {
		err = errors.Join(err, os.Remove(file))
	}
	return hint.Wrap(err, record.RoomHint(info.GraphRoot))
}
