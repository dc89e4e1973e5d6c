package launcher

import (
	"context"
	"os"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/gateway/setup"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// Gateways readies and reaches the gateways of this user.
type Gateways struct{ l *Launcher }

// Gateways is where the gateways of stacks are readied and reached.
func (st Stacks) Gateways() Gateways { return Gateways(st) }

// Reload has the gateway of a stack that is up read its files anew; see
// [launch.Gateways.Reload].
func (gs Gateways) Reload(ctx context.Context, name string) error {
	r, err := runner(gs.l, "reloading the gateway of "+name)
	if err != nil {
		return err
	}
	return r.Gateways().Reload(ctx, name)
}

// Ready writes what the proxy in front of a stack reads, but for its configuration. It stays
// when the stack goes: a certificate that clients trust, and who has tokens.
func (gs Gateways) Ready(ctx context.Context, s *stack.Stack) error {
	root := files.Root(gs.l.Dirs.State)
	dir, err := root.Gateway(s.Name)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	now := time.Now()
	if gs.l.Now != nil {
		now = gs.l.Now()
	}
	w := &setup.Setup{Dir: dir, Local: pki.LocalOf(root, host), Settings: s.Gateway.Settings, Beside: s.Beside, Now: now}
	return w.Write(ctx)
}
