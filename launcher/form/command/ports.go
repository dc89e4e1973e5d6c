package command

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ports is one published range.
type ports struct {
	ip         string
	host, port int // first of each; host 0 is one the engine chooses
	count      int
	proto      string
}

// noHostPort is said of a port whose address and container port are known all the
// same: a placeholder in a published sample is published somewhere.
const noHostPort = "has no valid host port"

// parsePorts follows specgenutil.CreatePortBindings. why tells what is wrong.
func parsePorts(s string) (p ports, why string) {
	p.proto = "tcp"
	s, proto, has := strings.Cut(s, "/")
	if has {
		p.proto = strings.ToLower(proto)
	}
	if p.proto == "" || strings.Contains(p.proto, "/") {
		return p, "has no protocol"
	}
	hostIP, hasIP := "", false
	if strings.HasPrefix(s, "[") {
		if hostIP, s, hasIP = strings.Cut(s[1:], "]:"); !hasIP {
			return p, "has an address without an end"
		}
	}
	parts := strings.Split(s, ":")
	if len(parts) == 3 && !hasIP {
		hostIP, hasIP, parts = parts[0], true, parts[1:]
	}
	if len(parts) > 2 || hasIP && len(parts) != 2 {
		return p, "is not [[ADDRESS:]HOSTPORT:]PORT"
	}
	if why := p.address(hostIP, hasIP); why != "" {
		return p, why
	}
	first, n, ok := portRange(parts[len(parts)-1])
	if !ok {
		return p, "has no valid port"
	}
	p.port, p.count = first, n
	if len(parts) == 2 && parts[0] != "" {
		return p, p.hostRange(parts[0])
	}
	return p, ""
}

func (p *ports) address(ip string, has bool) string {
	if !has {
		return ""
	}
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Zone() != "" {
		return "has no valid address"
	}
	p.ip = a.Unmap().String()
	return ""
}

func (p *ports) hostRange(s string) string {
	first, n, ok := portRange(s)
	switch {
	case !ok:
		return noHostPort
	case n != p.count && p.count != 1: // docker chooses one of a host range for one port
		return "has ranges of different lengths"
	}
	p.host = first
	if n > 1 && p.count == 1 {
		p.host = 0
	}
	return ""
}

// key names the ports on the container's side, "8000/tcp" or "8000-8010/tcp". A range is
// one setting: it is one word, and has one verdict.
func (p *ports) key(proto string) string {
	if p.count > 1 {
		return fmt.Sprintf("%d-%d/%s", p.port, p.port+p.count-1, proto)
	}
	return fmt.Sprintf("%d/%s", p.port, proto)
}

func portRange(s string) (first, count int, ok bool) {
	a, b, isRange := strings.Cut(s, "-")
	first, ok = portNumber(a)
	if !isRange || !ok {
		return first, 1, ok
	}
	last, ok := portNumber(b)
	return first, last - first + 1, ok && last > first
}

func portNumber(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 16)
	return int(n), err == nil && n > 0
}
