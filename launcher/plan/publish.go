package plan

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// applyPublish publishes the profile's ports on loopback and those of -p where
// it says. -p HOST:NAME replaces the profile's choice for that port only.
func applyPublish(s *container.Spec, p *profile.Profile, o Options) error {
	if network, _, _ := container.Network.Get(s); slices.Contains(network, "none") {
		if len(o.Publish) > 0 {
			return hint.Errorf("leave -p away, or give --network NAME", "publishing %q: the run has no network", o.Publish[0])
		}
		return nil
	}
	own := p.Publish
	if o.InStack != nil && (o.InStack.Gateway == nil || len(o.Publish) > 0) {
		own = nil // a stack names what of it can be reached
	}
	for _, name := range own {
		n, ok := portNumber(p, name)
		if !ok {
			continue
		}
		mark := container.From(p.Origin("publish"))
		container.Publish.Set(s, n+"/tcp", container.Port{HostIP: "127.0.0.1", HostPort: mustPort(n)}, mark)
	}
	for _, arg := range o.Publish {
		key, port, err := parsePublish(p, arg)
		if err != nil {
			return err
		}
		_, was, _ := container.Publish.Get(s, key)
		container.Publish.Set(s, key, port, typed("-p", was))
	}
	return nil
}

// parsePublish reads [ADDRESS:]HOST:NAME, NAME being a port of the profile or a
// number. An IPv6 address stands in brackets.
func parsePublish(p *profile.Profile, arg string) (string, container.Port, error) {
	bad := func(why string) error {
		host, name := "9000", "http"
		if n, err := strconv.ParseUint(arg, 10, 16); err == nil && n > 0 { // only the name is missing
			host = arg
		}
		if names := portNames(p); len(names) > 0 {
			name = names[0]
		}
		return hint.Errorf("write -p HOST:NAME, as -p "+host+":"+name+"; ports of "+p.Name+": "+strings.Join(portNames(p), ", "),
			"reading -p %q: %s", arg, why)
	}
	i := strings.LastIndexByte(arg, ':')
	if i < 0 {
		return "", container.Port{}, bad("no ':'")
	}
	host, name := arg[:i], arg[i+1:]
	n, ok := portNumber(p, name)
	if !ok {
		return "", container.Port{}, bad("no port " + strconv.Quote(name))
	}
	ip := "127.0.0.1"
	if j := strings.LastIndexByte(host, ':'); j >= 0 {
		ip, host = strings.Trim(host[:j], "[]"), host[j+1:]
	}
	if _, err := netip.ParseAddr(ip); err != nil {
		return "", container.Port{}, bad("the address is not an IP address")
	}
	hp, err := strconv.ParseUint(host, 10, 16)
	if err != nil || hp == 0 {
		return "", container.Port{}, bad("the host's port is not a number from 1 to 65535")
	}
	return n + "/tcp", container.Port{HostIP: ip, HostPort: uint16(hp)}, nil
}

func portNumber(p *profile.Profile, name string) (string, bool) {
	for _, port := range p.Ports {
		if port.Name == name {
			return strconv.Itoa(int(port.Number)), true
		}
	}
	n, err := strconv.ParseUint(name, 10, 16)
	return name, err == nil && n > 0
}

func mustPort(n string) uint16 { v, _ := strconv.ParseUint(n, 10, 16); return uint16(v) }

func portNames(p *profile.Profile) []string {
	var out []string
	for _, port := range p.Ports {
		out = append(out, port.Name)
	}
	return out
}
