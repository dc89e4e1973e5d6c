package launcher

import (
	"context"

	"github.com/zlaunch/zlaunch/launcher/launch"
)

// Running is the gateway of a stack as it runs; see [launch.Gateways.Running].
func (gs Gateways) Running(ctx context.Context, name string) (*launch.RunningGateway, error) {
	r, err := runner(gs.l, "looking for the gateway of "+name)
	if err != nil {
		return nil, err
	}
	return r.Gateways().Running(ctx, name)
}
