package preflight

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// ports refuses host ports that an ordinary user's engine cannot listen on.
func ports(s Subject) []audit.Problem {
	if !s.local() || s.Host.EUID == 0 {
		return nil
	}
	var out []audit.Problem
	for _, key := range container.Publish.Keys(s.Plan) {
		p, _, _ := container.Publish.Get(s.Plan, key)
		if p.HostPort == 0 || int64(p.HostPort) >= s.Host.FirstPort {
			continue
		}
		inside, _, _ := strings.Cut(key, "/")
		out = append(out, audit.Problem{Setting: container.Path{Key: container.Publish.Key(), Elem: key}, Fatal: true,
			Message: fmt.Sprintf("port %d of this host is privileged: an ordinary user can listen on %d and above", p.HostPort, s.Host.FirstPort),
			Hint:    fmt.Sprintf("-p %d:%s; or ask root: sysctl net.ipv4.ip_unprivileged_port_start=%d", int(p.HostPort)+8000, inside, p.HostPort)})
	}
	return out
}
