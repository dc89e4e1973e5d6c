package audit

import (
	"slices"
	"strconv"
	"strings"
)

// passing is an option of pasta(1): its letter, whether it has a value, and what that
// bears on.
type passing struct {
	letter  byte
	valued  bool
	matters matter
}

type matter uint8

const (
	itsOwn    matter = iota // addresses, names and sizes of the container's own stack
	opensPort               // it opens ports of the host
	reachesIn               // it leads to the host's loopback address
	writesTo                // it writes a file of the host
	unjudged                // it changes what pasta is, and nobody says how
)

// pastaOptions are those of pasta from 2022 to 2026 by their long names (passt, conf.c),
// and map-gw, which is Podman's own. A test holds them against the installed pasta.
var pastaOptions = map[string]passing{
	"debug": {'d', false, itsOwn}, "trace": {0, false, itsOwn}, "quiet": {'q', false, itsOwn}, "foreground": {'f', false, itsOwn},
	"stderr": {'e', false, itsOwn}, "log-file": {'l', true, writesTo}, "log-size": {0, true, itsOwn}, "runas": {0, true, unjudged},
	"help": {'h', false, itsOwn}, "version": {0, false, itsOwn}, "ns-ifname": {'I', true, itsOwn}, "fd": {'F', true, unjudged},
	"pcap": {'p', true, writesTo}, "pid": {'P', true, writesTo}, "mtu": {'m', true, itsOwn}, "address": {'a', true, itsOwn},
	"netmask": {'n', true, itsOwn}, "mac-addr": {'M', true, itsOwn}, "gateway": {'g', true, itsOwn}, "interface": {'i', true, itsOwn},
	"outbound": {'o', true, itsOwn}, "outbound-if4": {0, true, itsOwn}, "outbound-if6": {0, true, itsOwn}, "dns": {'D', true, itsOwn},
	"search": {'S', true, itsOwn}, "hostname": {'H', true, itsOwn}, "fqdn": {0, true, itsOwn}, "dhcp-dns": {0, false, itsOwn},
	"no-dhcp-dns": {0, false, itsOwn}, "dhcp-search": {0, false, itsOwn}, "no-dhcp-search": {0, false, itsOwn},
	"dns-forward": {0, true, itsOwn}, "dns-host": {0, true, itsOwn}, "no-tcp": {0, false, itsOwn}, "no-udp": {0, false, itsOwn},
	"no-icmp": {0, false, itsOwn}, "no-dhcp": {0, false, itsOwn}, "no-dhcpv6": {0, false, itsOwn}, "no-ndp": {0, false, itsOwn},
	"no-ra": {0, false, itsOwn}, "no-splice": {0, false, itsOwn}, "freebind": {0, false, itsOwn}, "no-map-gw": {0, false, itsOwn},
	"map-gw": {0, false, reachesIn}, "map-host-loopback": {0, true, reachesIn}, "map-guest-addr": {0, true, reachesIn},
	"host-lo-to-ns-lo": {0, false, itsOwn}, "ipv4-only": {'4', false, itsOwn}, "ipv6-only": {'6', false, itsOwn},
	"one-off": {'1', false, unjudged}, "tcp-ports": {'t', true, opensPort}, "udp-ports": {'u', true, opensPort},
	"tcp-ns": {'T', true, reachesIn}, "udp-ns": {'U', true, reachesIn}, "userns": {0, true, unjudged}, "netns": {0, true, unjudged},
	"netns-only": {0, false, itsOwn}, "no-netns-quit": {0, false, itsOwn}, "config-net": {0, false, itsOwn},
	"no-copy-routes": {0, false, itsOwn}, "no-copy-addrs": {0, false, itsOwn}, "ns-mac-addr": {0, true, itsOwn},
	"stats": {0, true, itsOwn}, "socket": {'s', true, unjudged}, "vhost-user": {0, false, unjudged}, "repair-path": {0, true, unjudged},
	"migrate-exit": {0, false, unjudged}, "migrate-no-linger": {0, false, unjudged},
}

// passed is one option of pasta as it was written.
type passed struct {
	said  string // with its value
	value string
	passing
}

// pasta reads its options, which Podman hands on word by word, parted by commas: as
// getopt_long(3) reads them, long ones abbreviated, letters clustered, values attached
// or in the next word. What no such option is comes back as unread.
func pasta(options string) (out []passed, unread []string) {
	words := strings.Split(options, ",")
	for i := 0; i < len(words); i++ {
		w := words[i]
		next := func() (string, bool) {
			if i+1 >= len(words) {
				return "", false
			}
			i++
			return words[i], true
		}
		switch {
		case w == "":
		case w == "--":
			return out, append(unread, words[i+1:]...)
		case strings.HasPrefix(w, "--"):
			p, ok := longOption(w, next)
			if !ok {
				unread = append(unread, w)
				continue
			}
			out = append(out, p)
		case len(w) > 1 && w[0] == '-':
			more, ok := letters(w, next)
			if out = append(out, more...); !ok {
				unread = append(unread, w)
			}
		default:
			unread = append(unread, w)
		}
	}
	return out, unread
}

func longOption(w string, next func() (string, bool)) (passed, bool) {
	name, value, has := strings.Cut(w[2:], "=")
	o, known := pastaOptions[name]
	if !known {
		found := 0
		for long, candidate := range pastaOptions {
			if strings.HasPrefix(long, name) {
				o, found = candidate, found+1
			}
		}
		if found != 1 {
			return passed{}, false
		}
	}
	ok := o.valued || !has
	if o.valued && !has {
		value, ok = next()
		w += " " + value
	}
	return passed{w, value, o}, ok
}

// letters reads a cluster: -qT8080 is -q -T 8080.
func letters(w string, next func() (string, bool)) (out []passed, ok bool) {
	for i := 1; i < len(w); i++ {
		o, known := byLetter(w[i])
		switch {
		case !known:
			return out, false
		case !o.valued:
			out = append(out, passed{"-" + w[i:i+1], "", o})
			continue
		}
		said, value := "-"+w[i:], w[i+1:]
		if value == "" {
			if value, known = next(); !known {
				return out, false
			}
			said += " " + value
		}
		return append(out, passed{said, value, o}), true
	}
	return out, true
}

func byLetter(c byte) (passing, bool) {
	for _, o := range pastaOptions {
		if o.letter == c {
			return o, true
		}
	}
	return passing{}, false
}

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
		out = append(out, portOpened{o.said, reach(ip)})
	}
	return out
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

// bridgeOptions are those of a network with a bridge (podman-run(1), --network).
var bridgeOptions = []string{"alias", "ip", "ip6", "mac", "interface_name", "host_interface_name", "mode"}

// slirpOptions are those of slirp4netns that lead nowhere but to where every container
// gets; allow_host_loopback is judged.
var slirpOptions = []string{"allow_host_loopback", "mtu", "cidr", "enable_ipv6", "outbound_addr", "outbound_addr6", "port_handler"}

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

// inbound lists what the networks of a spec open of the host by themselves.
func inbound(networks []string) (out []portOpened) {
	for _, n := range networks {
		mode, options, _ := strings.Cut(n, ":")
		out = append(out, attachment{mode, options}.opens()...)
	}
	return out
}
