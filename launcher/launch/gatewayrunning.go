package launch

import (
	"context"
	"net"
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// RunningGateway is a gateway that runs.
type RunningGateway struct {
	Proxy   string // its container
	Backend string // the container that it is in front of
	Front   gateway.Gateway
	Files   string // the directory that it reads
	Ports   []podman.Port
}

// Running is the gateway of a stack as it runs, [ErrNoGateway] where none does.
func (gs Gateways) Running(ctx context.Context, stack string) (*RunningGateway, error) {
	id, o, err := gs.find(ctx, stack)
	if err != nil {
		return nil, err
	}
	c, err := gs.r.Engine.Containers.Inspect(ctx, id)
	if err != nil {
		return nil, err
	}
	g := o.InStack.Gateway
	return &RunningGateway{Proxy: id, Backend: g.Backend, Front: g.Front, Files: g.Files, Ports: c.Ports}, nil
}

// Address is where this host reaches a port of the proxy, "" where it is not published.
func (g *RunningGateway) Address(port uint16) string {
	for _, p := range g.Ports {
		if p.Container != port || p.Protocol != "tcp" || p.HostPort == 0 {
			continue
		}
		host := p.HostIP
		switch host {
		case "", "0.0.0.0":
			host = "127.0.0.1"
		case "::":
			host = "::1"
		}
		return net.JoinHostPort(host, strconv.Itoa(int(p.HostPort)))
	}
	return ""
}
