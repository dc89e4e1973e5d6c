package plan

import (
	"net"
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// URLs lists where the run's published ports answer, in port order.
func (p *Plan) URLs() []record.URL {
	var out []record.URL
	for _, port := range p.Profile.Ports {
		at, _, ok := container.Publish.Get(p.Stated, strconv.Itoa(int(port.Number))+"/tcp")
		if !ok {
			continue
		}
		scheme := "http"
		if port.Name == "grpc" {
			scheme = "grpc"
		}
		if in := p.Options.InStack; in != nil && in.Gateway != nil {
			scheme = "https"
		}
		out = append(out, record.URL{Name: port.Name, URL: scheme + "://" + net.JoinHostPort(reachable(at.HostIP), strconv.Itoa(int(at.HostPort)))})
	}
	return out
}

// reachable turns "every address" into one a client can use.
func reachable(ip string) string {
	if a := net.ParseIP(ip); a == nil || a.IsUnspecified() {
		return "127.0.0.1"
	}
	return ip
}

// ReadyInside is the endpoint of a member of a stack as its own network sees it; "" where
// the host sees it, or there is none.
func ReadyInside(p *Plan) string {
	if p.Options.InStack == nil || p.Profile.Ready == nil || p.ReadyURL() != "" {
		return ""
	}
	n, ok := portNumber(p.Profile, p.Profile.Ready.Port)
	if !ok {
		return ""
	}
	return "http://" + net.JoinHostPort("127.0.0.1", n) + p.Profile.Ready.Path
}

// ReadyURL is the profile's own endpoint as the host sees it; "" when the
// profile has none or its port is not published.
func (p *Plan) ReadyURL() string {
	if p.Profile.Ready == nil {
		return ""
	}
	for _, u := range p.URLs() {
		if u.Name == p.Profile.Ready.Port {
			return u.URL + p.Profile.Ready.Path
		}
	}
	return ""
}
