package launcher

import (
	"context"
	"time"

	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/service"
)

// Services plans and holds what systemd starts for a [Launcher]; launcher/service has the
// units.
type Services struct{ of *Launcher }

// Version makes of the plan of a service what its units are written of; see
// [service.NewVersion].
func (ss Services) Version(p *Plan) (*service.Version, error) {
	if err := reaches(ss.of, "planning service "+p.Options.Service); err != nil {
		return nil, err
	}
	at := time.Now()
	if ss.of.Now != nil {
		at = ss.of.Now()
	}
	return service.NewVersion(planner(ss.of), p, at)
}

// Free refuses a plan whose name or ports somebody has; see [launch.Free].
func (ss Services) Free(ctx context.Context, p *Plan) error {
	r, err := runner(ss.of, "reserving the ports of "+p.Options.Service)
	if err != nil {
		return err
	}
	return launch.Free(ctx, r, p)
}

// Serves waits until a container that a unit started answers; see [launch.Serves].
func (ss Services) Serves(ctx context.Context, id, url string, within time.Duration) error {
	r, err := runner(ss.of, "waiting for "+url)
	if err != nil {
		return err
	}
	return launch.Serves(ctx, r, id, url, within)
}
