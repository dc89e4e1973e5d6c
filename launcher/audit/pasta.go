package audit

import "strings"

// The options of pasta, read as pasta reads them.

// pasta reads its options, which Podman hands on word by word, parted by commas: as
// getopt_long(3) reads them, long ones abbreviated, letters clustered, values attached
// or in the next word. What no such option is comes back as unread.
func pasta(options string) (out []pastaWord, unread []string) {
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

// pastaWord is one option of pasta as it was written.
type pastaWord struct {
	said  string // with its value
	value string
	pastaOption
}

func longOption(w string, next func() (string, bool)) (pastaWord, bool) {
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
			return pastaWord{}, false
		}
	}
	ok := o.valued || !has
	if o.valued && !has {
		value, ok = next()
		w += " " + value
	}
	return pastaWord{w, value, o}, ok
}

// pastaOptions are those of pasta from 2022 to 2026 by their long names (passt, conf.c),
// and map-gw, which is Podman's own. A test holds them against the installed pasta.
var pastaOptions = map[string]pastaOption{
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

// letters reads a cluster: -qT8080 is -q -T 8080.
func letters(w string, next func() (string, bool)) (out []pastaWord, ok bool) {
	for i := 1; i < len(w); i++ {
		o, known := byLetter(w[i])
		switch {
		case !known:
			return out, false
		case !o.valued:
			out = append(out, pastaWord{"-" + w[i:i+1], "", o})
			continue
		}
		said, value := "-"+w[i:], w[i+1:]
		if value == "" {
			if value, known = next(); !known {
				return out, false
			}
			said += " " + value
		}
		return append(out, pastaWord{said, value, o}), true
	}
	return out, true
}

func byLetter(c byte) (pastaOption, bool) {
	for _, o := range pastaOptions {
		if o.letter == c {
			return o, true
		}
	}
	return pastaOption{}, false
}

// pastaOption is an option of pasta(1): its letter, whether it has a value, and what that
// bears on.
type pastaOption struct {
	letter  byte
	valued  bool
	matters pastaEffect
}

type pastaEffect uint8

const (
	itsOwn    pastaEffect = iota // addresses, names and sizes of the container's own stack
	opensPort                    // it opens ports of the host
	reachesIn                    // it leads to the host's loopback address
	writesTo                     // it writes a file of the host
	unjudged                     // it changes what pasta is, and nobody says how
)
