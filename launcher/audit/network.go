package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

var network = []*Control{
	{ID: "ZL-701", Name: "own-network", Severity: High, Why: "the host's network reaches loopback services and is not isolated at all", Refs: []string{"IBM L84-90"}, Reads: []container.Row{container.Network}, Judge: old(ownNetwork)},
	{ID: "ZL-703", Name: "named-network", Severity: Medium, Why: "a named network gives name resolution and a boundary", Refs: []string{"IBM L84-90"}, Reads: []container.Row{container.Network}, Judge: old(namedNetwork)},
	{ID: "ZL-708", Name: "loopback-ports", Severity: High, Why: "these servers have no authentication and no TLS; an address that is not loopback shows them to the network", Refs: []string{"IBM L79-90"}, Reads: []container.Row{container.Publish}, Judge: old(loopbackPorts)},
}
