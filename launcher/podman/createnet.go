package podman

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// putNetwork tells Podman's network modes from networks that have names, which
// need mode bridge: named beside any other mode the engine refuses them.
func putNetwork(b *createBody, names []string) {
	if len(names) == 0 {
		return
	}
	mode, _, _ := strings.Cut(names[0], ":")
	b.NetNS = wireNamespace{NSMode: mode}
	switch mode {
	case "none", "host", "private", "pasta", "slirp4netns":
	case "container", "ns":
		b.NetNS = namespace(names[0])
	case "bridge":
		b.Networks = map[string]wireNetwork{"default": {}}
	default:
		b.NetNS.NSMode = "bridge"
		b.Networks = map[string]wireNetwork{}
		for _, n := range names {
			b.Networks[n] = wireNetwork{}
		}
	}
}

func putPublish(b *createBody, s *container.Spec) error {
	for _, key := range container.Publish.Keys(s) {
		p, _, _ := container.Publish.Get(s, key)
		port, proto, err := podmanrun.PortOf(key)
		if err != nil {
			return err
		}
		if p.HostIP == "0.0.0.0" { // all addresses, which Podman writes as none
			p.HostIP = ""
		}
		b.PortMappings = append(b.PortMappings, wirePort{
			HostIP: p.HostIP, HostPort: p.HostPort, ContainerPort: port, Range: 1, Protocol: proto,
		})
	}
	return nil
}
