package audit

import (
	"slices"
	"strings"
)

// pastaInbound are the options by which pasta itself opens ports of the host.
var pastaInbound = []string{"--tcp-ports", "--udp-ports", "-t", "-u"}

// opened is what an option of pasta opens of the host.
type opened struct {
	said  string // as it was written
	scope scope
}

// opens lists what pasta opens of the host: -t all, -u auto, --tcp-ports=8000. It
// does so on every address where the option names none: -t 127.0.0.1/8000.
func (a attachment) opens() (out []opened) {
	if a.mode != "pasta" {
		return nil
	}
	words := strings.Split(a.options, ",")
	for i := 0; i < len(words); i++ {
		w := words[i]
		option := slices.IndexFunc(pastaInbound, func(o string) bool { return strings.HasPrefix(w, o) })
		if option < 0 {
			continue
		}
		value := strings.TrimPrefix(w[len(pastaInbound[option]):], "=")
		if value == "" && i+1 < len(words) {
			i++
			value = words[i]
			w += " " + value
		}
		if value != "none" {
			ip, _, named := strings.Cut(value, "/")
			if ip, _, _ = strings.Cut(ip, "%"); !named {
				ip = ""
			}
			out = append(out, opened{w, reach(ip)})
		}
	}
	return out
}

// inbound lists what the networks of a spec open of the host by themselves.
func inbound(networks []string) (out []opened) {
	for _, n := range networks {
		mode, options, _ := strings.Cut(n, ":")
		out = append(out, attachment{mode, options}.opens()...)
	}
	return out
}
