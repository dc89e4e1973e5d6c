package audit

import (
	"slices"
	"strconv"
	"strings"
)

// What the options of a network open and reach.

// portOpened is what an option of pasta opens of the host.
type portOpened struct {
	said  string // as it was written
	scope scope
}

// opens lists what pasta opens of the host: -t all, -u auto, --tcp-ports=8000. It
// does so on every address where the option names none: -t 127.0.0.1/8000.
func (a attachment) opens() (out []portOpened) {
	if a.mode != "pasta" {
		return nil
	}
	options, _ := pasta(a.options)
	for _, o := range options {
		if o.matters != opensPort || o.value == "none" {
			continue
		}
		ip, _, named := strings.Cut(o.value, "/")
		if ip, _, _ = strings.Cut(ip, "%"); !named {
			ip = ""
		}
		out = append(out, portOpened{o.said, scopeOf(ip)})
	}
	return out
}

// inbound lists what the networks of a spec open of the host by themselves.
func inbound(networks []string) (out []portOpened) {
	for _, n := range networks {
		mode, options, _ := strings.Cut(n, ":")
		out = append(out, attachment{mode, options}.opens()...)
	}
	return out
}

// OpensPorts tells whether a network opens ports of the host by itself, or may: pasta, by its
// options.
func OpensPorts(network string) bool {
	mode, options, _ := strings.Cut(network, ":")
	a := attachment{mode, options}
	return mode == "pasta" && len(a.opens())+len(a.unread()) > 0
}

// files are what pasta writes: a log, a capture of what the workload sends, its pid.
func (a attachment) files() (out []string) {
	if a.mode != "pasta" {
		return nil
	}
	options, _ := pasta(a.options)
	for _, o := range options {
		if o.matters == writesTo {
			out = append(out, o.value)
		}
	}
	return out
}

// unread lists the options of a network of which nothing is known: what they open or
// reach nobody can say.
func (a attachment) unread() (out []string) {
	switch a.mode {
	case "pasta":
		options, unread := pasta(a.options)
		for _, o := range options {
			if o.matters == unjudged {
				unread = append(unread, o.said)
			}
		}
		return unread
	case "container", "ns", "host", "none":
		return nil
	}
	known := bridgeOptions
	if a.mode == "slirp4netns" {
		known = slirpOptions
	}
	for _, o := range strings.Split(a.options, ",") {
		if name, _, _ := strings.Cut(o, "="); name != "" && !slices.Contains(known, name) {
			out = append(out, o)
		}
	}
	return out
}

// bridgeOptions are those of a network with a bridge (podman-run(1), --network).
var bridgeOptions = []string{"alias", "ip", "ip6", "mac", "interface_name", "host_interface_name", "mode"}

// slirpOptions are those of slirp4netns that lead nowhere but to where every container
// gets; allow_host_loopback is judged.
var slirpOptions = []string{"allow_host_loopback", "mtu", "cidr", "enable_ipv6", "outbound_addr", "outbound_addr6", "port_handler"}

// loopbackOption is the option of a user-mode stack that leads to the host's
// loopback address; "" there is none.
func loopbackOption(a attachment) string {
	switch a.mode {
	case "pasta":
		options, _ := pasta(a.options)
		for _, o := range options {
			if o.matters == reachesIn && (o.value != "none" || !o.valued) {
				return o.said
			}
		}
	case "slirp4netns":
		for _, o := range strings.Split(a.options, ",") {
			name, value, has := strings.Cut(o, "=")
			if on, err := strconv.ParseBool(value); name == "allow_host_loopback" && has && (on || err != nil) {
				return o
			}
		}
	}
	return ""
}
